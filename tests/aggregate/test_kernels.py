"""Dense seconds to minute and hour values."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike, NDArray

from monitor.aggregate.kernels import (
    aggregate_seconds,
    hour_values,
    merged,
    minute_values,
    sessions,
)


def hour(readings: dict[int, int], kind: DTypeLike = np.int32) -> NDArray[Any]:
    """One hour with these seconds; the rest is absent."""
    empty = np.iinfo(np.dtype(kind).type).max if np.dtype(kind).kind == "u" else -1
    row = np.full((1, 3600), empty, kind)
    for second, count in readings.items():
        row[0, second] = count
    return row


KINDS = pytest.mark.parametrize("kind", [np.int32, np.uint16, np.int64, np.uint32])


@KINDS
@pytest.mark.parametrize(
    ("counts", "sixths"),
    [
        ([10, 12, 11, 9, 40], 21 * 6),
        ([7], 7 * 6),
        ([7, 8], 7 * 3 + 8 * 3),
        ([0, 0, 0], 0),
        ([1, 0, 0, 0], 2),
        ([5, 5, 5, 5, 6], 32),
    ],
)
def test_a_minute_is_the_mean_of_its_three_highest(
    kind: DTypeLike, counts: list[int], sixths: int
) -> None:
    dense = hour(dict(enumerate(counts, start=120)), kind)
    values = minute_values(dense)
    assert values[0, 2] == sixths
    assert (np.delete(values[0], 2) == -1).all()


@KINDS
def test_an_hour_is_the_mean_of_its_three_highest_minutes(kind: DTypeLike) -> None:
    dense = hour({0: 21, 60: 9, 61: 9, 120: 9, 3599: 6}, kind)
    values = hour_values(dense)
    assert values.units.tolist() == [13 * 36]
    assert values.seconds.tolist() == [5]
    assert values.minutes.tolist() == [4]


@KINDS
def test_an_hour_without_readings_has_no_value(kind: DTypeLike) -> None:
    values = hour_values(np.concatenate([hour({}, kind), hour({5: 0}, kind)]))
    assert values.units.tolist() == [-1, 0]
    assert values.seconds.tolist() == [0, 1]
    assert values.minutes.tolist() == [0, 1]
    assert len(values) == 2


def test_many_hours_are_worked_as_each_alone() -> None:
    random = np.random.default_rng(1)
    dense = random.integers(-1, 900, (300, 3600), np.int32)
    together = hour_values(dense)
    for at in (0, 111, 112, 299):
        alone = hour_values(dense[at : at + 1])
        assert together.units[at] == alone.units[0]
        top = np.sort(dense[at].reshape(60, 60), axis=1)[:, -3:].sum(axis=1)
        assert alone.units[0] == 4 * np.sort(top)[-3:].sum()
        assert together.seconds[at] == (dense[at] >= 0).sum()


def test_no_hours_are_no_values() -> None:
    assert len(hour_values(np.empty((0, 3600), np.int32))) == 0


def test_the_highest_counts_do_not_overflow() -> None:
    highest = np.iinfo(np.int32).max
    values = hour_values(np.full((1, 3600), highest, np.int32))
    assert values.units.tolist() == [highest * 36]


def test_of_several_sources_the_highest_counts() -> None:
    both = merged([hour({1: 5, 2: 7}), hour({2: 6, 3: 0})])
    assert both[0, :5].tolist() == [-1, 5, 7, 0, -1]


def test_the_aggregate_is_the_sum_where_all_tags_of_the_minute_have_a_reading() -> None:
    standard = hour({0: 1, 1: 2, 2: 3, 60: 4, 120: 0})
    enhanced = hour({1: 10, 2: 20, 3: 30, 180: 7})
    total = aggregate_seconds([standard, enhanced], [])
    known = {at: int(total[0, at]) for at in np.flatnonzero(total[0] >= 0)}
    assert known == {1: 12, 2: 23, 60: 4, 120: 0, 180: 7}


def test_full_tags_are_summed() -> None:
    full = np.ones((1, 3600), np.int32)
    assert (aggregate_seconds([full, full * 2, full * 3], []) == 6).all()


def test_the_aggregate_of_one_tag_is_that_tag() -> None:
    standard = hour({0: 1})
    assert aggregate_seconds([standard], []) is standard


def test_readings_named_aggregate_join_it() -> None:
    total = aggregate_seconds([hour({0: 1, 1: 9}), hour({1: 1})], [hour({0: 5, 1: 4, 70: 6})])
    known = {at: int(total[0, at]) for at in np.flatnonzero(total[0] >= 0)}
    assert known == {0: 5, 1: 10, 70: 6}


def test_the_aggregate_does_not_overflow() -> None:
    full = np.full((2, 3600), np.iinfo(np.int32).max, np.int32)
    assert (aggregate_seconds([full, full], []) == 2 * np.iinfo(np.int32).max).all()


def test_calls_become_sessions_rounded_up() -> None:
    calls = np.concatenate([hour({0: 5, 1: 0}), hour({0: 5})])
    counted = sessions(calls, np.array([2, 1]))
    assert counted[0, :3].tolist() == [3, 0, -1]
    assert counted[1, 0] == 5
    assert sessions(calls, np.array([1, 1])) is calls
