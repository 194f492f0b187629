"""The planned report push did not happen."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import DAY, HOUR, span
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import instant
from monitor.evaluate.promql import cycle, held
from monitor.evaluate.report import at, cycle_finding, missing_trust, trust_or_sync
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words
from monitor.evaluate.wording import step_name

NAME: Final = "push_overdue"


def find(case: Case) -> Iterator[Finding]:
    """A push is due, and no report has left since."""
    push, sent = case.planned_push, instant(case.cycle.last_push)
    if push is None or not case.cycle_judged:
        return
    late = case.clock(case.cycle.next_push) - push
    reported = sent is not None and sent > push
    if late <= case.limits.push_overdue_after_hours * HOUR or reported:
        return
    why = (
        f"The report push planned for {at(case, case.cycle.next_push, push)} is {span(late)} late"
        f" and no report has left since.{missing_trust(case)}"
    )
    yield cycle_finding(case, NAME, _rung(case), Words(why, trust_or_sync(case)))


def _rung(case: Case) -> Rung:
    days = case.limits.push_overdue_critical_days
    if case.stops and case.near(days):
        return Rung(step_name(days * DAY), Severity.CRITICAL)
    return Rung("late", Severity.WARNING)


_LATE: Final = cycle.judged(
    f"{cycle.longer(f'(time() - {cycle.PLANNED})', 'push_overdue_after')}"
    f" unless ({held.LAST_REPORT} > {cycle.PLANNED})"
)

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="The planned report push did not happen",
    runbook="push-overdue",
    steps=("late", "7d"),
    find=find,
    promql=(
        Condition(expr=_LATE, severity=Severity.WARNING, step="late"),
        cycle.stopping(cycle.near(_LATE), Severity.CRITICAL, limit="push_overdue_critical"),
    ),
)
