"""The limits as numbers for rules outside the monitor, so that no number stands in two places."""

from collections.abc import Iterator, Sequence
from typing import Final

from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.domain.state import Threshold
from monitor.evaluate.case import Case
from monitor.evaluate.limits import Limits
from monitor.evaluate.wording import step_name

_UNITS: Final = {"days": DAY, "hours": HOUR, "minutes": MINUTE, "seconds": 1}
_PULL: Final = ("pull_info_days", "pull_warning_days", "pull_critical_days", "pull_last_days")
_UNKNOWN: Final = ("unknown_cycle_warning_days", "unknown_cycle_critical_days")
_STOPPING: Final = (
    "push_too_late_critical_days",
    "no_room_critical_hours",
    "push_overdue_critical_days",
    "unacknowledged_critical_days",
    "communication_page_days",
    "backstop_warning_days",
    "backstop_always_hours",
)
_ALIKE: Final = (
    "retry_room_hours",
    "push_overdue_after_hours",
    "unacknowledged_after_hours",
    "backstop_push_grace_minutes",
    "balance_raise_seconds",
    "balance_hold_seconds",
    "shared_cause_devices",
)


def steps_shown(case: Case) -> Iterator[tuple[str, float]]:
    """Step -> seconds before the deadline, for those who look at one device."""
    if case.deadline is None:
        return
    limits = case.limits
    days = [limits.backstop_critical_days]
    if case.no_push_planned:
        days += [limits.pull_info_days, limits.pull_warning_days, limits.pull_critical_days]
    elif case.stops:
        days += [limits.push_too_late_critical_days, limits.backstop_warning_days]
    for number in days:
        yield step_name(number * DAY), number * DAY
    if case.stops:
        hours = limits.backstop_always_hours
        yield step_name(hours * HOUR), hours * HOUR


def rungs(case: Case) -> tuple[Threshold, ...]:
    """Where steps begin for this device, by its transport and by what its release does."""
    if case.deadline is None:
        return ()
    names: list[str] = ["backstop_critical_days"]
    if case.no_push_planned:
        names += _PULL
    elif case.cycle.next_push is None and case.cycle.last_push is None:
        names += _UNKNOWN
    if case.stops:
        names += _STOPPING
    return tuple(_threshold(case.limits, name) for name in names)


def limits_for_all(limits: Limits) -> Sequence[Threshold]:
    """The limits that are counted from something else than the deadline."""
    return [_threshold(limits, name) for name in _ALIKE]


def _threshold(limits: Limits, field: str) -> Threshold:
    name, _, unit = field.rpartition("_")
    value = float(getattr(limits, field))
    if unit not in _UNITS:
        return Threshold(field, "", value)
    seconds = value * _UNITS[unit]
    return Threshold(name, step_name(seconds), seconds)


def step_of(limits: Limits, name: str) -> str:
    """The step that begins at a limit, named without its unit."""
    for unit in _UNITS:
        if hasattr(limits, f"{name}_{unit}"):
            return _threshold(limits, f"{name}_{unit}").step
    raise KeyError(name)
