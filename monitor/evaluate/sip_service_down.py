"""The SIP service of the router is down."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import span
from monitor.domain.release import Stopping
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import standing
from monitor.evaluate.promql import held
from monitor.evaluate.report import at, cycle_facts, device_finding, trust_or_sync
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words

NAME: Final = "sip_service_down"
_LOOK: Final = (
    "Type `show voice sip license status` and `show running-config | section voice service voip`;"
    " `no shutdown` under `voice service voip` / `sip` if it was meant to run."
)


def sip_service(case: Case) -> Fact | None:
    """The state of the SIP service that stands: a forged "up" does not lift a "down"."""
    return standing(case.sheet.of(FactName.SIP_SERVICE), _is_down)


def find(case: Case) -> Iterator[Finding]:
    """Critical whatever the cause; the cause decides what to do."""
    service = sip_service(case)
    if service is None or not _is_down(service):
        return
    rung = Rung("down", Severity.CRITICAL)
    facts = (service, *cycle_facts(case))
    yield device_finding(case, NAME, rung, _words(case, service), facts)


def blames_licence(case: Case) -> bool:
    """An exact deadline has passed on a release that stops calls."""
    left = case.left
    passed = left is not None and left < 0 and case.exact
    return passed and case.stopping is Stopping.STOPS


def _words(case: Case, service: Fact) -> Words:
    down = "SIP service is down: no SIP calls."
    if service.value == "shutdown":
        return Words(f"{down} An operator shut it down; the licence is not the cause.", _LOOK)
    left, deadline = case.left, case.deadline
    if blames_licence(case) and left is not None and deadline is not None:
        when = at(case, case.cycle.deadline, deadline)
        why = (
            f"{down} The acknowledgement deadline passed at {when}, {span(left)} ago, and release"
            f" {case.release_name} stops calls then; they resume with a valid acknowledgement."
        )
        return Words(why, trust_or_sync(case))
    return Words(f"{down} {_other_cause(case)}", _LOOK)


def _other_cause(case: Case) -> str:
    left = case.left
    if case.stopping in (Stopping.NEVER, Stopping.BEFORE_POLICY):
        release = case.release_name or "of this age"
        return f"Release {release} does not stop it at a deadline; look for a shutdown."
    if left is not None and left >= 0:
        ends = f"its deadline is {span(left)} away"
        return f"The acknowledgement is valid ({ends}): an operator's shutdown, not the licence."
    if left is None and not case.cycle_judged:
        return "No acknowledgement is due: an operator's shutdown, not the licence."
    return "The cause is unknown: read the exact acknowledgement deadline and release."


def _is_down(fact: Fact) -> int:
    return int(fact.value in ("down", "shutdown"))


RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="The SIP service is down",
    runbook="sip-service-down",
    steps=("down",),
    find=find,
    next=_LOOK,
    promql=(Condition(expr=f"{held.SIP_DOWN} == 1", severity=Severity.CRITICAL, step="down"),),
)
