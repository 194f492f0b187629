"""The router has no trust code, has never reported and was never acknowledged."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import says_none
from monitor.evaluate.promql import cycle, held
from monitor.evaluate.push_planned_too_late import late_rung
from monitor.evaluate.report import cycle_finding, trust_or_sync
from monitor.evaluate.rule import Condition, Rule, Scope, Words

NAME: Final = "never_acknowledged"


def find(case: Case) -> Iterator[Finding]:
    """As bad as a push planned too late: without a trust code no push succeeds."""
    cycle, left = case.cycle, case.ahead
    never = all(says_none(fact) for fact in (cycle.last_ack, cycle.last_push, cycle.trust))
    if left is None or not never:
        return
    why = (
        "This router was never acknowledged and has never reported, and no trust code is installed,"
        " so the account takes no report from it."
    )
    yield cycle_finding(case, NAME, late_rung(case, left), Words(why, trust_or_sync(case)))


_NEVER: Final = (
    f"({held.RECEIVED} == 0) and ({held.SENT} == 0) and ({held.TRUST} == 0) and {cycle.AHEAD}"
)

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="Never acknowledged, never reported, no trust code",
    runbook="never-acknowledged",
    steps=("planned", "14d"),
    find=find,
    promql=(
        Condition(expr=_NEVER, severity=Severity.WARNING, step="planned"),
        cycle.stopping(_NEVER, Severity.CRITICAL, limit="push_too_late_critical"),
    ),
)
