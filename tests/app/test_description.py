"""The OpenAPI description of the whole monitor: an example for each call, and each one true."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from monitor.app import Service
from monitor.config import Config

METHODS = {"get", "post", "put", "delete", "patch"}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Any:
    directory: Path = tmp_path_factory.mktemp("monitor")
    wanted = {"store": {"directory": directory}, "collect": [], "http": {"port": 0}}
    service = Service(Config.model_validate(wanted))

    async def began_and_ended() -> None:
        stop = asyncio.Event()
        stop.set()
        await service.run(stop)

    described = service.app.openapi()
    asyncio.run(began_and_ended())
    return described


def operations(said: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in said["paths"].items():
        for method in methods.keys() & METHODS:
            yield f"{method} {path}", methods[method]


def media(operation: Any) -> Iterator[Any]:
    yield from operation.get("requestBody", {}).get("content", {}).values()
    yield from operation["responses"].get("200", {}).get("content", {}).values()


def test_every_call_has_an_example(said: Any) -> None:
    for name, operation in operations(said):
        shown = [*operation.get("parameters", []), *media(operation)]
        assert any("example" in one or "examples" in one for one in shown), name


def test_every_example_is_one_of_its_schema(said: Any) -> None:
    checked = 0
    for name, operation in operations(said):
        for one in [*operation.get("parameters", []), *media(operation)]:
            if "example" in one and "schema" in one:
                schema = {**one["schema"], "components": said["components"]}
                found = [
                    error.message for error in jsonschema_rs.iter_errors(schema, one["example"])
                ]
                assert found == [], name
                checked += 1
    assert checked > 50
