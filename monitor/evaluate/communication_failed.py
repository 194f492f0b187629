"""One device cannot reach its licence server."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import DAY
from monitor.domain.release import Stopping
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import instant, newest, standing
from monitor.evaluate.promql import cycle, held
from monitor.evaluate.report import consequence, cycle_facts, device_finding
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words
from monitor.evaluate.wording import step_name, utc

NAME: Final = "communication_failed"
_NEXT: Final = (
    "Type `show license tech support | section Communication Statistics`, check name server, proxy,"
    " VRF and the URL under `show license status`, then `license smart sync all`."
)


def find(case: Case) -> Iterator[Finding]:
    """A ticket; it wakes somebody only near a deadline that stops calls."""
    failure = communication_failure(case)
    if failure is None:
        return
    reason = f" ({failure.text})" if failure.text else ""
    why = (
        f"Communication with {communication_peer(case) or 'the licence server'} has failed, last"
        f" said at {utc(failure.effective)}{reason}. {consequence(case)}"
    )
    facts = (failure, *cycle_facts(case))
    yield device_finding(case, NAME, _rung(case), Words(why, _NEXT), facts)


def communication_failure(case: Case) -> Fact | None:
    """The failure that stands; a newer acknowledgement on the device's own word lifts it."""
    said = (fact for fact in case.sheet.of(FactName.COMMUNICATION) if not _is_lifted(case, fact))
    stands = standing(said, _is_failed)
    return stands if stands is not None and _is_failed(stands) else None


def _is_lifted(case: Case, fact: Fact) -> bool:
    acked = instant(case.cycle.last_ack)
    heard = None if acked is None else case.ours(case.cycle.last_ack, acked)
    return heard is not None and bool(_is_failed(fact)) and heard > fact.effective


def communication_peer(case: Case) -> str:
    """The peer named last, empty where none was."""
    named = newest(case.sheet.of(FactName.COMMUNICATION_PEER))
    return named.value if named is not None and isinstance(named.value, str) else ""


def _rung(case: Case) -> Rung:
    days = case.limits.communication_page_days
    if case.stops and case.near(days):
        return Rung(step_name(days * DAY), Severity.CRITICAL)
    harmless = not case.cycle_judged and case.stopping is not Stopping.BEFORE_POLICY
    return Rung("failed", Severity.INFO if harmless else Severity.WARNING)


def _is_failed(fact: Fact) -> int:
    return int(fact.value == "failed")


COUNTS: Final = (
    f"({cycle.judged(held.FAILED)}) or ({held.FAILED} {cycle.AND} ({held.BEFORE_POLICY} == 1))"
)
"""In PromQL: failures that are not only for information."""

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="The device cannot reach its licence server",
    runbook="communication-failed",
    steps=("failed", "7d"),
    find=find,
    next=_NEXT,
    promql=(
        Condition(expr=f"{held.FAILED} unless ({COUNTS})", severity=Severity.INFO, step="failed"),
        Condition(expr=COUNTS, severity=Severity.WARNING, step="failed"),
        cycle.stopping(cycle.near(held.FAILED), Severity.CRITICAL, limit="communication_page"),
    ),
)
