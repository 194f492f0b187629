"""`GET /readings`: stored readings, merged, as JSON and as lines, never cut off."""

from array import array
from collections.abc import Callable
from typing import Any

import pytest

from monitor.domain.readings import ReadingColumns, Series
from monitor.expose.routes import readings as readings_route

STD = Series("berlin", "CUBE_T_STD", "lab")
ENH = Series("berlin", "CUBE_T_ENH", "lab")


def problem(answered: Any, status: int) -> Any:
    assert answered.status_code == status, answered.text
    assert answered.headers["content-type"] == "application/problem+json"
    body = answered.json()
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    return body


def ask_readings(face: Any, **more: Any) -> Any:
    return face.get("/api/v1/readings", device="berlin", start="100", end="200", **more)


def test_readings_of_several_batches_are_merged_by_maximum(
    face: Any, make_columns: Callable[..., ReadingColumns]
) -> None:
    face.shelf.columns = [
        make_columns((STD, 102, 70_000), (ENH, 101, 1), (STD, 101, 2)),
        make_columns((STD, 102, 5), (STD, 100, 0)),
    ]
    assert ask_readings(face).json() == {
        "series": [
            {**ENH._asdict(), "seconds": [101], "counts": [1]},
            {**STD._asdict(), "seconds": [100, 101, 102], "counts": [0, 2, 70_000]},
        ]
    }
    assert face.shelf.asked == [
        {"device": "berlin", "tag": None, "source": None, "start": 100, "end": 200}
    ]


def test_readings_as_lines_can_be_brought_back(
    face: Any, make_columns: Callable[..., ReadingColumns]
) -> None:
    face.shelf.columns = [make_columns((STD, 101, 2))]
    answered = ask_readings(face, format="lines")
    assert answered.headers["content-type"] == "application/x-ndjson"
    assert answered.text == (
        '{"device": "berlin", "tag": "CUBE_T_STD", "source": "lab",'
        ' "time": "1970-01-01T00:01:41Z", "count": 2}\n'
    )


def test_too_many_readings_are_refused_and_not_cut_off(
    face: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings_route, "MOST_READINGS", 10)
    face.shelf.columns = [
        ReadingColumns(
            series=[STD],
            which=array("I", [0] * 11),
            seconds=array("q", range(11)),
            counts=array("q", [1] * 11),
        )
    ]
    assert "shorter" in problem(ask_readings(face), 413)["detail"]


def test_more_queries_for_readings_than_memory_allows_are_asked_to_come_back(
    face: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings_route, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(readings_route, "_PATIENCE_SECONDS", 0.0)
    problem(ask_readings(type(face)()), 503)
