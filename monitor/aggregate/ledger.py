"""Chains are continued, or worked out again from a late hour on, against what is recorded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from monitor.aggregate.chain import Hour, Name, Progress, advance, open_period, resumed
from monitor.aggregate.history import History
from monitor.aggregate.rules import FAR, HOUR, DeviceRules
from monitor.domain.measurement import Chain, HourValue, Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """Where a chain stands, so that the next hour needs no question to the store."""

    rules: DeviceRules
    progress: Progress
    upto: int
    """End of the last closed hour taken in."""
    version: int


class Ledger:
    """Origins and chains of every (device, tag). Nothing kept here is not in the store too."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._origins: dict[Name, int | None] = {}
        self._kept: dict[Name, _Kept] = {}
        self._again: dict[Name, int] = {}

    def origin(self, name: Name) -> int | None:
        """The start of the first period, None before the first reading."""
        if name not in self._origins:
            self._origins[name] = self._history.origin(name.device, name.tag)
        return self._origins[name]

    def begin(self, name: Name, hours: Sequence[Hour]) -> int | None:
        """Set the origin by the first hour with a value; it comes back only when it is new."""
        if self.origin(name) is not None:
            return None
        first = next((hour.start for hour in hours if hour.units is not None), None)
        self._origins[name] = first
        return first

    def forget(self, name: Name) -> None:
        """Ask the store again next time."""
        self._kept.pop(name, None)

    def again(self, name: Name, since: int) -> None:
        """Work the chain out from an instant on, the next time it is extended."""
        self._kept.pop(name, None)
        self._again[name] = min(since, self._again.get(name, FAR))

    def extend(
        self, name: Name, rules: DeviceRules, hours: Sequence[Hour], closed: int
    ) -> Chain | None:
        """Take new or changed closed hours, in order; what is to be recorded comes back.

        `closed` is the end of the last closed hour of the device.
        """
        origin = self.origin(name)
        if origin is None:
            return None
        hours = [hour for hour in hours if hour.start >= origin]
        kept = self._kept.get(name)
        if kept is None or kept.rules != rules or (hours and hours[0].start < kept.upto):
            asked = self._again.pop(name, FAR)
            since = min(hours[0].start if hours else FAR, _roles_differ(kept, rules), asked)
            return self._work_again(name, rules, hours, (origin, since, closed))
        upto = max(closed, kept.upto)
        done = advance(name, rules, kept.progress, hours, closed=upto, version=kept.version)
        self._kept[name] = replace(kept, progress=done.progress, upto=upto)
        return _chain(name, kept.version, done.measurements)

    def open_periods(self) -> list[Measurement]:
        """The running period of every chain, by what is closed of it."""
        found = (
            open_period(name, kept.rules, kept.progress, kept.upto)
            for name, kept in sorted(self._kept.items(), key=lambda item: item[0])
        )
        return [period for period in found if period is not None]

    def _work_again(
        self, name: Name, rules: DeviceRules, hours: Sequence[Hour], bounds: tuple[int, int, int]
    ) -> Chain | None:
        done = rework(self._history, name, rules, hours, bounds)
        self._kept[name] = _Kept(
            rules=rules, progress=done.progress, upto=done.upto, version=done.version
        )
        return done.chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Rework:
    """A chain worked out again from some instant on, beside what is recorded from there on."""

    recorded: Sequence[Measurement]
    measurements: tuple[Measurement, ...]
    """As they would be recorded; their version says nothing where they equal the recorded ones."""
    chain: Chain | None
    """What is to be recorded; None where both are equal."""
    progress: Progress
    upto: int
    """End of the last closed hour taken in."""
    version: int


def rework(
    history: History,
    name: Name,
    rules: DeviceRules,
    hours: Sequence[Hour],
    bounds: tuple[int, int, int],
) -> Rework:
    """Work a chain out again from the checkpoint before an instant on, to its end.

    `hours` are new values, in order; stored hours stand for all others. `bounds` are the origin,
    the instant, and the end of the last closed hour.
    """
    origin, since, closed = bounds
    stored, checkpoint = _recorded(history, name, since)
    progress = Progress(start=origin) if checkpoint is None else resumed(checkpoint)
    rows = _overlaid(history.hours(*name, progress.start, FAR), hours, progress.start)
    # What was closed once stays closed, also when a restart set the device's clock back.
    ends = [m.end for m in stored[-1:]] + [hour.start + HOUR for hour in rows[-1:]]
    upto = max(closed, progress.start, *ends)
    latest = max(history.latest_version(*name), 1)
    done = advance(name, rules, progress, rows, closed=upto, version=latest)
    same = _common(stored, done.measurements)
    replaced, fresh = stored[same:], done.measurements[same:]
    version = latest + 1 if replaced else latest
    renewed = tuple(replace(measurement, version=version) for measurement in fresh)
    return Rework(
        recorded=stored,
        measurements=done.measurements,
        chain=_chain(name, version, renewed, replaced),
        progress=done.progress,
        upto=upto,
        version=version,
    )


def _recorded(
    history: History, name: Name, since: int
) -> tuple[list[Measurement], Measurement | None]:
    """Recorded measurements that end after `since`, in order, and the one before them."""
    later: list[Measurement] = []
    found = history.checkpoint(*name, FAR)
    while found is not None and found.end > since:
        later.append(found)
        found = history.checkpoint(*name, found.start)
    return later[::-1], found


def _roles_differ(kept: _Kept | None, rules: DeviceRules) -> int:
    """The first instant from which on another role holds than what was worked with."""
    now = [edge for span in rules.spans() for edge in span]
    if kept is None:
        # What was worked with before a restart may have been without the newest changes.
        return min((edge for edge in now if abs(edge) < FAR), default=FAR)
    before = [edge for span in kept.rules.spans() for edge in span]
    pairs = zip_longest(before, now, fillvalue=FAR)
    return next((min(one, other) for one, other in pairs if one != other), FAR)


def _overlaid(stored: Iterable[HourValue], hours: Iterable[Hour], start: int) -> list[Hour]:
    rows = {h.start: Hour(h.start, h.units, h.seconds, h.minutes) for h in stored}
    rows.update((hour.start, hour) for hour in hours if hour.start >= start)
    return [rows[at] for at in sorted(rows)]


def _common(stored: Sequence[Measurement], fresh: Sequence[Measurement]) -> int:
    """How many of the first measurements are the same but for their version."""
    pairs = enumerate(zip(stored, fresh, strict=False))
    shorter = min(len(stored), len(fresh))
    return next((at for at, (a, b) in pairs if replace(a, version=b.version) != b), shorter)


def _chain(
    name: Name,
    version: int,
    fresh: tuple[Measurement, ...],
    replaced: Sequence[Measurement] = (),
) -> Chain | None:
    starts = [measurement.start for measurement in (*fresh[:1], *replaced[:1])]
    if not starts:
        return None
    return Chain(
        device=name.device,
        tag=name.tag,
        start=min(starts),
        version=version,
        measurements=fresh,
    )
