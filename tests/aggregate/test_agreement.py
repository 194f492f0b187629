"""Live measuring, bulk measuring and a slow reference with exact fractions agree."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from monitor.aggregate.bulk import Usage, measure
from monitor.aggregate.chain import Name
from monitor.aggregate.columns import Columns
from monitor.aggregate.live import Live, Work
from monitor.aggregate.rules import FAR, NEVER_ACTIVE, Calls, DeviceRules
from monitor.domain.measurement import HourValue, Measurement, Reason, Rounding
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.tags import AGGREGATE, CALLS, TRUNK_TAGS

BASE = 1_700_006_400
HOUR = 3_600
LATENESS = 90
STD, ENH, VGW = "CUBE_T_STD", "CUBE_T_ENH", "CUBE_T_VGW"


class Reading(NamedTuple):
    device: str
    tag: str
    source: str
    second: int
    sessions: int


class Row(NamedTuple):
    start: int
    end: int
    value: Fraction | None
    licences: int | None
    coverage: float
    minute_coverage: float
    reason: Reason
    changed: bool


# The reference: the text, sentence by sentence, without a thought for speed.


def mean_of_top(values: Sequence[Fraction]) -> Fraction:
    top = sorted(values, reverse=True)[:3]
    return sum(top, Fraction(0)) / len(top)


def told_by_tag(readings: Sequence[Reading], rules: DeviceRules) -> dict[str, dict[int, int]]:
    """Device minutes."""
    tags: dict[str, dict[int, int]] = defaultdict(dict)
    for each in readings:
        if each.source.endswith("-minutes") and each.source not in rules.excluded:
            minute = each.second // 60 * 60
            tags[each.tag][minute] = max(tags[each.tag].get(minute, 0), each.sessions)
    return tags


def seconds_by_tag(readings: Sequence[Reading], rules: DeviceRules) -> dict[str, dict[int, int]]:
    tags: dict[str, dict[int, int]] = defaultdict(dict)
    for each in readings:
        if each.source not in rules.excluded and not each.source.endswith("-minutes"):
            seconds = tags[each.tag]
            seconds[each.second] = max(seconds.get(each.second, 0), each.sessions)
    aggregate = aggregate_seconds(tags, rules)
    if aggregate:
        tags[AGGREGATE] = aggregate
    return tags


def aggregate_seconds(tags: Mapping[str, dict[int, int]], rules: DeviceRules) -> dict[int, int]:
    in_minute: dict[int, set[str]] = defaultdict(set)
    for tag in TRUNK_TAGS & tags.keys():
        for second in tags[tag]:
            in_minute[second // 60].add(tag)
    result = dict(tags.get(AGGREGATE, {}))
    if rules.calls is Calls.AGGREGATE:
        for second, count in tags.get(CALLS, {}).items():
            result[second] = max(result.get(second, 0), math.ceil(Fraction(count, rules.legs)))
    for minute, present in in_minute.items():
        for second in range(minute * 60, minute * 60 + 60):
            if all(second in tags[tag] for tag in present):
                total = sum(tags[tag][second] for tag in present)
                result[second] = max(result.get(second, 0), total)
    return result


def rounded(value: Fraction, rounding: Rounding) -> int:
    if rounding is Rounding.NEAREST:
        return math.floor(value + Fraction(1, 2))
    return math.ceil(value) if rounding is Rounding.UP else math.floor(value)


class SlowChain:
    def __init__(
        self,
        seconds: Mapping[int, int],
        told: Mapping[int, int],
        rules: DeviceRules,
        closed: int,
    ) -> None:
        self.rules, self.closed = rules, closed
        minutes: dict[int, list[Fraction]] = defaultdict(list)
        for second, count in seconds.items():
            minutes[second // 60 * 60].append(Fraction(count))
        self.minutes = {start: Fraction(count) for start, count in told.items()}
        self.minutes |= {start: mean_of_top(counts) for start, counts in minutes.items()}
        self.seconds = seconds
        hours: dict[int, list[Fraction]] = defaultdict(list)
        for start, value in self.minutes.items():
            hours[rules.hour_of(start)].append(value)
        self.hours = {start: mean_of_top(values) for start, values in hours.items()}

    def rows(self, origin: int) -> Iterator[Row]:
        """The chain, one time of being active after another."""
        last, free = None, origin
        for since, until in self.rules.active or ((0, None),):
            begin = max(free, self.rules.hour_of(math.floor(since)))
            limit = FAR if until is None else self.rules.hour_of(math.ceil(until) + HOUR - 1)
            free = max(free, limit)
            for row in self.periods(begin, limit, last):
                yield row
                if row.reason is Reason.OPEN:
                    return
                last = row.value

    def periods(self, start: int, limit: int, last: Fraction | None) -> Iterator[Row]:
        while start < limit and start <= self.closed:
            length = next(
                (h for since, h in reversed(self.rules.periods) if since <= start),
                self.rules.periods[0][1],
            )
            scheduled = start + length * HOUR
            row = self.period(start, min(scheduled, limit), last)
            if row.reason is Reason.OPEN:
                yield row._replace(end=scheduled)
                return
            if row.reason is Reason.PERIODIC and row.end < scheduled:
                row = row._replace(reason=Reason.FAILOVER, changed=False)
            if row.value is not None:
                yield row
                last = row.value
            start = row.end

    def period(self, start: int, end: int, last: Fraction | None) -> Row:
        peak, hour = None, start
        while hour < end and hour + HOUR <= self.closed:
            value = self.hours.get(hour)
            hour += HOUR
            if value is not None and (peak is None or value > peak):
                peak = value
            if peak is not None and last is not None and peak > Fraction(5, 4) * last:
                return self.row(start, hour, peak, Reason.CHANGE, changed=True)
        if hour < end:
            return self.row(start, hour, peak, Reason.OPEN, changed=False)
        fell = peak is not None and last is not None and peak < Fraction(3, 4) * last
        return self.row(start, end, peak, Reason.PERIODIC, changed=fell)

    def row(
        self, start: int, end: int, value: Fraction | None, reason: Reason, *, changed: bool
    ) -> Row:
        count = None
        if value is not None and reason is not Reason.OPEN:
            count = rounded(value, self.rules.rounding)
        covered = sum(start <= second < end for second in self.seconds)
        minutes = sum(start <= minute < end for minute in self.minutes)
        whole = end - start
        return Row(
            start,
            end,
            value,
            count,
            float(Fraction(covered, whole)) if whole else 0.0,
            float(Fraction(minutes * 60, whole)) if whole else 0.0,
            reason,
            changed,
        )


def reference(
    readings: Sequence[Reading], rules: DeviceRules, until: int, origins: Mapping[Name, int]
) -> dict[Name, list[Row]]:
    found = {}
    for device in {each.device for each in readings}:
        own = [each for each in readings if each.device == device]
        by_tag, told = seconds_by_tag(own, rules), told_by_tag(own, rules)
        for tag in by_tag.keys() | told.keys():
            name = Name(device, tag)
            seconds, minutes = by_tag.get(tag, {}), told.get(tag, {})
            chain = SlowChain(seconds, minutes, rules, rules.hour_of(until))
            origin = origins.get(name, rules.hour_of(min(*seconds, *minutes, FAR)))
            found[name] = list(chain.rows(origin))
    return found


def as_row(measurement: Measurement) -> Row:
    units = measurement.units
    return Row(
        measurement.start,
        measurement.end,
        None if units is None else Fraction(units, 36),
        measurement.count,
        measurement.coverage,
        measurement.minute_coverage,
        measurement.reason,
        measurement.changed,
    )


def rows_of(usage: Usage) -> list[Row]:
    running = [] if usage.open is None else [usage.open]
    return [as_row(measurement) for measurement in (*usage.measurements, *running)]


def as_columns(readings: Sequence[Reading]) -> ReadingColumns:
    series = list(dict.fromkeys(Series(r.device, r.tag, r.source) for r in readings))
    columns = ReadingColumns(series=series)
    for each in readings:
        columns.which.append(series.index(Series(each.device, each.tag, each.source)))
        columns.seconds.append(each.second)
        columns.counts.append(each.sessions)
    return columns


# Random readings. Counts sit on the edges of the 25 % rule; whole hours may be empty.

COUNTS = st.sampled_from([0, 1, 3, 4, 5, 12, 15, 16, 19, 20, 21, 25, 26, 40_000, 3_000_000_000])
TAGS = st.sampled_from([STD, STD, ENH, ENH, "CUBE_TS_RED", VGW, AGGREGATE, CALLS, "X"])


def readings_of(highest: int) -> st.SearchStrategy[Reading]:
    hour = st.one_of(st.integers(0, 12), st.integers(0, 60), st.sampled_from([90, 400]))
    second = st.builds(
        lambda h, m, s: BASE + h * HOUR + m * 60 + s,
        hour,
        st.sampled_from([0, 0, 1, 13, 14, 59]),
        st.sampled_from([0, 1, 2, 3, 59]),
    )
    return st.builds(
        Reading,
        st.sampled_from(["a", "a", "b"]),
        TAGS,
        st.sampled_from(["s", "s", "t", "x", "s-minutes", "s-minutes", "t-minutes"]),
        second,
        COUNTS.filter(lambda count: count <= highest),
    )


PERIODS = st.sampled_from(
    [
        ((0, 8),),
        ((0, 24),),
        ((0, 9), (BASE + 5 * HOUR, 8)),
        ((0, 8), (BASE + 20 * HOUR + 7, 11), (BASE + 40 * HOUR, 24)),
    ]
)
ACTIVE = st.sampled_from(
    [
        (),
        ((0, None),),
        NEVER_ACTIVE,
        ((0, BASE + 3 * HOUR + 120),),
        ((BASE + 2 * HOUR + 7, None),),
        ((BASE + 4 * HOUR, BASE + 7 * HOUR), (BASE + 7 * HOUR + 5, BASE + 7 * HOUR + 6.5)),
        ((0, BASE + 8 * HOUR), (BASE + 8 * HOUR + 60, BASE + 30 * HOUR), (BASE + 41 * HOUR, None)),
        ((0, BASE + 60 * HOUR + 1), (BASE + 61 * HOUR + 1, None)),
    ]
)
RULES = st.builds(
    DeviceRules,
    periods=PERIODS,
    active=ACTIVE,
    phase_minutes=st.sampled_from([0, 0, 13, 59]),
    calls=st.sampled_from(Calls),
    legs=st.sampled_from([1, 2]),
    excluded=st.sampled_from([frozenset[str](), frozenset({"x", "t-minutes"})]),
    rounding=st.sampled_from(Rounding),
)


@settings(max_examples=150, deadline=None)
@given(
    readings=st.lists(readings_of(3_000_000_000), min_size=1, max_size=60),
    rules=RULES,
    more=st.integers(0, 30 * HOUR),
)
def test_bulk_is_the_reference(readings: list[Reading], rules: DeviceRules, more: int) -> None:
    until = max(each.second for each in readings) + more
    usages = measure(Columns.of(as_columns(readings)), lambda _: rules, until=until)
    found = {usage.name: rows_of(usage) for usage in usages}
    assert found == reference(readings, rules, until, {})
    assert list(found) == sorted(found)


# Live


@dataclass
class Memory:
    """A store in memory that checks what it is asked to commit."""

    seconds: dict[Series, dict[int, int]] = field(default_factory=dict)
    marks: set[tuple[str, int]] = field(default_factory=set)
    origins: dict[Name, int] = field(default_factory=dict)
    values: dict[Name, dict[int, HourValue]] = field(default_factory=dict)
    chains: dict[Name, list[Measurement]] = field(default_factory=dict)
    versions: dict[Name, int] = field(default_factory=dict)

    def accept(self, readings: Sequence[Reading]) -> None:
        for each in readings:
            seconds = self.seconds.setdefault(Series(each.device, each.tag, each.source), {})
            seconds[each.second] = max(seconds.get(each.second, 0), each.sessions)
            self.marks.add((each.device, each.second // HOUR * HOUR))

    def commit(self, work: Work) -> None:
        for origin in work.origins:
            assert Name(origin.device, origin.tag) not in self.origins
            self.origins[Name(origin.device, origin.tag)] = origin.start
        for hour in work.hours:
            self.values.setdefault(Name(hour.device, hour.tag), {})[hour.start] = hour
        for chain in work.chains:
            name = Name(chain.device, chain.tag)
            recorded = self.chains.setdefault(name, [])
            dropped = [m for m in recorded if m.start >= chain.start]
            assert chain.version >= max(1, self.versions.get(name, 0))
            assert not dropped or chain.version > self.versions[name]
            assert all(m.version == chain.version for m in chain.measurements)
            assert [m.start for m in dropped] != [m.start for m in chain.measurements] or any(
                as_row(a) != as_row(b) for a, b in zip(dropped, chain.measurements, strict=True)
            )
            recorded[:] = [m for m in recorded if m.start < chain.start]
            recorded.extend(chain.measurements)
            self.versions[name] = chain.version
        self.marks.difference_update(work.worked)

    def origin(self, device: str, tag: str) -> int | None:
        return self.origins.get(Name(device, tag))

    def checkpoint(self, device: str, tag: str, at: int) -> Measurement | None:
        recorded = self.chains.get(Name(device, tag), [])
        return max((m for m in recorded if m.end <= at), key=lambda m: m.end, default=None)

    def latest_version(self, device: str, tag: str) -> int:
        return self.versions.get(Name(device, tag), 0)

    def hours(self, device: str, tag: str, start: int, end: int) -> Sequence[HourValue]:
        values = self.values.get(Name(device, tag), {})
        return [values[at] for at in sorted(values) if start <= at < end]

    def dense(self, device: str, start: int, hours: int) -> Mapping[Series, NDArray[np.int32]]:
        found = {}
        for series, seconds in self.seconds.items():
            if series.device != device:
                continue
            row = np.full(hours * HOUR, -1, np.int32)
            for second, count in seconds.items():
                if start <= second < start + len(row):
                    row[second - start] = count
            if row.max() >= 0:
                found[series] = row.reshape(hours, HOUR)
        return found

    def sealed(self, device: str, starts: Collection[int]) -> Collection[int]:
        del device, starts
        return ()

    def touched(self) -> Sequence[tuple[str, int]]:
        return sorted(self.marks)

    def tags(self, device: str) -> Sequence[str]:
        return sorted({series.tag for series in self.seconds if series.device == device})


class Step(NamedTuple):
    wait: int
    readings: list[Reading]
    after: str


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from([0, 0, 1, 60, 400, HOUR, 3 * HOUR, 9 * HOUR, 30 * HOUR]),
        st.lists(readings_of(40_000), max_size=12),
        st.sampled_from(["work", "work", "work", "", "restart", "crash", "crash in between"]),
    ),
    min_size=1,
    max_size=14,
)


class Simulation:
    def __init__(self, rules: DeviceRules, tardy: int) -> None:
        self.memory, self.now, self.tardy = Memory(), float(BASE), tardy
        self.known = rules
        self.live = self.started()

    def rules(self, device: str) -> DeviceRules:
        """A change of periodicity or role is not known before its time, or some hours later."""
        periods = [each for each in self.known.periods if each[0] <= self.now]
        return DeviceRules(
            periods=tuple(periods),
            active=self.active(),
            phase_minutes=self.known.phase_minutes,
            calls=self.known.calls,
            legs=self.known.legs,
            excluded=self.known.excluded,
            rounding=self.known.rounding,
        )

    def active(self) -> tuple[tuple[float, float | None], ...]:
        known = self.now - self.tardy
        found: list[tuple[float, float | None]] = [
            (since, None if until is None or until > known else until)
            for since, until in self.known.active
            if since <= known
        ]
        return tuple(found) or (NEVER_ACTIVE if self.known.active else ())

    def started(self) -> Live:
        live = Live(self.memory, self.rules, LATENESS)
        live.watch(["a", "b"])
        return live

    def step(self, step: Step) -> None:
        self.now += step.wait
        self.memory.accept(step.readings)
        if step.after == "crash in between":
            self.live = self.started()
            return
        self.live.feed(as_columns(step.readings), self.now)
        if step.after == "work":
            self.work()
        elif step.after == "crash":
            self.live.work(self.now)
        if step.after in {"restart", "crash"}:
            self.live = self.started()

    def work(self) -> None:
        while self.live.due(self.now):
            work = self.live.work(self.now)
            self.memory.commit(work)

    def finish(self, until: int) -> None:
        """Long after the last reading every source is silent and every hour is closed."""
        self.live.due(self.now)
        changes = [self.tardy + edge for span in self.known.active for edge in span if edge]
        self.now = max(self.now, until, *changes) + 2 * HOUR + LATENESS
        self.work()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, rules=RULES, tardy=st.sampled_from([0, 0, 600, 11 * HOUR]))
def test_live_is_bulk_and_the_reference(steps: list[Step], rules: DeviceRules, tardy: int) -> None:
    simulation = Simulation(rules, tardy)
    for step in steps:
        simulation.step(step)
    readings = [each for step in steps for each in step.readings]
    newest = max((each.second for each in readings), default=BASE)
    simulation.finish(newest)
    closed = int(simulation.now) - LATENESS
    memory = simulation.memory
    expected = reference(readings, rules, closed, memory.origins)
    assert expected.keys() == memory.origins.keys()
    running = {Name(m.device, m.tag): [m] for m in simulation.live.open_periods()}
    live = {
        name: [as_row(m) for m in (*memory.chains.get(name, []), *running.get(name, []))]
        for name in memory.origins
    }
    assert live == expected
    usages = measure(
        Columns.of(as_columns(readings)), lambda _: rules, until=closed, origins=memory.origins
    )
    assert {usage.name: rows_of(usage) for usage in usages} == live
    # Nothing is left to do, and the same readings again change nothing.
    assert not memory.marks
    assert not simulation.live.due(simulation.now)
    memory.accept(readings)
    simulation.live.feed(as_columns(readings), simulation.now)
    simulation.now += 60
    assert not simulation.live.work(simulation.now).chains
