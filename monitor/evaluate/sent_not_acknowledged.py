"""A report was sent and no acknowledgement has come back."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import DAY, HOUR, span
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import instant
from monitor.evaluate.promql import cycle
from monitor.evaluate.report import at, cycle_finding
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words
from monitor.evaluate.wording import step_name

NAME: Final = "sent_not_acknowledged"
_NEXT: Final = (
    "Type `show license tech support` and look at the communication statistics (result polling),"
    " look for the report in CSSM, then type `license smart sync all`."
)


def find(case: Case) -> Iterator[Finding]:
    """An acknowledgement normally follows a push within minutes or hours."""
    sent = instant(case.cycle.last_push)
    if sent is None or not case.cycle_judged or not case.unacknowledged:
        return
    waiting = case.clock(case.cycle.last_push) - sent
    if waiting <= case.limits.unacknowledged_after_hours * HOUR:
        return
    why = (
        f"The report of {at(case, case.cycle.last_push, sent)} has waited {span(waiting)} for its"
        " acknowledgement."
    )
    yield cycle_finding(case, NAME, _rung(case), Words(why, _NEXT))


def _rung(case: Case) -> Rung:
    days = case.limits.unacknowledged_critical_days
    if case.stops and case.near(days):
        return Rung(step_name(days * DAY), Severity.CRITICAL)
    return Rung("sent", Severity.WARNING)


_WAITING: Final = cycle.judged(cycle.longer(f"(time() - {cycle.WAITS})", "unacknowledged_after"))

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="A report was sent and not acknowledged",
    runbook="sent-not-acknowledged",
    steps=("sent", "7d"),
    find=find,
    next=_NEXT,
    promql=(
        Condition(expr=_WAITING, severity=Severity.WARNING, step="sent"),
        cycle.stopping(cycle.near(_WAITING), Severity.CRITICAL, limit="unacknowledged_critical"),
    ),
)
