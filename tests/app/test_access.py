"""Every route of the whole service is refused without a token, and by role."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

from monitor.app import Service
from monitor.config import Config

TOKENS = {"read": "the-token-of-prometheus-0001", "operate": "the-token-of-the-noc-00000002"}
OPEN = {("GET", "/-/healthy"), ("HEAD", "/-/healthy")}
ROUTES_AT_LEAST = 24
READING = {"GET", "HEAD"}


def configured(directory: Path) -> Config:
    for role, token in TOKENS.items():
        (directory / role).write_text(token)
    return Config.model_validate(
        {
            "collect": [],
            "store": {"directory": str(directory / "data")},
            "http": {
                "port": 0,
                "tokens": [
                    {"name": role, "role": role, "token": {"file": str(directory / role)}}
                    for role in TOKENS
                ],
            },
        }
    )


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Every (method, path), from the description and from the application itself."""
    told = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    # Routers that were included do not know their prefix: what is not described stands at the top.
    more = {
        (method, path)
        for method, path in _declared(app.routes)
        if not any(known == method and whole.endswith(path) for known, whole in told)
    }
    return told | more | {("GET", "/")}


def _declared(found: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in found:
        if isinstance(route, Route):
            yield from ((method, route.path) for method in route.methods or ())
        else:
            yield from _declared(getattr(route, "original_router").routes)  # noqa: B009 - FastAPI types it not


async def statuses(client: httpx.AsyncClient, method: str, path: str) -> dict[str, httpx.Response]:
    shown = {"none": {}, "wrong": {"authorization": "Bearer not-a-token-of-anybody"}} | {
        role: {"authorization": f"Bearer {token}"} for role, token in TOKENS.items()
    }
    return {
        who: await client.request(method, path, headers=headers) for who, headers in shown.items()
    }


def test_every_route_is_refused_without_a_token_and_by_role(tmp_path: Path) -> None:
    async def scene() -> int:
        service, stop = Service(configured(tmp_path)), asyncio.Event()
        running = asyncio.create_task(service.run(stop))
        await service.ready.wait()
        tried = sorted(routes(service.app) - OPEN)
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{service.port}", timeout=20
            ) as client:

                async def one(method: str, template: str) -> None:
                    _check(method, template, await statuses(client, method, _filled(template)))

                await asyncio.gather(*(one(*each) for each in tried))
                assert (await client.get("/-/healthy")).status_code == 200
        finally:
            stop.set()
            await running
        return len(tried)

    assert asyncio.run(scene()) >= ROUTES_AT_LEAST


def _filled(template: str) -> str:
    return template.replace(":path}", "}").replace("{", "").replace("}", "")


def _check(method: str, path: str, got: dict[str, httpx.Response]) -> None:
    call = f"{method} {path}"
    for who in ("none", "wrong"):
        assert got[who].status_code == 401, (call, who)
        assert "realm=" in got[who].headers["www-authenticate"], call
    if method in READING:
        assert got["read"].status_code not in {401, 403}, call
    else:
        assert got["read"].status_code == 403, call
    assert got["operate"].status_code not in {401, 403}, call
