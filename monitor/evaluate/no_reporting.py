"""The router reports nothing, because its policy asks for nothing."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import instant
from monitor.evaluate.promql import cycle, held
from monitor.evaluate.report import device_finding
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words

NAME: Final = "no_reporting"


def find(case: Case) -> Iterator[Finding]:
    """Not a missed deadline; shown so that nobody takes the silence for one."""
    interval = case.cycle.interval_days
    if instant(interval) != 0 or case.deadline is not None:
        return
    why = "The push interval is 0 (no reporting) and no acknowledgement is due. Calls do not stop."
    words = Words(why, "Nothing to do, unless this router is meant to report.")
    facts = (interval, case.cycle.deadline, case.cycle.required)
    yield device_finding(case, NAME, Rung("interval", Severity.INFO), words, facts)


RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="No reporting is asked for",
    runbook="no-reporting",
    steps=("interval",),
    find=find,
    promql=(
        Condition(
            expr=f"({held.INTERVAL} == 0) unless {cycle.LEFT}",
            severity=Severity.INFO,
            step="interval",
        ),
    ),
)
