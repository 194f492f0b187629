"""A licence reservation does not spare a router its usage reports."""

from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import (
    FINE,
    OPERATION,
    Advice,
    Answer,
    Check,
    of_key,
    uses_policy,
    word,
)
from monitor.evaluate.case import Case

_STATES: Final = (FactName.AUTHORIZATION, FactName.USAGE_STATUS)


def look(case: Case) -> Answer:
    """Configured, or shown as the state of a CUBE licence."""
    policy = uses_policy(case)
    told = [fact for name in _STATES for fact in of_key(case, name).values()]
    configured = case.sheet.best(FactName.CONFIG_RESERVATION)
    if policy is None or (configured is None and not told):
        return None
    reserved = [fact for fact in (configured, *told) if fact is not None and _reserves(fact)]
    if not policy or not reserved:
        return FINE
    return (
        Advice(
            step="reserved",
            severity=Severity.WARNING,
            why=f"Licences are reserved, and release {case.release_name} reports by policy: the"
            " reservation does not count for CUBE, and reports are still due.",
            next="Report as the policy asks; when that works, type `no license smart reservation`"
            " and return the reservation in CSSM.",
            facts=tuple(reserved),
        ),
    )


def _reserves(fact: Fact) -> bool:
    return fact.value is True or "reserv" in word(fact)


CHECK: Final = Check(
    name="reservation_with_policy",
    rule="A reservation (SLR) of CUBE licences does not go with Smart Licensing Using Policy:"
    " usage must be reported all the same.",
    source=f"{OPERATION}, note",
    steps=(("reserved", Severity.WARNING),),
    asks=("show version", "show license usage"),
    look=look,
)
