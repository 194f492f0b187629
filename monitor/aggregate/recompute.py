"""Measure one device again from what is stored, and say where and why what is recorded differs.

The same kernels and chains as live measuring; what was recorded is only compared with. A stretch
whose seconds are gone rests on what is left of it, and says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from monitor.aggregate.causes import Cause, Span, causes_of
from monitor.aggregate.chain import Name, hour_value
from monitor.aggregate.ledger import Rework, rework
from monitor.aggregate.past import Hours, Past, past_hours
from monitor.aggregate.rules import FAR, HOUR, DeviceRules
from monitor.domain.levels import Level
from monitor.domain.measurement import Chain, HourValue, Measurement
from monitor.domain.records import Origin
from monitor.domain.tags import AGGREGATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One period of one (device, tag): what is recorded beside what it would be now."""

    device: str
    tag: str
    start: int
    recorded: Measurement | None
    recomputed: Measurement | None
    causes: tuple[Cause, ...] = ()
    """Why they differ; empty where they are equal."""
    level: Level = Level.SECONDS
    """The coarsest that its hours were worked out from."""

    @property
    def equal(self) -> bool:
        """Whether the same is recorded, of whatever version."""
        return same(self.recorded, self.recomputed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """One device, worked out again, with what is to be committed to record it."""

    device: str
    periods: tuple[Compared, ...] = ()
    """By tag and start."""
    readings: int = 0
    """Seconds with a value that were read."""
    hours: tuple[HourValue, ...] = ()
    """Those that are new or come out differently."""
    origins: tuple[Origin, ...] = ()
    chains: tuple[Chain, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether all that is recorded comes out again."""
        return not self.chains


def same(one: Measurement | None, other: Measurement | None) -> bool:
    """Whether two measurements say the same, of whatever version."""
    if one is None or other is None:
        return one is other
    return replace(one, version=other.version) == other


def recompute(
    history: Past, rules: DeviceRules, device: str, start: int | None, end: int
) -> Recomputed:
    """Work `[start, end)` of a device out again; None begins at its origins.

    It begins with the checkpoint before `start` and goes on to the end of each chain, after `end`
    by the hours that are recorded. Instants are seconds since 1970 UTC.
    """
    names = [Name(device, tag) for tag in sorted({*history.tags(device), AGGREGATE})]
    since = -FAR if start is None else start
    begun = {name: _begin(history, name, since) for name in names}
    closed = rules.hour_of(end)
    hours = past_hours(history, rules, device, (_first(history, device, begun), closed))
    found = [
        _of_name(history, rules, name, hours, (begun[name].origin, since, closed)) for name in names
    ]
    return Recomputed(
        device=device,
        periods=tuple(period for one in found for period in one.periods),
        readings=sum(hour.seconds for name in names for hour in hours.found.get(name, ())),
        hours=tuple(value for one in found for value in one.hours),
        origins=tuple(one.origin for one in found if one.origin is not None),
        chains=tuple(one.chain for one in found if one.chain is not None),
    )


@dataclass(frozen=True, slots=True)
class _Begun:
    """The origin of a chain, and where working it out again begins."""

    origin: int | None
    start: int | None


def _begin(history: Past, name: Name, since: int) -> _Begun:
    origin = history.origin(*name)
    checkpoint = None if since == -FAR else history.checkpoint(*name, since)
    return _Begun(origin, origin if checkpoint is None else checkpoint.end)


def _first(history: Past, device: str, begun: Mapping[Name, _Begun]) -> int:
    starts = [one.start for one in begun.values() if one.start is not None]
    if len(starts) == len(begun):
        return min(starts)
    # Of a chain that has not begun the marks say where its readings are.
    marks = [mark - HOUR for of, mark in history.touched() if of == device]
    return min([*starts, *marks], default=FAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What came of one chain."""

    periods: tuple[Compared, ...] = ()
    hours: tuple[HourValue, ...] = ()
    origin: Origin | None = None
    chain: Chain | None = None


def _of_name(
    history: Past,
    rules: DeviceRules,
    name: Name,
    hours: Hours,
    bounds: tuple[int | None, int, int],
) -> _Found:
    known, since, closed = bounds
    changes = hours.changes.get(name, [])
    begins = next((one.new.start for one in changes if one.new.units is not None), None)
    origin = begins if known is None else known
    if origin is None:
        return _Found()
    new = [one.new for one in changes if one.new.start >= origin]
    done = rework(history, name, rules, new, (origin, since, closed))
    return _Found(
        periods=tuple(_compared(name, done, hours, rules)),
        hours=tuple(hour_value(name, one.new) for one in changes),
        origin=Origin(device=name.device, tag=name.tag, start=origin) if known is None else None,
        chain=done.chain,
    )


def _compared(name: Name, done: Rework, hours: Hours, rules: DeviceRules) -> Iterator[Compared]:
    recorded = {one.start: one for one in done.recorded}
    recomputed = {one.start: one for one in done.measurements}
    levels = hours.levels.get(name, {})
    ends = max((one.end for one in done.recorded), default=-FAR)
    follows = False
    for start in sorted(recorded.keys() | recomputed.keys()):
        old, new = recorded.get(start), recomputed.get(start)
        end = max(one.end for one in (old, new) if one is not None)
        coarse = {level for at, level in levels.items() if start <= at < end}
        span = Span(start, end, ends, follows=follows)
        differs = not same(old, new)
        period = Compared(
            device=name.device,
            tag=name.tag,
            start=start,
            recorded=old,
            recomputed=new,
            causes=causes_of((old, new), span, hours.changes.get(name, ()), rules)
            if differs
            else (),
            level=max(coarse, key=list(Level).index, default=Level.SECONDS),
        )
        follows = follows or differs
        if differs or start < hours.end:
            yield period
