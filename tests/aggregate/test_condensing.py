"""Minute values that outlive their seconds give the same hours as the seconds did."""

from array import array

import numpy as np
import pytest

from monitor.aggregate.bulk import hours_of
from monitor.aggregate.columns import Columns
from monitor.aggregate.condensing import merged_minutes
from monitor.aggregate.kernels import hours_of_minutes
from monitor.aggregate.rules import Calls, DeviceRules
from monitor.domain.readings import ReadingColumns, Series, minutes_of

H = 3_600
T0 = 1_700_000_000 // H * H
SERIES = [
    Series("d", "CUBE_T_STD", "a"),
    Series("d", "CUBE_T_STD", "b"),
    Series("d", "CUBE_T_ENH", "a"),
    Series("d", "CUBE_T_VGW", "a"),
    Series("d", "AGG", "a"),
    Series("d", "CALLS", "a"),
    Series("d", "CUBE_T_STD", minutes_of("cli")),
    Series("d", "CUBE_T_RED", minutes_of("cli")),
    Series("d", "AGG", minutes_of("cli")),
]
RULES = [
    DeviceRules(),
    DeviceRules(excluded=frozenset({"a"})),
    DeviceRules(calls=Calls.AGGREGATE, legs=2),
]


def random_rows(seed: int) -> list[tuple[Series, int, int]]:
    chance = np.random.default_rng(seed)
    chosen = [series for series in SERIES if chance.random() < 0.6]
    rows: list[tuple[Series, int, int]] = []
    for series in chosen:
        step = 60 if series.source.endswith("-minutes") else 1
        share = 0.5 if step > 1 else float(chance.choice([0.01, 0.3]))
        seconds = np.flatnonzero(chance.random(2 * H // step) < share) * step
        counts = chance.integers(0, 50, len(seconds))
        rows += [(series, *row) for row in zip(seconds.tolist(), counts.tolist(), strict=True)]
    return rows


@pytest.mark.parametrize("rules", RULES, ids=["plain", "excluded", "calls"])
@pytest.mark.parametrize("seed", range(6))
def test_hours_of_the_minutes_are_the_hours_of_the_seconds(seed: int, rules: DeviceRules) -> None:
    rows = random_rows(seed)
    series = list(dict.fromkeys(row[0] for row in rows))
    columns = ReadingColumns(
        series=series,
        which=array("I", [series.index(row[0]) for row in rows]),
        seconds=array("q", [T0 + row[1] for row in rows]),
        counts=array("q", [row[2] for row in rows]),
    )
    dense = {one: np.full((2, H), -1, np.int32) for one in series}
    for one, second, count in rows:
        dense[one].reshape(-1)[second] = count

    expected = {}
    for name, hour_rows in hours_of(Columns.of(columns), lambda _: rules):
        for _, hour in hour_rows.hours():
            expected[name.tag, hour.start] = (hour.units, hour.seconds, hour.minutes)
    found = {}
    for tag, (values, seconds) in merged_minutes(dense, rules).items():
        hours = hours_of_minutes(values, seconds)
        for at in range(2):
            if hours.units[at] >= 0:
                found[tag, T0 + at * H] = (
                    int(hours.units[at]), int(hours.seconds[at]), int(hours.minutes[at])
                )  # fmt: skip
    assert found == expected


def test_nothing_is_nothing() -> None:
    assert merged_minutes({}, DeviceRules()) == {}
