"""A virtual CUBE measures its own usage by the aggregator's law, from the calls it carries."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from monitor.aggregate.chain import Hour, Name, Progress, advance
from monitor.aggregate.kernels import ABSENT, hour_values
from monitor.aggregate.rules import DeviceRules
from monitor.domain.instants import HOUR
from monitor.domain.measurement import Measurement
from monitor.lab.calls import CallProfile, Counts, seconds_of_hour

_AT_ONCE: Final = 72


@dataclass(slots=True, kw_only=True)
class Meter:
    """Measurements of one (device, tag) since `start`, worked out as far as somebody asked."""

    name: Name
    profile: CallProfile
    rules: DeviceRules
    start: int
    """The whole hour with which its first period begins, seconds since 1970 UTC."""
    since: int | None = None
    """The second of that hour from which there are calls; None: the whole of it."""
    measurements: list[Measurement] = field(default_factory=list)
    _progress: Progress | None = None
    _closed: int = 0

    def until(self, now: float) -> list[Measurement]:
        """All that were recorded by `now`, oldest first."""
        closed = int(now) // HOUR * HOUR
        since = max(self._closed, self.start)
        if closed > since:
            self._measure(since, closed)
        return [measurement for measurement in self.measurements if measurement.end <= now]

    def _measure(self, since: int, closed: int) -> None:
        progress = self._progress or Progress(start=self.start)
        hours = self._hours(since, closed)
        brought = advance(self.name, self.rules, progress, hours, closed=closed)
        self.measurements.extend(brought.measurements)
        self._progress, self._closed = brought.progress, closed

    def _hours(self, since: int, closed: int) -> Iterator[Hour]:
        for first in range(since, closed, _AT_ONCE * HOUR):
            starts = range(first, min(first + _AT_ONCE * HOUR, closed), HOUR)
            values = hour_values(np.stack([self._seconds(s) for s in starts]))
            for number, start in enumerate(starts):
                units, seconds = int(values.units[number]), int(values.seconds[number])
                yield Hour(start, units, seconds, int(values.minutes[number]))

    def _seconds(self, hour: int) -> Counts:
        counts = seconds_of_hour(self.profile, hour)
        if self.since is not None:
            counts[: max(0, self.since - hour)] = ABSENT
        return counts

    @property
    def next_record(self) -> int:
        """When the open period ends, as far as it is known."""
        start = self.start if self._progress is None else self._progress.start
        return start + self.rules.period_seconds(start)
