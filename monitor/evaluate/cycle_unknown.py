"""Only the deadline is known, not what the router does about it."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import span
from monitor.evaluate.case import Case
from monitor.evaluate.ladder import Ladder, standing_rung
from monitor.evaluate.promql import cycle, held
from monitor.evaluate.report import POLL, cycle_finding
from monitor.evaluate.rule import Rule, Scope, Words

NAME: Final = "cycle_unknown"


def find(case: Case) -> Iterator[Finding]:
    """Days are all there is to go by."""
    left = case.ahead
    known = case.cycle.next_push is not None or case.cycle.last_push is not None
    if left is None or known or case.no_push_planned:
        return
    rung = standing_rung(left, _ladder(case))
    if rung is None:
        return
    why = (
        f"An acknowledgement is due within {span(left)}, and it is not known when this router"
        " pushes its report, or whether it has."
    )
    yield cycle_finding(case, NAME, rung, Words(why, POLL))


def _ladder(case: Case) -> Ladder:
    limits = case.limits
    first, last = limits.unknown_cycle_warning_days, limits.unknown_cycle_critical_days
    if case.stops:
        return ((first, Severity.WARNING), (last, Severity.CRITICAL))
    return ((first, Severity.INFO), (last, Severity.WARNING))


_UNKNOWN: Final = f"{cycle.AHEAD} unless {held.PLANS} unless {held.SENT}"

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="Only the deadline is known, not the push cycle",
    runbook="cycle-unknown",
    steps=("14d", "3d"),
    find=find,
    next=POLL,
    promql=(
        cycle.going_on(_UNKNOWN, Severity.INFO, limit="unknown_cycle_warning"),
        cycle.going_on(_UNKNOWN, Severity.WARNING, limit="unknown_cycle_critical"),
        cycle.stopping(_UNKNOWN, Severity.WARNING, limit="unknown_cycle_warning"),
        cycle.stopping(_UNKNOWN, Severity.CRITICAL, limit="unknown_cycle_critical"),
    ),
)
