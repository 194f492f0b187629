"""Why a measurement that is worked out again differs from the one that is recorded."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from monitor.aggregate.chain import Hour
from monitor.aggregate.rules import DeviceRules
from monitor.domain.measurement import Measurement, Reason


class Cause(StrEnum):
    """In the words in which it is shown."""

    LATE = "late data"
    """Readings came, or higher ones, that the recorded value does not hold."""
    PENDING = "not recorded yet"
    """It ends after all that is recorded: nobody has measured so far."""
    EXCLUDED = "excluded source"
    """A source that was counted is left out now."""
    GAP = "gap"
    """Readings that were counted are no longer there, or there are none at all."""
    FAILOVER = "failover"
    """Another member of the pair was the active one than was known."""
    ROUNDING = "rounding"
    """The same value, rounded to another count of licences."""
    PERIODS = "other periods"
    """Another periodicity or phase holds than was known."""
    FOLLOWS = "follows from an earlier difference"
    """Each period begins where the last one ended, and is compared with it."""


class HourChange(NamedTuple):
    """An hour that comes out otherwise than it is stored."""

    old: Hour | None
    new: Hour
    cause: Cause


class Span(NamedTuple):
    """Where a period lies: its bounds, the end of all that is recorded, what came before it."""

    start: int
    end: int
    recorded_until: int
    follows: bool


def hour_cause(old: Hour | None, new: Hour, whole: Hour) -> Cause:
    """Why an hour differs; `whole` is what it is with every source."""
    if old is None:
        return Cause.LATE
    fewer = new.seconds < old.seconds or new.minutes < old.minutes
    lower = fewer or _value(new) < _value(old)
    if whole != new and (lower or whole == old):
        return Cause.EXCLUDED
    return Cause.GAP if lower else Cause.LATE


def _value(hour: Hour) -> int:
    return -1 if hour.units is None else hour.units


def causes_of(
    pair: tuple[Measurement | None, Measurement | None],
    span: Span,
    changes: Sequence[HourChange],
    rules: DeviceRules,
) -> tuple[Cause, ...]:
    """Every reason that is seen, in the order of `Cause`; `pair` is (recorded, recomputed)."""
    found = set(_causes(pair, span, changes, rules))
    return tuple(cause for cause in Cause if cause in found) or (Cause.LATE,)


def _causes(
    pair: tuple[Measurement | None, Measurement | None],
    span: Span,
    changes: Sequence[HourChange],
    rules: DeviceRules,
) -> Iterator[Cause]:
    old, new = pair
    if old is None and span.end > span.recorded_until:
        yield Cause.PENDING
        return
    yield from (one.cause for one in changes if span.start <= one.new.start < span.end)
    if _is_failover(old, new, rules):
        yield Cause.FAILOVER
    if old is not None and new is not None and old.units == new.units and old.count != new.count:
        yield Cause.ROUNDING
    if span.follows:
        yield Cause.FOLLOWS
    elif old is not None and _ends_elsewhere(old, new, rules):
        yield Cause.PERIODS


def _is_failover(old: Measurement | None, new: Measurement | None, rules: DeviceRules) -> bool:
    over = [one is not None and one.reason is Reason.FAILOVER for one in (old, new)]
    if over[0] != over[1]:
        return True
    one = new or old
    starts = {start for start, _ in rules.spans()} if rules.active else set()
    return (old is None or new is None) and one is not None and one.start in starts


def _ends_elsewhere(old: Measurement, new: Measurement | None, rules: DeviceRules) -> bool:
    """A period that ended by itself, at another hour than the rules say."""
    planned = old.start + rules.period_seconds(old.start)
    by_itself = old.reason is Reason.PERIODIC and old.end != planned
    return by_itself and (new is None or new.end != old.end)
