"""The acknowledgement deadline has passed."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import span
from monitor.evaluate.case import Case
from monitor.evaluate.promql import cycle, held
from monitor.evaluate.report import POLL, at, cycle_finding, trust_or_sync
from monitor.evaluate.rule import Rule, Rung, Scope, Words

NAME: Final = "ack_overdue"


def find(case: Case) -> Iterator[Finding]:
    """Overdue only on the device's own word; a deadline worked out from days asks for a poll."""
    left, deadline = case.left, case.deadline
    if left is None or deadline is None or left >= 0:
        return
    passed = f"{at(case, case.cycle.deadline, deadline)}, {span(left)} ago"
    if case.exact:
        rung = Rung("overdue", Severity.CRITICAL if case.stops else Severity.WARNING)
        why = f"The acknowledgement deadline passed at {passed}, and no acknowledgement came."
        yield cycle_finding(case, NAME, rung, Words(why, trust_or_sync(case)))
        return
    rung = Rung("unknown", Severity.WARNING if case.stops else Severity.INFO)
    why = (
        f"ACK state unknown: poll this device. A deadline worked out from days passed at {passed},"
        " and nobody has read the exact one."
    )
    yield cycle_finding(case, NAME, rung, Words(why, POLL))


RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="The acknowledgement deadline has passed",
    runbook="ack-overdue",
    steps=("unknown", "overdue"),
    find=find,
    promql=(
        cycle.going_on(f"{cycle.PASSED} unless {held.EXACT}", Severity.INFO, step="unknown"),
        cycle.stopping(f"{cycle.PASSED} unless {held.EXACT}", Severity.WARNING, step="unknown"),
        cycle.going_on(f"{cycle.PASSED} and {held.EXACT}", Severity.WARNING, step="overdue"),
        cycle.stopping(f"{cycle.PASSED} and {held.EXACT}", Severity.CRITICAL, step="overdue"),
    ),
)
