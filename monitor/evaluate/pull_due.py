"""No push is planned: somebody must pull or carry the report, and bring the ACK back."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import span
from monitor.evaluate.case import Case
from monitor.evaluate.ladder import Ladder, standing_rung
from monitor.evaluate.promql import cycle, held
from monitor.evaluate.report import cycle_finding
from monitor.evaluate.rule import Condition, Rule, Scope, Words

NAME: Final = "pull_due"
_NEXT: Final = (
    "Pull from CSLU, or type `license smart save usage unreported file bootflash:usage.xml`, upload"
    " it in CSSM, and `license smart import bootflash:ACK-FILE`."
)


def find(case: Case) -> Iterator[Finding]:
    """The deadline only moves when an acknowledgement is imported."""
    left = case.ahead
    if left is None or not case.no_push_planned:
        return
    rung = standing_rung(left, _ladder(case))
    if rung is None:
        return
    waits = " A report was pulled or written, its ACK is not imported." * case.unacknowledged
    why = (
        f"This router plans no push: its report must be pulled or carried, and the ACK imported,"
        f" within {span(left)}.{waits}"
    )
    yield cycle_finding(case, NAME, rung, Words(why, _NEXT))


def _ladder(case: Case) -> Ladder:
    limits, severe = case.limits, Severity.CRITICAL if case.stops else Severity.WARNING
    return (
        (limits.pull_info_days, Severity.INFO),
        (limits.pull_warning_days, Severity.WARNING),
        (limits.pull_critical_days, severe),
        (limits.pull_last_days, severe),
    )


_NO_PUSH: Final = f"({held.PLANS} == 0) and {cycle.AHEAD}"

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="A report must be pulled or carried, and its ACK imported",
    runbook="pull-due",
    steps=("30d", "14d", "7d", "3d"),
    find=find,
    next=_NEXT,
    promql=(
        Condition(expr=_NO_PUSH, severity=Severity.INFO, limit="pull_info"),
        Condition(expr=_NO_PUSH, severity=Severity.WARNING, limit="pull_warning"),
        cycle.going_on(_NO_PUSH, Severity.WARNING, limit="pull_critical"),
        cycle.going_on(_NO_PUSH, Severity.WARNING, limit="pull_last"),
        cycle.stopping(_NO_PUSH, Severity.CRITICAL, limit="pull_critical"),
        cycle.stopping(_NO_PUSH, Severity.CRITICAL, limit="pull_last"),
    ),
)
