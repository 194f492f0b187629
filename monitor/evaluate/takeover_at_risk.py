"""If the standby takes over now, calls stop or its licensing is not in order."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.pair import Verdict
from monitor.evaluate.evidence import instant
from monitor.evaluate.pair_case import PairCase, pair_finding
from monitor.evaluate.pair_checks import page_of
from monitor.evaluate.pair_rehearsal import problems, rehearse
from monitor.evaluate.promql import held
from monitor.evaluate.promql.names import ACTIVE
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words

NAME: Final = "takeover_at_risk"
STOPS: Final = "stops"
LATENT: Final = "latent"


def find(case: PairCase) -> Iterator[Finding]:
    """The standing finding of the rehearsal: a warning while the standby is one."""
    rehearsal = rehearse(case)
    found = list(problems(rehearsal))
    standby = case.states.get(rehearsal.standby or "")
    if standby is None or not found:
        return
    stops = any(one.verdict is Verdict.FAILS and one.name != "trust" for one in found)
    what = "calls stop" if stops else "its licensing is not in order"
    reasons = " ".join(one.why for one in found)
    why = f"If {standby.device.id} takes over now, {what}. {reasons}"
    rung = Rung(STOPS if stops else LATENT, Severity.WARNING)
    page, cycle = page_of(standby), standby.cycle
    facts = (cycle.trust, cycle.deadline, cycle.last_ack)
    finding = pair_finding(case, NAME, rung, Words(why, rehearsal.next), facts)
    yield replace(finding, deadline=instant(cycle.deadline) if page else None)


_OF_DEVICE: Final = "on (device, instance, job)"
_PAGES: Final = (
    f'max by (pair) ({held.CANDIDATE} and on (device) {ACTIVE}{{severity="critical",device!=""}})'
)
_UNTRUSTED: Final = (
    f"max by (pair) ({held.CANDIDATE} and {_OF_DEVICE} ({held.TRUST} == 0)"
    f" unless {_OF_DEVICE} ({held.REQUIRED} == 0))"
)
_OTHERWISE: Final = f"max by (pair) ({held.DIFFERS} == 1)"

RULE: Final = Rule(
    name=NAME,
    scope=Scope.PAIR,
    summary="If the standby takes over now, calls stop or its licensing is not in order",
    runbook="takeover-at-risk",
    steps=(STOPS, LATENT),
    find=find,
    next="`cubemon rehearse PAIR` lists what is wrong with the standby, and what to type there.",
    promql=(
        Condition(
            expr=f"(({_UNTRUSTED}) or ({_OTHERWISE})) unless ({_PAGES})",
            severity=Severity.WARNING,
            step=LATENT,
            subject="pair",
        ),
        Condition(expr=_PAGES, severity=Severity.WARNING, step=STOPS, subject="pair"),
    ),
)
