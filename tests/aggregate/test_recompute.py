"""Working a device out again: reasons to differ that need a store made by hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from monitor.aggregate.causes import Cause, hour_cause
from monitor.aggregate.chain import Hour
from monitor.aggregate.columns import dense_seconds
from monitor.aggregate.past import Minutes
from monitor.aggregate.recompute import Recomputed, recompute
from monitor.aggregate.rules import DeviceRules
from monitor.domain.levels import Level
from monitor.domain.measurement import HourValue, Measurement, Reason
from monitor.domain.readings import MERGED, ReadingColumns, Series

BASE = 1_700_006_400
H = 3_600
TAG = "CUBE_T_STD"
RULES = DeviceRules(periods=((0, 8),))


@dataclass
class Store:
    """A store that is what a test says."""

    seconds: dict[tuple[str, int], int] = field(default_factory=dict)
    """(source, hour from the base) -> sessions in every second of it."""
    kept: dict[int, HourValue] = field(default_factory=dict)
    recorded: list[Measurement] = field(default_factory=list)
    begun: int | None = BASE
    gone: set[int] = field(default_factory=set)
    by_minute: dict[Series, Minutes] = field(default_factory=dict)
    marks: list[tuple[str, int]] = field(default_factory=list)

    def origin(self, device: str, tag: str) -> int | None:
        return self.begun if tag == TAG else None

    def checkpoint(self, device: str, tag: str, at: int) -> Measurement | None:
        mine = [one for one in self.recorded if tag == TAG and one.end <= at]
        return max(mine, key=lambda one: one.end, default=None)

    def latest_version(self, device: str, tag: str) -> int:
        return max((one.version for one in self.recorded), default=0)

    def hours(self, device: str, tag: str, start: int, end: int) -> Sequence[HourValue]:
        if tag != TAG:
            return []
        return [self.kept[at] for at in sorted(self.kept) if start <= at < end]

    def dense(self, device: str, start: int, hours: int) -> Mapping[Series, NDArray[np.int32]]:
        found: dict[Series, NDArray[np.int32]] = {}
        for (source, hour), count in self.seconds.items():
            at = (BASE + hour * H - start) // H
            if 0 <= at < hours:
                series = Series(device, TAG, source)
                line = found.setdefault(series, np.full((hours, H), -1, np.int32))
                line[at] = count
        return found

    def touched(self) -> Sequence[tuple[str, int]]:
        return self.marks

    def sealed(self, device: str, starts: Collection[int]) -> Collection[int]:
        return self.gone.intersection(starts)

    def tags(self, device: str) -> Sequence[str]:
        return [TAG]

    def minutes(self, device: str, start: int, hours: int) -> Mapping[Series, Minutes]:
        return self.by_minute


def measured(start: int, end: int, units: int, reason: Reason = Reason.PERIODIC) -> Measurement:
    return Measurement(
        device="d",
        tag=TAG,
        start=BASE + start * H,
        end=BASE + end * H,
        units=units * 36,
        count=units,
        coverage=1.0,
        minute_coverage=1.0,
        reason=reason,
        changed=False,
    )


def kept(hour: int, sessions: int | None) -> HourValue:
    return HourValue(
        device="d",
        tag=TAG,
        start=BASE + hour * H,
        units=None if sessions is None else 36 * sessions,
        seconds=0 if sessions is None else H,
        minutes=0 if sessions is None else 60,
    )


@pytest.fixture
def store() -> Store:
    """Two periods of eight hours, 5 sessions all the time, recorded as they are."""
    return Store(
        seconds={("lab", hour): 5 for hour in range(16)},
        kept={BASE + hour * H: kept(hour, 5) for hour in range(16)},
        recorded=[measured(0, 8, 5), measured(8, 16, 5)],
    )


def again(store: Store, rules: DeviceRules = RULES, start: int | None = None) -> Recomputed:
    return recompute(store, rules, "d", start, BASE + 16 * H)


def causes(found: Recomputed) -> list[tuple[Cause, ...]]:
    return [one.causes for one in found.periods if one.tag == TAG]


def test_what_is_right_is_left_alone(store: Store) -> None:
    found = again(store)
    mine = [one for one in found.periods if one.tag == TAG]
    assert [one.equal for one in mine] == [True, True]
    assert not [chain for chain in found.chains if chain.tag == TAG]


def test_a_higher_count_is_late_and_what_follows_follows(store: Store) -> None:
    store.seconds["lab", 3] = 8
    found = again(store)
    assert causes(found)[0] == (Cause.LATE,)
    (chain,) = [chain for chain in found.chains if chain.tag == TAG]
    assert chain.version == 2
    assert [one.version for one in chain.measurements] == [2] * len(chain.measurements)


def test_lower_counts_are_a_gap(store: Store) -> None:
    store.seconds = dict.fromkeys(store.seconds, 4)
    assert causes(again(store))[0] == (Cause.GAP,)


def test_a_source_left_out_now_is_told_from_a_gap(store: Store) -> None:
    store.seconds |= {("other", hour): 2 for hour in range(16)}
    found = again(store, replace(RULES, excluded=frozenset({"lab"})))
    assert causes(found)[0] == (Cause.EXCLUDED,)
    whole = Store(**{**vars(store), "seconds": {("lab", hour): 5 for hour in range(16)}})
    assert causes(again(whole, replace(RULES, excluded=frozenset({"lab"}))))[0] == (Cause.EXCLUDED,)


def test_a_failover_that_was_not_known(store: Store) -> None:
    rules = replace(RULES, active=((0.0, float(BASE + 3 * H)),))
    found = again(store, rules)
    assert Cause.FAILOVER in causes(found)[0]


def test_a_period_that_nobody_recorded(store: Store) -> None:
    store.recorded.pop()
    assert causes(again(store)) == [(), (Cause.PENDING,)]


def test_a_chain_that_has_not_begun_begins_with_its_marks(store: Store) -> None:
    store.begun, store.recorded, store.kept = None, [], {}
    store.marks = [("d", BASE), ("other", BASE - 900 * H)]
    found = again(store)
    assert [one.start for one in found.origins if one.tag == TAG] == [BASE]
    assert len(found.hours) == 32
    assert set(causes(found)) == {(Cause.PENDING,)}


def test_a_device_without_anything() -> None:
    found = again(Store(begun=None))
    assert found.equal
    assert found.periods == ()


def test_hours_of_which_nothing_is_left_stand(store: Store) -> None:
    del store.seconds["lab", 2]
    store.seconds = {key: count for key, count in store.seconds.items() if key[1] > 9}
    found = again(store)
    mine = [one for one in found.periods if one.tag == TAG]
    assert [one.equal for one in mine] == [True, True]
    assert [one.level for one in mine] == [Level.HOURS, Level.HOURS]


def minutes(sessions: int) -> Minutes:
    return np.full((1, 60), 6 * sessions, np.int64), np.full((1, 60), 60, np.int64)


def test_sealed_hours_come_from_all_sources_together(store: Store) -> None:
    store.gone = {BASE}
    store.seconds["late", 0] = 900
    store.by_minute = {
        Series("d", TAG, MERGED): minutes(5),
        Series("d", TAG, "lab"): minutes(3),
    }
    found = again(store)
    mine = [one for one in found.periods if one.tag == TAG]
    assert [one.equal for one in mine] == [True, True]
    assert [one.level for one in mine] == [Level.MINUTES, Level.SECONDS]


def test_of_sealed_hours_what_a_device_said_itself_yields_to_readings(store: Store) -> None:
    store.gone = {BASE}
    store.by_minute = {
        Series("d", TAG, MERGED): minutes(5),
        Series("d", TAG, "cli-minutes"): minutes(9),
        Series("d", TAG, "snmp"): minutes(3),
        Series("d", TAG, "lab"): minutes(5),
    }
    found = again(store, replace(RULES, excluded=frozenset({"lab"})))
    (first, *_) = [one for one in found.hours if one.tag == TAG]
    assert first.units == 3 * 36
    assert Cause.EXCLUDED in causes(found)[0]


@pytest.mark.parametrize(
    ("old", "new", "whole", "cause"),
    [
        (None, Hour(0, 36, 60, 1), Hour(0, 36, 60, 1), Cause.LATE),
        (Hour(0, 36, 60, 1), Hour(0, 36, 120, 2), Hour(0, 36, 120, 2), Cause.LATE),
        (Hour(0, 36, 60, 1), Hour(0, 36, 30, 1), Hour(0, 36, 30, 1), Cause.GAP),
        (Hour(0, 36, 60, 1), Hour(0, 18, 60, 1), Hour(0, 36, 60, 1), Cause.EXCLUDED),
        (Hour(0, 18, 60, 1), Hour(0, 36, 60, 1), Hour(0, 72, 60, 1), Cause.LATE),
        (Hour(0, None, 0, 0), Hour(0, 36, 60, 1), Hour(0, 36, 60, 1), Cause.LATE),
    ],
)
def test_why_an_hour_differs(old: Hour | None, new: Hour, whole: Hour, cause: Cause) -> None:
    assert hour_cause(old, new, whole) is cause


def test_readings_in_parts_become_dense_lines() -> None:
    part = ReadingColumns(series=[Series("d", TAG, "a"), Series("d", TAG, "b")])
    for which, second, count in ((0, BASE, 3), (1, BASE + 1, 4), (0, BASE, 2)):
        part.which.append(which)
        part.seconds.append(second)
        part.counts.append(count)
    found = dense_seconds([part, part], BASE, 2)
    assert found[Series("d", TAG, "a")].shape == (2, H)
    assert found[Series("d", TAG, "a")][0, :2].tolist() == [3, -1]
    assert found[Series("d", TAG, "b")][0, :2].tolist() == [-1, 4]


def test_another_rounding_of_the_same_value(store: Store) -> None:
    store.recorded[0] = replace(store.recorded[0], count=6)
    assert causes(again(store))[0] == (Cause.ROUNDING,)


def test_periods_of_another_length(store: Store) -> None:
    found = again(store, replace(RULES, periods=((0, 12),)))
    assert causes(found) == [
        (Cause.PERIODS,),
        (Cause.FOLLOWS,),
    ]


def test_a_range_begins_with_its_checkpoint(store: Store) -> None:
    store.seconds["lab", 3] = 8
    found = again(store, start=BASE + 9 * H)
    assert [one.start for one in found.periods if one.tag == TAG] == [BASE + 8 * H]
    assert not [chain for chain in found.chains if chain.tag == TAG]


def test_a_range_that_ends_early_takes_what_is_recorded_after_it(store: Store) -> None:
    store.seconds["lab", 3] = store.seconds["lab", 12] = 4
    found = recompute(store, RULES, "d", None, BASE + 8 * H)
    mine = [one for one in found.periods if one.tag == TAG]
    assert [one.start for one in mine] == [BASE]
    assert [hour.start for hour in found.hours if hour.tag == TAG] == [BASE + 3 * H]


def test_a_stretch_of_which_nothing_is_left_at_all_stands(store: Store) -> None:
    store.seconds = {}
    found = again(store)
    mine = [one for one in found.periods if one.tag == TAG]
    assert [one.equal for one in mine] == [True, True]
    assert {one.level for one in mine} == {Level.HOURS}
    assert found.readings == 0
