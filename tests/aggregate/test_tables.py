"""The four tables: seconds, minutes, hours and days of a kind of trunk licence."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from monitor.aggregate.tables import Cell, Window, graph, rows, stats
from monitor.domain.readings import Series, minutes_of

DAY = 86_400
START = 19_000 * DAY
H = 3_600
Seconds = NDArray[np.int32]


def dense(hours: int, readings: Mapping[int, int]) -> Seconds:
    row = np.full(hours * H, -1, np.int32)
    for second, count in readings.items():
        row[second] = count
    return row.reshape(hours, H)


def tables(readings: Mapping[int, int], now: int, hours: int = 1) -> Mapping[Window, object]:
    (found,) = [
        one
        for one in stats(
            {Series("d", "CUBE_T_STD", "s"): dense(hours, readings)}, START, START + now
        )
        if one.kind == "Standard"
    ]
    return found.tables


def test_seconds_are_the_newest_first() -> None:
    found = tables({0: 1, 58: 4, 59: 5}, now=60)
    assert found[Window.SECONDS] == (Cell(5, 5), Cell(4, 4), *[None] * 57, Cell(1, 1))


def test_a_minute_has_the_mean_of_three_and_of_all() -> None:
    found = tables({0: 10, 1: 12, 2: 11, 3: 9, 4: 40}, now=119)
    assert found[Window.MINUTES] == (Cell(16, 21), *[None] * 59)


def test_an_hour_has_its_highest_minute_and_the_mean_of_the_averages() -> None:
    found = tables({0: 10, 60: 21, 61: 20}, now=2 * H + 5, hours=2)
    assert found[Window.HOURS] == (None, Cell(15, 21), *[None] * 70)


def test_a_day_has_its_highest_hour() -> None:
    found = tables({0: 10, 5 * H: 30}, now=3 * DAY - 1, hours=24)
    assert found[Window.DAYS] == (None, Cell(20, 30), *[None] * 70)


def test_what_is_not_over_and_what_is_not_stored_is_unknown() -> None:
    found = tables({0: 10}, now=30)
    assert found[Window.MINUTES] == (None,) * 60
    later = tables({0: 10}, now=9 * H)
    assert later[Window.SECONDS] == (None,) * 60
    assert later[Window.HOURS] == (*[None] * 8, Cell(10, 10), *[None] * 63)


def test_days_begin_at_midnight_also_where_the_history_does_not() -> None:
    seconds = {Series("d", "CUBE_T_STD", "s"): dense(30, {0: 7, 25 * H: 9})}
    found = stats(seconds, START + 20 * H, START + 3 * DAY)
    assert found[0].tables[Window.DAYS][:4] == (None, Cell(9, 9), Cell(7, 7), None)


def test_kinds_are_summed_over_both_families_and_device_minutes_left_out() -> None:
    found = stats(
        {
            Series("d", "CUBE_T_STD", "s"): dense(1, {0: 2}),
            Series("d", "CUBE_TS_STD", "s"): dense(1, {0: 3}),
            Series("d", "CUBE_T_ENH", "s"): dense(1, {0: 4}),
            Series("d", "AGG", minutes_of("cli")): dense(1, {0: 50}),
            Series("d", "CUBE_T_RED", "x"): dense(1, {0: 60}),
        },
        START,
        START + 1,
        excluded=frozenset({"x"}),
    )
    assert {one.kind: one.tables[Window.SECONDS][0] for one in found} == {
        "Standard": Cell(5, 5),
        "Enhanced": Cell(4, 4),
        "Aggregate": Cell(9, 9),
    }


def test_readings_of_the_aggregate_alone_make_its_tables() -> None:
    found = stats({Series("d", "AGG", "s"): dense(1, {0: 5})}, START, START + 1)
    assert [(one.kind, one.tables[Window.SECONDS][0]) for one in found] == [
        ("Aggregate", Cell(5, 5))
    ]


def test_rows_take_five_and_leave_unknown_ones_out() -> None:
    cells = (Cell(1, 2), None, Cell(2, 9), None, None, *[None] * 5, Cell(3, 4), Cell(0, 0))
    assert rows(cells) == [(1, 5, Cell(2, 9)), (6, 10, None), (11, 12, Cell(2, 4))]


def test_a_graph_shows_averages_to_its_step() -> None:
    drawn = graph((Cell(14, 100), Cell(16, 100), Cell(0, 0), None, Cell(4, 7)))
    assert drawn.step == 10
    assert drawn.maxima == (100, 100, 0, None, 7)
    assert drawn.averages == (10, 20, 0, None, None)
