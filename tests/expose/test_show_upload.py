"""`POST /api/v1/show`: captured output in, guarded and bounded like every writing call."""

from collections.abc import Sequence
from typing import Any

import pytest

from monitor.expose.api import accept_captures
from monitor.expose.routes import show
from monitor.wire import ShowCapture

TEXT = "cube-1#show clock\n14:20:11.052 UTC Wed May 20 2026\n"


@pytest.fixture
def taken(face: Any) -> list[ShowCapture]:
    """What was handed on."""
    captures: list[ShowCapture] = []

    async def take(some: Sequence[ShowCapture]) -> None:
        captures.extend(some)

    accept_captures(face.app, take)
    return captures


def test_output_is_handed_on_with_its_time_and_zones(face: Any, taken: list[ShowCapture]) -> None:
    path = "/api/v1/show?device=cube-1&received=2026-05-20T14:20:11Z&zone=IST=19800&zone=X=-3600"
    answer = face.ask("POST", path, content=TEXT)
    assert answer.status_code == 200
    assert answer.json() == {
        "device": "cube-1",
        "received": "2026-05-20T14:20:11Z",
        "characters": len(TEXT),
    }
    (capture,) = taken
    assert (capture.device, capture.received, capture.text) == ("cube-1", 1_779_286_811, TEXT)
    assert capture.zones == {"IST": 19_800, "X": -3600}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("device=", 400),
        ("device=a&received=soon", 400),
        ("device=a&received=2999-01-01T00:00:00Z", 400),
        ("device=a&zone=IST", 400),
        ("device=a&zone=IST=%2B05:30", 400),
        ("device=a&zone=IST=99999", 400),
    ],
)
def test_nonsense_is_refused(face: Any, taken: list[ShowCapture], query: str, status: int) -> None:
    assert face.ask("POST", f"/api/v1/show?{query}", content=TEXT).status_code == status
    assert not taken


def test_too_much_is_refused(
    face: Any, taken: list[ShowCapture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "LARGEST", 10)
    assert face.ask("POST", "/api/v1/show?device=a", content=TEXT).status_code == 413
    assert not taken


def test_other_web_pages_cannot_bring_output(face: Any, taken: list[ShowCapture]) -> None:
    answer = face.ask(
        "POST",
        "/api/v1/show?device=a",
        content=TEXT,
        headers={"Origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 403
    assert not taken
