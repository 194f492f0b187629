"""Before Smart Licensing Using Policy: the router has blocked calls for want of a licence."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Finding, Severity
from monitor.domain.release import Stopping
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import instant
from monitor.evaluate.promql import held
from monitor.evaluate.report import device_finding
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words

NAME: Final = "calls_blocked"
_NEXT: Final = (
    "Type `show license status` and `show license summary`; register with"
    " `license smart register idtoken TOKEN`, then see whether `show cube status` still counts up."
)


def find(case: Case) -> Iterator[Finding]:
    """The counter lives until a reload, so it wakes nobody while the router is in good standing."""
    blocked = [fact for fact in case.sheet.of(FactName.CALLS_BLOCKED) if (instant(fact) or 0) > 0]
    if case.stopping is not Stopping.BEFORE_POLICY or not blocked:
        return
    calls = ", ".join(
        f"{fact.value} ({fact.key})" if fact.key else f"{fact.value}" for fact in blocked
    )
    states = [case.sheet.best(FactName.REGISTRATION), case.sheet.best(FactName.AUTHORIZATION)]
    good = [fact.value for fact in states if fact is not None] == ["registered", "authorized"]
    rung = Rung("before", Severity.WARNING) if good else Rung("blocked", Severity.CRITICAL)
    why = f"The router has blocked calls for want of a licence: {calls}.{_standing(good=good)}"
    facts: list[Fact | None] = [*blocked, *states]
    yield device_finding(case, NAME, rung, Words(why, _NEXT), facts)


def _standing(*, good: bool) -> str:
    if good:
        return " It is registered and authorized again, so no more should be blocked."
    return " It blocks calls until it is registered and authorized."


RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="Calls were blocked by the registration or authorization state (before 17.3.2)",
    runbook="calls-blocked",
    steps=("before", "blocked"),
    find=find,
    next=_NEXT,
    promql=(
        Condition(
            expr=f"({held.BLOCKED} > 0) and ({held.IN_ORDER} == 1)",
            severity=Severity.WARNING,
            step="before",
        ),
        Condition(
            expr=f"({held.BLOCKED} > 0) unless ({held.IN_ORDER} == 1)",
            severity=Severity.CRITICAL,
            step="blocked",
        ),
    ),
)
