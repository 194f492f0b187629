"""Two sources give deadlines too far apart; both are shown."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import Fact
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import DAY
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import disagreement, distance, standing_deadlines
from monitor.evaluate.promql import held
from monitor.evaluate.report import POLL, device_finding
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words
from monitor.evaluate.wording import evidence_line

NAME: Final = "evidence_disagrees"


def find(case: Case) -> Iterator[Finding]:
    """The better evidence is judged; the other is not forgotten."""
    apart = _apart(case)
    if apart is None:
        return
    said = [evidence_line("next ACK deadline", fact) for fact in apart]
    believed, other = (f"{line.value} ({line.source}, {line.kind})" for line in said)
    why = f"Sources disagree on the acknowledgement deadline: judged by {believed}, not {other}."
    rung = Rung("deadline", Severity.INFO)
    yield device_finding(case, NAME, rung, Words(why, POLL), apart)


def disagreement_of(case: Case) -> float | None:
    """Seconds between the two deadlines, infinity where one says there is none."""
    apart = _apart(case)
    return None if apart is None else distance(*apart)


def _apart(case: Case) -> tuple[Fact, Fact] | None:
    return disagreement(
        standing_deadlines(case.sheet, case.skew),
        exact_seconds=case.limits.disagreement_exact_seconds,
        derived_seconds=case.limits.disagreement_derived_days * DAY,
    )


RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="Sources disagree on the acknowledgement deadline",
    runbook="evidence-disagrees",
    steps=("deadline",),
    find=find,
    promql=(
        Condition(expr=f"{held.DISAGREES} >= bool 0", severity=Severity.INFO, step="deadline"),
    ),
)
