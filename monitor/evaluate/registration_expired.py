"""Before Smart Licensing Using Policy: registration or authorization is past due."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import span
from monitor.domain.release import Stopping
from monitor.domain.state import Registration
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import instant
from monitor.evaluate.promql import held
from monitor.evaluate.report import at, device_finding
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words

NAME: Final = "registration_expired"
_DUE: Final = {
    FactName.REGISTRATION_EXPIRES: "registration",
    FactName.AUTHORIZATION_DEADLINE: "authorization",
}
_EXPIRED: Final = frozenset({"eval_expired", "authorization_expired", "auth_expired"})
_NEXT: Final = (
    "Type `license smart renew id` and `license smart renew auth`; if that fails, register again"
    " with `license smart register idtoken TOKEN force`."
)


def find(case: Case) -> Iterator[Finding]:
    """These releases have no report deadline; they block calls by these states instead."""
    if case.stopping is not Stopping.BEFORE_POLICY:
        return
    due = [fact for name in _DUE if _is_past(case, fact := case.sheet.best(name)) and fact]
    authorization = case.sheet.best(FactName.AUTHORIZATION)
    if authorization is not None and authorization.value in _EXPIRED:
        due.append(authorization)
    if not due:
        return
    why = f"{' '.join(_words(case, fact) for fact in due)} Calls are blocked in this state."
    rung = Rung("past_due", Severity.CRITICAL)
    yield device_finding(case, NAME, rung, Words(why, _NEXT), due)


def _is_past(case: Case, fact: Fact | None) -> bool:
    moment = instant(fact)
    return moment is not None and case.clock(fact) > moment


def _words(case: Case, fact: Fact) -> str:
    moment = instant(fact)
    if moment is None:
        return f"The authorization state is {str(fact.value).replace('_', ' ')}."
    late = span(case.clock(fact) - moment)
    return f"The {_DUE[fact.name]} was due by {at(case, fact, moment)}, {late} ago."


def registration_of(case: Case) -> Registration | None:
    """What these findings and that of blocked calls rest on, for those who judge by themselves."""
    if case.stopping is not Stopping.BEFORE_POLICY:
        return None
    authorization = case.sheet.best(FactName.AUTHORIZATION)
    states = [case.sheet.best(FactName.REGISTRATION), authorization]
    words = [fact.value for fact in states if fact is not None]
    blocked = [instant(fact) or 0 for fact in case.sheet.of(FactName.CALLS_BLOCKED)]
    return Registration(
        expires=_ours(case, FactName.REGISTRATION_EXPIRES),
        authorization_deadline=_ours(case, FactName.AUTHORIZATION_DEADLINE),
        expired=None if authorization is None else authorization.value in _EXPIRED,
        in_order=words == ["registered", "authorized"] if words else None,
        calls_blocked=int(sum(blocked)) if blocked else None,
    )


def _ours(case: Case, name: FactName) -> float | None:
    fact = case.sheet.best(name)
    moment = instant(fact)
    return None if moment is None else case.ours(fact, moment)


_PAST_DUE: Final = (
    f"((time() > {held.REGISTRATION}) or (time() > {held.AUTHORIZATION}) or ({held.EXPIRED} == 1))"
    f" and ({held.BEFORE_POLICY} == 1)"
)

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="Registration or authorization is past due (before 17.3.2)",
    runbook="registration-expired",
    steps=("past_due",),
    find=find,
    next=_NEXT,
    promql=(Condition(expr=_PAST_DUE, severity=Severity.CRITICAL, step="past_due"),),
)
