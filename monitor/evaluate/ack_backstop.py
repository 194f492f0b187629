"""The deadline is close and the cycle has not closed: the last net under the other rules."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import HOUR, span
from monitor.evaluate.case import Case
from monitor.evaluate.ladder import Ladder, standing_rung
from monitor.evaluate.promql import cycle
from monitor.evaluate.report import cycle_finding, trust_or_sync
from monitor.evaluate.rule import Rule, Rung, Scope, Words
from monitor.evaluate.wording import step_name

NAME: Final = "ack_backstop"


def find(case: Case) -> Iterator[Finding]:
    """Days count only while a report waits or a push has passed; the last day always counts."""
    left = case.ahead
    rung = None if left is None else _rung(case, left)
    if left is None or rung is None:
        return
    why = f"The acknowledgement deadline is {span(left)} away and {_open_end(case)}."
    yield cycle_finding(case, NAME, rung, Words(why, trust_or_sync(case)))


def last_step(case: Case) -> str:
    """Name of the rung that stands whatever the cycle says."""
    return step_name(case.limits.backstop_always_hours * HOUR)


def _rung(case: Case, left: float) -> Rung | None:
    if case.stops and left <= case.limits.backstop_always_hours * HOUR:
        return Rung(last_step(case), Severity.CRITICAL)
    if not (case.unacknowledged or case.planned_push_passed):
        return None
    return standing_rung(left, _ladder(case))


def _ladder(case: Case) -> Ladder:
    limits = case.limits
    if not case.stops:
        return ((limits.backstop_critical_days, Severity.WARNING),)
    return (
        (limits.backstop_warning_days, Severity.WARNING),
        (limits.backstop_critical_days, Severity.CRITICAL),
    )


def _open_end(case: Case) -> str:
    if case.unacknowledged:
        return "the last report is not acknowledged"
    if case.planned_push_passed:
        return "the planned push has passed without an acknowledgement"
    return "no acknowledgement has moved it"


_PASSED: Final = cycle.longer(f"(time() - {cycle.PLANNED})", "backstop_push_grace")
_OPEN: Final = f"({cycle.WAITS} or {_PASSED}) and {cycle.AHEAD}"

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="The deadline is close and nothing has been acknowledged",
    runbook="ack-backstop",
    steps=("7d", "3d", "24h"),
    find=find,
    promql=(
        cycle.stopping(_OPEN, Severity.WARNING, limit="backstop_warning"),
        cycle.going_on(_OPEN, Severity.WARNING, limit="backstop_critical"),
        cycle.stopping(_OPEN, Severity.CRITICAL, limit="backstop_critical"),
        cycle.stopping(cycle.AHEAD, Severity.CRITICAL, limit="backstop_always"),
    ),
)
