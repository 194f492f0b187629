"""Hour values become a chain of measurements: periods, the 25 % rule, gaps and the open period.

A chain can be continued from any recorded measurement: its end and value say all that follows
needs, because the grid of periods goes on over gaps by itself.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from monitor.aggregate.rules import FAR, HOUR, DeviceRules, licences
from monitor.domain.measurement import HourValue, Measurement, Reason

_MINUTE: Final = 60


class Hour(NamedTuple):
    """One closed hour of one series of hours; seconds since 1970 UTC."""

    start: int
    units: int | None
    seconds: int
    minutes: int


class Name(NamedTuple):
    """What is measured."""

    device: str
    tag: str


def hour_value(name: Name, hour: Hour) -> HourValue:
    """A closed hour as it is recorded."""
    return HourValue(
        device=name.device,
        tag=name.tag,
        start=hour.start,
        units=hour.units,
        seconds=hour.seconds,
        minutes=hour.minutes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The open period so far, and what the 25 % rule compares with."""

    start: int
    """Start of the open period; FAR where none is open, as on a standby."""
    last: int | None = None
    """Exact value of the latest recorded measurement, in 36ths, however old."""
    peak: int | None = None
    """Highest hour value of the open period."""
    seconds: int = 0
    minutes: int = 0


class Gap(NamedTuple):
    """Periods in a row without any value, `[start, end)`; a failover may have cut the last."""

    start: int
    end: int
    periods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """What a stretch of closed hours brought."""

    measurements: tuple[Measurement, ...]
    gaps: tuple[Gap, ...]
    progress: Progress


def resumed(measurement: Measurement) -> Progress:
    """Where the chain goes on after a recorded measurement."""
    return Progress(start=measurement.end, last=measurement.units)


class _Writer:
    """Collects what is recorded while hours pass; mutable, for it runs once an hour of history."""

    __slots__ = (
        "_end",
        "_last",
        "_limit",
        "_minutes",
        "_name",
        "_peak",
        "_rules",
        "_seconds",
        "_spans",
        "_start",
        "_version",
        "gaps",
        "measurements",
    )  # fmt: skip

    def __init__(self, name: Name, rules: DeviceRules, progress: Progress, version: int) -> None:
        self._name, self._rules, self._version = name, rules, version
        self._last, self._peak = progress.last, progress.peak
        self._seconds, self._minutes = progress.seconds, progress.minutes
        self._spans = rules.spans()
        self._limit = -FAR
        self._begin(progress.start)
        self.measurements: list[Measurement] = []
        self.gaps: list[Gap] = []

    @property
    def progress(self) -> Progress:
        return Progress(
            start=self._start,
            last=self._last,
            peak=self._peak,
            seconds=self._seconds,
            minutes=self._minutes,
        )

    def fold(self, hour: Hour) -> None:
        """Take an hour that begins in the open period or after it."""
        if hour.start >= min(self._end, self._limit):
            self.settle(hour.start)
        if hour.start < self._start:
            # An hour of a standby.
            return
        self._seconds += hour.seconds
        self._minutes += hour.minutes
        if hour.units is not None and (self._peak is None or hour.units > self._peak):
            self._peak = hour.units
            # More than 25 % in whole numbers: peak / last > 5 / 4.
            if self._last is not None and 4 * self._peak > 5 * self._last:
                self._record(hour.start + HOUR, Reason.CHANGE)

    def settle(self, until: int) -> None:
        """End the periods that end at or before `until`."""
        while min(self._end, self._limit) <= until:
            # What would end with the failover anyway has ended by itself.
            reason = Reason.PERIODIC if self._end <= self._limit else Reason.FAILOVER
            if self._peak is None:
                self._skip(min(until, self._limit))
            else:
                self._record(min(self._end, self._limit), reason)

    def _begin(self, start: int) -> None:
        """Open a period at `start`, or when it next is the active one."""
        if start >= self._limit or self._limit == -FAR:
            following = ((since, end) for since, end in self._spans if end > start)
            since, self._limit = next(following, (FAR, FAR + 1))
            start = max(start, since)
        self._start, self._end = start, start + self._rules.period_seconds(start)

    def _record(self, end: int, reason: Reason) -> None:
        ending = (end, reason, self._version)
        self.measurements.append(_measurement(self._name, self._rules, self.progress, ending))
        self._last, self._peak, self._seconds, self._minutes = self._peak, None, 0, 0
        self._begin(end)

    def _skip(self, until: int) -> None:
        # A gap of years has thousands of periods: pass over as many at once as have one length.
        start, length = self._start, self._end - self._start
        if self._limit < self._end:
            self._leave_out(Gap(start, self._limit, 1))
            return
        periods = (until - start) // length
        change = self._rules.next_change(start)
        if change is not None:
            periods = min(periods, math.ceil((change - start) / length))
        self._leave_out(Gap(start, start + periods * length, periods))

    def _leave_out(self, gap: Gap) -> None:
        self._seconds = self._minutes = 0
        self._begin(gap.end)
        if self.gaps and self.gaps[-1].end == gap.start:
            before = self.gaps.pop()
            gap = Gap(before.start, gap.end, before.periods + gap.periods)
        self.gaps.append(gap)


def advance(
    name: Name,
    rules: DeviceRules,
    progress: Progress,
    hours: Iterable[Hour],
    *,
    closed: int,
    version: int = 1,
) -> Advance:
    """Take closed hours into a chain.

    `hours` are in order and begin at or after what `progress` has taken; hours without a reading
    may be missing. `closed` is the end of the last closed hour: periods that end by then are over.
    """
    writer = _Writer(name, rules, progress, version)
    for hour in hours:
        writer.fold(hour)
    writer.settle(closed)
    return Advance(
        measurements=tuple(writer.measurements),
        gaps=tuple(writer.gaps),
        progress=writer.progress,
    )


def open_period(
    name: Name, rules: DeviceRules, progress: Progress, closed: int
) -> Measurement | None:
    """The period that is still running, with what its closed hours say; recorded nowhere.

    None where no period is open: on a standby.
    """
    if progress.start > closed:
        return None
    elapsed = max(closed - progress.start, 0)
    return Measurement(
        device=name.device,
        tag=name.tag,
        start=progress.start,
        end=progress.start + rules.period_seconds(progress.start),
        units=progress.peak,
        count=None,
        coverage=_share(progress.seconds, elapsed),
        minute_coverage=_share(progress.minutes * _MINUTE, elapsed),
        reason=Reason.OPEN,
        changed=False,
        profile=rules.profile,
    )


def _measurement(
    name: Name, rules: DeviceRules, progress: Progress, ending: tuple[int, Reason, int]
) -> Measurement:
    end, reason, version = ending
    units = progress.peak or 0
    elapsed = end - progress.start
    return Measurement(
        device=name.device,
        tag=name.tag,
        start=progress.start,
        end=end,
        units=units,
        count=licences(units, rules.rounding),
        coverage=_share(progress.seconds, elapsed),
        minute_coverage=_share(progress.minutes * _MINUTE, elapsed),
        reason=reason,
        changed=_changed(units, progress.last, reason),
        profile=rules.profile,
        version=version,
    )


def _changed(units: int, last: int | None, reason: Reason) -> bool:
    fell = last is not None and 4 * units < 3 * last
    return reason is Reason.CHANGE or (reason is Reason.PERIODIC and fell)


def _share(part: int, whole: int) -> float:
    # Hours overlap only where a device's phase was changed; nothing is covered more than once.
    return min(1.0, part / whole) if whole else 0.0
