"""Pages by cursor: all of a list, each item once, whatever comes or goes meanwhile."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.device import Device


def walk(face: Any, path: str, **query: Any) -> list[Any]:
    found: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        body = face.json(f"/api/v1/{path}", **query, **cursor)
        found += body[path]
        if body["next"] is None:
            return found
        cursor = {"cursor": body["next"]}


@pytest.mark.parametrize("path", ["devices", "findings"])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_give_everything_once_in_order(face: Any, path: str, limit: int) -> None:
    whole = face.json(f"/api/v1/{path}")[path]
    assert walk(face, path, limit=limit) == whole


def test_what_comes_before_the_place_moves_nothing(face: Any) -> None:
    first = face.json("/api/v1/devices", limit=1)
    state = face.fleet.devices[0]
    another = replace(state, device=Device(id="aachen"))
    face.fleet = replace(face.fleet, devices=[another, *face.fleet.devices])
    second = face.json("/api/v1/devices", limit=1, cursor=first["next"])
    assert [first["devices"][0]["id"], second["devices"][0]["id"]] == ["berlin", "oslo"]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "!!", "W10", base64.b64encode(b"[" * 900).decode(), "eyJhIjogMX0",
     base64.urlsafe_b64encode(json.dumps([1]).encode()).decode(),
     base64.urlsafe_b64encode(json.dumps(["a", "b"]).encode()).decode()],
)  # fmt: skip
def test_a_place_that_is_none_of_ours_is_refused(face: Any, cursor: str) -> None:
    for path in ("devices", "findings"):
        answered = face.get(f"/api/v1/{path}", cursor=cursor)
        assert answered.status_code == 400
        assert answered.json()["detail"].startswith("cursor")
