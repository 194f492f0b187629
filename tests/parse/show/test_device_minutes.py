"""Device minutes out of the graph of the last 60 minutes."""

import pytest

from monitor.aggregate.drawing import graph_text
from monitor.aggregate.tables import Cell, Cells, StatsOf, Window
from monitor.domain.readings import ReadingColumns, Series
from monitor.parse.show import read
from monitor.parse.show.device_minutes import Newest, device_minutes

NOW = 1_700_006_400
CELLS: Cells = (Cell(1, 7), None, Cell(0, 0), *[None] * 56, Cell(2, 3))
SHORT: Cells = (None, *CELLS[:-2], None)


def drawing(kind: str = "Standard", cells: Cells = CELLS, window: Window = Window.MINUTES) -> str:
    return graph_text([StatsOf(kind=kind, tables={window: cells})], NOW + 37)


def minutes(
    text: str, received: float = NOW + 40, *, live: bool = True, newest: Newest = Newest.FIRST
) -> tuple[list[Series], dict[int, int]]:
    found = device_minutes(
        read(text), device="d", source="cli", received=received, live=live, newest=newest
    )
    return list(found.series), dict(zip(found.seconds, found.counts, strict=True))


def test_the_first_column_is_the_last_whole_minute() -> None:
    series, found = minutes(drawing())
    assert series == [Series("d", "CUBE_T_STD", "cli-minutes")]
    assert found == {NOW - 60: 7, NOW - 180: 0, NOW - 3_600: 3}


def test_the_last_column_is_where_the_setting_says_so() -> None:
    _, found = minutes(drawing(), newest=Newest.LAST)
    assert found == {NOW - 60: 3, NOW - 58 * 60: 0, NOW - 3_600: 7}


def test_a_clock_far_off_is_not_believed() -> None:
    _, found = minutes(drawing(), received=NOW + 7_200)
    assert max(found) == NOW + 7_200 - 60


def test_an_unknown_zone_leaves_the_time_of_reception() -> None:
    _, found = minutes(drawing().replace(" UTC", " IST"), received=NOW + 7_200)
    assert max(found) == NOW + 7_200 - 60


@pytest.mark.parametrize(
    ("kind", "tag"), [("Enhanced", "CUBE_T_ENH"), ("Aggregate", "AGG"), ("Redundant", "CUBE_T_RED")]
)
def test_kinds_are_tags(kind: str, tag: str) -> None:
    assert minutes(drawing(kind))[0][0].tag == tag
    assert minutes(drawing().replace("Standard ", ""))[0][0].tag == "AGG"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(line.strip() for line in drawing(cells=SHORT).splitlines()),
        drawing().partition("\n")[2],
        drawing("Purple"),
        drawing(cells=(Cell(1, 2),) * 72, window=Window.HOURS),
        drawing().replace("(last 60 minutes)", ""),
        "c#show clock\n09:12:13.441 UTC Sat Feb 3 2024\n",
    ],
)
def test_what_has_no_sure_place_is_no_minute(text: str) -> None:
    assert minutes(text) == ([], {})


def test_an_old_capture_is_placed_by_its_own_time_alone() -> None:
    _, found = minutes(drawing(), received=NOW + 7_200, live=False)
    assert max(found) == NOW - 60
    assert minutes(drawing().replace(" UTC", " IST"), live=False) == ([], {})
    assert minutes(drawing(), received=NOW - 7_200, live=False) == ([], {})


def test_an_empty_session_tells_nothing() -> None:
    nothing: ReadingColumns = device_minutes([], device="d", source="cli", received=NOW, live=True)
    assert len(nothing) == 0
