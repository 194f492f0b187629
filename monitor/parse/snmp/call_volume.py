"""CISCO-VOICE-DIAL-CONTROL-MIB: calls of each of the last 60 seconds, laid on UTC seconds.

Row i of the table is the i-th last whole second of the device's uptime. Answers carry the uptime,
so that each narrows down when the device started; laid over the answer before, the seconds both
hold must agree. Seconds that no answer holds stay without a reading, and are said.

Source: CISCO-VOICE-DIAL-CONTROL-MIB of 2012-05-15, cvActiveCallStatsTable, interval unit 1.
"""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.domain.events import CallsGap, Event, Restarted
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.tags import CALLS
from monitor.parse.snmp.bindings import Bindings
from monitor.parse.snmp.system import TICKS, UPTIME
from monitor.wire import SnmpReport

SECONDS_TABLE: Final = "1.3.6.1.4.1.9.9.63.1.4.3.3.1.3.1"
ACTIVE_BY_TYPE: Final = "1.3.6.1.4.1.9.9.63.1.3.8.1.1.2"
SIP: Final = 2
SOURCE: Final = "snmp"
GAUGE_SOURCE: Final = "snmp_gauge"
"""Where there is no table: connections at one moment, which are legs; kept apart from the table."""

_ROWS: Final = 60
_WRAP: Final = (1 << 32) / TICKS
_TICK: Final = 1 / TICKS
_SLACK: Final = 5.0
"""Seconds an uptime may lag behind what it should be before that is a restart."""
_DRIFT: Final = 2e-4
_STICKY: Final = 0.75
_SHIFTS: Final = (0, 1, -1, 2, -2)
_ENOUGH: Final = 4
"""Seconds two answers must share before a shift between them is believed."""
_MOST_CALLS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is remembered of a device from one answer to the next."""

    asked: float
    received: float
    uptime: float
    """Seconds, beyond the wrap of sysUpTime after 497 days."""
    bounds: tuple[float, float]
    """The start of the device lies between, seconds since 1970 UTC."""
    start: int
    """The whole second its start is taken for."""
    counts: Mapping[int, int] = field(default_factory=dict)
    """Second of uptime -> calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Readings of one answer, what happened in between, and what to remember."""

    readings: ReadingColumns
    events: tuple[Event, ...]
    window: Window | None


def volume(report: SnmpReport, device: str, before: Window | None) -> Volume:
    """Readings of `device` from the answer and the one before it; none without an uptime."""
    values = Bindings(report.varbinds)
    ticks = values.number(UPTIME)
    if ticks is None:
        return Volume(readings=_columns(device, SOURCE, {}), events=(), window=before)
    counts = _counts(values)
    if not counts:
        return _gauge(report, values, device, before)
    now = _window(report, ticks / TICKS, before)
    return _laid(now, counts, device, before)


def _counts(values: Bindings) -> dict[int, int]:
    """Row -> calls, as far as they can be true."""
    rows = {}
    for row in values.column(SECONDS_TABLE):
        count = values.number(f"{SECONDS_TABLE}.{row}")
        if row.isdecimal() and 1 <= int(row) <= _ROWS and count is not None:
            rows[int(row)] = count
    return {row: count for row, count in rows.items() if 0 <= count <= _MOST_CALLS}


def _gauge(report: SnmpReport, values: Bindings, device: str, before: Window | None) -> Volume:
    count = values.number(f"{ACTIVE_BY_TYPE}.{SIP}")
    known = count is not None and 0 <= count <= _MOST_CALLS
    seconds = {int(report.received): count} if known and count is not None else {}
    return Volume(readings=_columns(device, GAUGE_SOURCE, seconds), events=(), window=before)


# When the device started


def _window(report: SnmpReport, uptime: float, before: Window | None) -> Window:
    if before is not None:
        uptime = _unwrapped(report, uptime, before)
    bounds = (report.asked - uptime - _TICK, report.received - uptime)
    start = _middle(bounds)
    if before is not None and _goes_on(report.asked, uptime, before):
        bounds = _narrowed(bounds, before.bounds, report.received - before.received)
        start = _middle(bounds)
        if abs(start - before.start) < _STICKY:
            start = before.start
    return Window(
        asked=report.asked,
        received=report.received,
        uptime=uptime,
        bounds=bounds,
        start=round(start),
    )


def _middle(bounds: tuple[float, float]) -> float:
    return (bounds[0] + bounds[1]) / 2


def _unwrapped(report: SnmpReport, uptime: float, before: Window) -> float:
    wraps = max(0, round((before.uptime + report.asked - before.received - uptime) / _WRAP))
    return (
        uptime + wraps * _WRAP if _goes_on(report.asked, uptime + wraps * _WRAP, before) else uptime
    )


def _goes_on(asked: float, uptime: float, before: Window) -> bool:
    lag = asked - before.received - (uptime - before.uptime)
    return uptime >= before.uptime and lag < _SLACK


def _narrowed(
    found: tuple[float, float], before: tuple[float, float], seconds: float
) -> tuple[float, float]:
    drift = _DRIFT * max(0.0, seconds)
    low, high = max(found[0], before[0] - drift), min(found[1], before[1] + drift)
    # Nothing in common: one of the two clocks was set.
    return (low, high) if low <= high else found


# Where the rows lie


def _laid(now: Window, rows: Mapping[int, int], device: str, before: Window | None) -> Volume:
    newest = int(now.uptime) - 1
    counts = {newest + 1 - row: count for row, count in rows.items() if row <= newest + 1}
    events: list[Event] = []
    fresh: Mapping[int, int] = counts
    if before is not None:
        restarted = not _goes_on(now.asked, now.uptime, before)
        laid = None if restarted else _agreeing(counts, before.counts)
        counts = counts if laid is None else laid
        fresh = _fresh(counts, before, restarted=restarted, agrees=laid is not None)
        events = list(_happened(now, counts, before, restarted=restarted, agrees=laid is not None))
    return Volume(
        readings=_columns(device, SOURCE, {now.start + at: fresh[at] for at in fresh}),
        events=tuple(events),
        window=Window(
            asked=now.asked,
            received=now.received,
            uptime=now.uptime,
            bounds=now.bounds,
            start=now.start,
            counts=counts,
        ),
    )


def _agreeing(counts: Mapping[int, int], before: Mapping[int, int]) -> dict[int, int] | None:
    """The seconds moved by so little that they agree with those before; None where none do.

    The device may begin its seconds elsewhere than its uptime does.
    """
    for shift in _SHIFTS:
        moved = {at + shift: count for at, count in counts.items()}
        if _agree(moved, before, shift):
            return moved
    return None


def _agree(counts: Mapping[int, int], before: Mapping[int, int], shift: int) -> bool:
    # The newest second may still have been counting when it was read.
    shared = [at for at in counts.keys() & before.keys() if at != max(before)]
    if any(counts[at] != before[at] for at in shared):
        return False
    return shift == 0 or (len({before[at] for at in shared}) > 1 and len(shared) >= _ENOUGH)


def _fresh(
    counts: Mapping[int, int], before: Window, *, restarted: bool, agrees: bool
) -> Mapping[int, int]:
    """What was not told before, and the newest second of the answer before once more."""
    if restarted or not before.counts:
        return counts
    last = max(before.counts)
    return {at: count for at, count in counts.items() if at > last or (agrees and at == last)}


def _happened(
    now: Window, counts: Mapping[int, int], before: Window, *, restarted: bool, agrees: bool
) -> Iterator[Event]:
    last = before.start + max(before.counts, default=-1)
    if restarted:
        yield Restarted(manner="unknown", booted=now.start)
        yield from _gap(last + 1, now.start + min(counts, default=0), "restart")
    elif not agrees:
        first = min(counts.keys() & before.counts.keys(), default=max(before.counts))
        yield from _gap(before.start + first, last + 1, "mismatch")
    else:
        yield from _gap(last + 1, now.start + min(counts, default=0), "not_polled")


def _gap(start: int, end: int, cause: str) -> Iterator[Event]:
    if end > start:
        yield CallsGap(start=start, seconds=end - start, cause=cause)


def _columns(device: str, source: str, seconds: Mapping[int, int]) -> ReadingColumns:
    ordered = sorted(seconds)
    return ReadingColumns(
        series=(Series(device, CALLS, source),) if ordered else (),
        which=array("I", [0] * len(ordered)),
        seconds=array("q", ordered),
        counts=array("q", (seconds[at] for at in ordered)),
    )
