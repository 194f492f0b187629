"""Columns in any order to hours: layouts, sorting, sparse and wide data, huge counts."""

from array import array
from collections.abc import Sequence

import numpy as np
import pytest

from monitor.aggregate import columns as columns_module
from monitor.aggregate.bulk import hours_of, measure
from monitor.aggregate.chain import Name
from monitor.aggregate.columns import Columns
from monitor.aggregate.rules import DeviceRules
from monitor.domain.readings import ReadingColumns, Series

BASE = 1_700_006_400
H = 3_600
STD, ENH = "CUBE_T_STD", "CUBE_T_ENH"
RULES = DeviceRules(periods=((0, 8),))

Found = dict[tuple[str, str], list[tuple[int, int, int]]]


def rules(device: str) -> DeviceRules:
    del device
    return RULES


def columns(series: Sequence[Series], rows: Sequence[tuple[int, int, int]]) -> Columns:
    which, seconds, counts = (np.array(each, np.int64) for each in zip(*rows, strict=True))
    return Columns(series=series, which=which, seconds=seconds, counts=counts)


def found(given: Columns) -> Found:
    return {
        (name.device, name.tag): [
            (start, units, seconds)
            for start, units, seconds in zip(
                rows.starts.tolist(),
                rows.values.units.tolist(),
                rows.values.seconds.tolist(),
                strict=True,
            )
        ]
        for name, rows in hours_of(given, rules)
    }


def shuffled(given: Columns, seed: int) -> Columns:
    order = np.random.default_rng(seed).permutation(len(given.seconds))
    return Columns(
        series=given.series,
        which=given.which[order],
        seconds=given.seconds[order],
        counts=given.counts[order],
    )


@pytest.fixture
def fleet() -> Columns:
    """Six devices with two tags, three hours of every tenth second, series by series."""
    series = [Series(f"d{at}", tag, "s") for at in range(6) for tag in (STD, ENH)]
    seconds = BASE + np.arange(0, 3 * H, 10)
    which = np.repeat(np.arange(len(series)), len(seconds))
    counts = np.random.default_rng(4).integers(0, 500, len(which))
    return Columns(series=series, which=which, seconds=np.tile(seconds, len(series)), counts=counts)


def test_any_order_and_any_size_of_blocks_gives_the_same_hours(
    fleet: Columns, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = found(fleet)
    assert len(whole) == 18
    assert {len(rows) for rows in whole.values()} == {3}
    monkeypatch.setattr(columns_module, "_BLOCK_ROWS", 2)
    monkeypatch.setattr(columns_module, "_CHUNK", 64)
    by_time = np.argsort(fleet.seconds, kind="stable")
    in_time_order = Columns(
        series=fleet.series,
        which=fleet.which[by_time],
        seconds=fleet.seconds[by_time],
        counts=fleet.counts[by_time],
    )
    assert found(fleet) == whole
    assert found(in_time_order) == whole
    assert found(shuffled(fleet, 1)) == whole
    monkeypatch.setattr(columns_module, "_TABLE", 1)
    assert found(fleet) == whole
    assert found(shuffled(fleet, 2)) == whole


def test_the_same_readings_again_change_nothing(fleet: Columns) -> None:
    twice = Columns(
        series=fleet.series,
        which=np.append(fleet.which, fleet.which),
        seconds=np.append(fleet.seconds, fleet.seconds),
        counts=np.append(fleet.counts, fleet.counts // 2),
    )
    assert found(shuffled(twice, 3)) == found(fleet)


def test_two_readings_centuries_apart_cost_two_hours() -> None:
    series = [Series("d", STD, "s")]
    early, late = -60 * 365 * 86_400, 250 * 365 * 86_400
    hours = found(columns(series, [(0, late + 5, 7), (0, early + 5, 8)]))
    assert hours["d", STD] == [(early, 8 * 36, 1), (late, 7 * 36, 1)]
    usage = measure(columns(series, [(0, late + 5, 7), (0, early, 8)]), rules, until=late + H)
    assert len(usage[1].measurements) == 1
    assert len(usage[1].gaps) == 1


def test_counts_beyond_32_bits_are_exact() -> None:
    series = [Series("d", STD, "s"), Series("d", ENH, "s")]
    hours = found(columns(series, [(0, BASE, 10**12), (1, BASE, 1)]))
    assert hours["d", "AGG"] == [(BASE, 36 * (10**12 + 1), 1)]


def test_excluded_sources_are_left_out() -> None:
    series = [Series("d", STD, "good"), Series("d", STD, "bad"), Series("d", ENH, "bad")]
    given = columns(series, [(0, BASE, 1), (1, BASE, 9), (2, BASE, 9)])
    picky = DeviceRules(excluded=frozenset({"bad"}))
    assert [name for name, _ in hours_of(given, lambda _: picky)] == [("d", "AGG"), ("d", STD)]
    nothing = DeviceRules(excluded=frozenset({"bad", "good"}))
    assert measure(given, lambda _: nothing) == []


def test_sources_of_a_tag_are_merged() -> None:
    series = [Series("d", STD, "a"), Series("d", STD, "b")]
    given = columns(series, [(0, BASE, 1), (1, BASE, 9), (1, BASE + 1, 2)])
    assert found(given)["d", STD] == [(BASE, 3 * 36 * (9 + 2) // 6, 2)]


def test_devices_have_their_own_phase() -> None:
    series = [Series("d", STD, "s"), Series("e", STD, "s")]
    given = columns(series, [(0, BASE + 60, 1), (1, BASE + 60, 1)])
    by_device = {"d": DeviceRules(phase_minutes=1), "e": DeviceRules(phase_minutes=2)}
    starts = {name: int(rows.starts[0]) for name, rows in hours_of(given, by_device.__getitem__)}
    assert starts[Name("d", STD)] == BASE + 60
    assert starts[Name("e", STD)] == BASE + 120 - H


def test_an_aggregate_that_is_never_known_is_not_there() -> None:
    series = [Series("d", STD, "s"), Series("d", ENH, "s")]
    assert ("d", "AGG") not in found(columns(series, [(0, BASE, 1), (1, BASE + 1, 1)]))


def test_the_newest_reading_is_the_end_of_a_file_that_names_none() -> None:
    series = [Series("d", "X", "s"), Series("e", "X", "s")]
    given = columns(series, [(0, BASE, 5), (1, BASE + 8 * H, 5)])
    first, second = measure(given, rules)
    assert [m.value for m in first.measurements] == [5]
    assert second.measurements == ()
    assert second.open is not None
    assert second.open.value is None


def test_readings_from_before_the_origin_belong_to_no_period() -> None:
    series = [Series("d", "X", "s")]
    given = columns(series, [(0, BASE, 50), (0, BASE + 2 * H, 5)])
    (usage,) = measure(given, rules, until=BASE + 12 * H, origins={Name("d", "X"): BASE + H})
    assert [(m.start, m.value) for m in usage.measurements] == [(BASE + H, 5)]
    assert len(usage.hours.starts) == 2


def test_reading_columns_are_taken_as_they_are() -> None:
    given = ReadingColumns(
        series=[Series("d", "X", "s")],
        which=array("I", [0]),
        seconds=array("q", [BASE]),
        counts=array("q", [3]),
    )
    assert found(Columns.of(given)) == {("d", "X"): [(BASE, 108, 1)]}
    assert measure(Columns.of(ReadingColumns(series=[])), rules) == []
