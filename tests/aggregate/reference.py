"""Measuring as the text says it, sentence by sentence and slowly, and readings to try it on."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st

from monitor.aggregate.bulk import Usage
from monitor.aggregate.chain import Name
from monitor.aggregate.rules import FAR, NEVER_ACTIVE, Calls, DeviceRules
from monitor.domain.measurement import Measurement, Reason, Rounding
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
