"""The router plans its next report push after the acknowledgement deadline."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import DAY, span
from monitor.evaluate.case import Case
from monitor.evaluate.promql import cycle, held
from monitor.evaluate.report import at, cycle_finding, missing_trust, trust_or_sync
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words
from monitor.evaluate.wording import step_name

NAME: Final = "push_planned_too_late"


def find(case: Case) -> Iterator[Finding]:
    """Such a router cannot be acknowledged in time unless somebody moves the push."""
    left, deadline, push = case.ahead, case.deadline, case.planned_push
    if left is None or deadline is None or push is None or push <= deadline:
        return
    why = (
        f"The next report push is planned for {at(case, case.cycle.next_push, push)},"
        f" {span(push - deadline)} after the acknowledgement deadline.{missing_trust(case)}"
    )
    yield cycle_finding(case, NAME, late_rung(case, left), Words(why, trust_or_sync(case)))


def late_rung(case: Case, left: float) -> Rung:
    """Critical on a stopping release once the deadline is near."""
    limit = case.limits.push_too_late_critical_days * DAY
    if case.stops and left <= limit:
        return Rung(step_name(limit), Severity.CRITICAL)
    return Rung("planned", Severity.WARNING)


_TOO_LATE: Final = f"({cycle.PLANNED} > {held.DEADLINE}) and {cycle.AHEAD}"

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="The next push is planned after the acknowledgement deadline",
    runbook="push-planned-too-late",
    steps=("planned", "14d"),
    find=find,
    promql=(
        Condition(expr=_TOO_LATE, severity=Severity.WARNING, step="planned"),
        cycle.stopping(_TOO_LATE, Severity.CRITICAL, limit="push_too_late_critical"),
    ),
)
