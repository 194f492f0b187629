"""What the rules of the acknowledgement cycle share in PromQL: time left, waiting, by release."""

from typing import Final

from monitor.domain.findings import Severity
from monitor.evaluate.promql import held
from monitor.evaluate.rule import Condition

LEFT: Final = "device:ack_left:seconds"
"""Seconds until the deadline, negative after it; only where it is judged."""
AHEAD: Final = "device:ack_ahead:seconds"
"""The same while the deadline has not passed: its own second is ahead."""
PASSED: Final = f"({LEFT} unless {AHEAD})"
PLANNED: Final = "device:planned_push:timestamp_seconds"
WAITS: Final = "device:unacknowledged_report:timestamp_seconds"
"""When the report left that no acknowledgement has answered."""
STOPS: Final = f"({held.STOPPING} == 1)"
LIMITS_ON: Final = "on (instance, job) group_left ()"

AND: Final = "and on (device, instance, job)"
UNLESS: Final = "unless on (device, instance, job)"

_UNJUDGED: Final = (
    f"{UNLESS} ({held.REQUIRED} == 0) {UNLESS} ({held.BEFORE_POLICY} == 1)"
    f" {UNLESS} ({held.DUE} == 0)"
)

_NEVER_ANSWERED: Final = f"({held.LAST_REPORT} and ({held.RECEIVED} == 0))"
SHARED: Final = (
    (LEFT, f"({held.DEADLINE} - time()) {_UNJUDGED}"),
    (AHEAD, f"{LEFT} >= 0"),
    (PLANNED, f"{held.NEXT_PUSH} and ({held.PLANS} == 1)"),
    (WAITS, f"{_NEVER_ANSWERED} or ({held.LAST_REPORT} > {held.LAST_ACK})"),
)
"""(series, expression) recorded once for all rules."""


def judged(expr: str) -> str:
    """Only where an acknowledgement is required and one may be due."""
    return f"({expr}) {_UNJUDGED}"


def limit(name: str) -> str:
    """A limit that is the same for all devices, to be joined with `LIMITS_ON`."""
    return f'{held.LIMIT}{{limit="{name}"}}'


def longer(expr: str, name: str) -> str:
    """`expr` where it is above a limit."""
    return f"({expr} > {LIMITS_ON} {limit(name)})"


def near(expr: str) -> str:
    """Ahead of the deadline, or past an exact one; a limit of the condition says how near."""
    return f"({expr}) {AND} ({AHEAD} or {held.EXACT})"


def stopping(expr: str, severity: Severity, *, step: str = "", limit: str = "") -> Condition:
    """A condition on releases that stop calls, or may."""
    return Condition(expr=f"({expr}) {AND} {STOPS}", severity=severity, step=step, limit=limit)


def going_on(expr: str, severity: Severity, *, step: str = "", limit: str = "") -> Condition:
    """A condition on releases that do not stop calls."""
    return Condition(expr=f"({expr}) {UNLESS} {STOPS}", severity=severity, step=step, limit=limit)
