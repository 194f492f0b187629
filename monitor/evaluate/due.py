"""When the clock alone can change a device's findings."""

import math
from collections.abc import Iterator
from dataclasses import fields

from monitor.domain.facts import Fact, FactName
from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.evaluate import usage_drift
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import instant
from monitor.evaluate.limits import Limits


def next_due(case: Case) -> float | None:
    """The earliest instant after now, on our clock, at which a threshold is reached or passed."""
    moments = (
        moment
        for threshold in _thresholds(case)
        for moment in (threshold, math.floor(threshold) + 1)
    )
    return min((moment for moment in moments if moment > case.now), default=None)


def steps(limits: Limits) -> tuple[float, ...]:
    """Seconds before the deadline at which any rung begins, longest first."""
    days = {
        getattr(limits, field.name) * DAY
        for field in fields(limits)
        if field.name.endswith(("_critical_days", "_warning_days", "_info_days", "_last_days"))
    }
    days.add(limits.communication_page_days * DAY)
    hours = {limits.no_room_critical_hours * HOUR, limits.backstop_always_hours * HOUR}
    return tuple(sorted(days | hours, reverse=True))


def _thresholds(case: Case) -> Iterator[float]:
    cycle, limits = case.cycle, case.limits
    yield from _of(case, cycle.deadline, *(-step for step in steps(limits)), 0)
    grace = limits.backstop_push_grace_minutes * MINUTE
    yield from _of(case, cycle.next_push, grace, limits.push_overdue_after_hours * HOUR)
    yield from _of(case, cycle.last_push, limits.unacknowledged_after_hours * HOUR)
    for name in (FactName.REGISTRATION_EXPIRES, FactName.AUTHORIZATION_DEADLINE):
        yield from _of(case, case.sheet.best(name), 0)
    yield from case.silence.expected.values()
    yield from usage_drift.waiting(case)


def _of(case: Case, fact: Fact | None, *after: float) -> Iterator[float]:
    moment = instant(fact)
    if moment is not None:
        yield from (case.ours(fact, moment) + seconds for seconds in after)
