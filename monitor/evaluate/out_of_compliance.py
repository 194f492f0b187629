"""The router says that a licence is out of compliance."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Finding, Severity
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import standing
from monitor.evaluate.promql import held
from monitor.evaluate.report import device_finding
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words
from monitor.evaluate.usage import is_left_out

NAME: Final = "out_of_compliance"
_STATES: Final = (FactName.OUT_OF_COMPLIANCE, FactName.USAGE_STATUS, FactName.AUTHORIZATION)
_NEXT: Final = (
    "Type `show license usage`, compare the counts with the virtual account's balance in CSSM, and"
    " buy or move licences."
)


def find(case: Case) -> Iterator[Finding]:
    """A warning: compliance alone stops nothing under Smart Licensing Using Policy."""
    out = [fact for fact in standing_states(case) if _is_out(fact)]
    if not out:
        return
    tags = ", ".join(fact.key for fact in out if fact.key) or "the router as a whole"
    why = f"The router reports out of compliance for {tags}. Calls do not stop for this."
    rung = Rung("reported", Severity.WARNING)
    yield device_finding(case, NAME, rung, Words(why, _NEXT), out)


def is_out_of_compliance(case: Case) -> bool | None:
    """None where the device never spoke of it."""
    states = standing_states(case)
    return any(_is_out(fact) for fact in states) if states else None


def standing_states(case: Case) -> tuple[Fact, ...]:
    """The state that stands of each tag, or of the whole device under the empty tag."""
    spoken = [
        fact
        for name in _STATES
        for fact in case.sheet.of(name)
        if not is_left_out(fact, case.sheet)
    ]
    tags = sorted({fact.key for fact in spoken})
    stands = (standing([f for f in spoken if f.key == tag], _is_out) for tag in tags)
    return tuple(fact for fact in stands if fact is not None)


def _is_out(fact: Fact) -> int:
    if fact.name is FactName.OUT_OF_COMPLIANCE:
        return int(fact.value is True)
    return int(fact.value == "out_of_compliance")


RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="The device reports a licence out of compliance",
    runbook="out-of-compliance",
    steps=("reported",),
    find=find,
    next=_NEXT,
    promql=(
        Condition(
            expr=f"{held.OUT_OF_COMPLIANCE} == 1", severity=Severity.WARNING, step="reported"
        ),
    ),
)
