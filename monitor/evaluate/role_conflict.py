"""A licence request came from the router that is believed to be the standby."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.pair import MemberRole, Role
from monitor.evaluate.pair_case import PairCase, pair_finding
from monitor.evaluate.promql import held, pair
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words
from monitor.evaluate.wording import utc

NAME: Final = "role_conflict"


def find(case: PairCase) -> Iterator[Finding]:
    """Only the active one asks for licences; a newer word of its role settles it."""
    for member in case.roles.members:
        if member.role is Role.STANDBY and not case.pair.in_box:
            yield from _of(case, member)


def _of(case: PairCase, member: MemberRole) -> Iterator[Finding]:
    state = case.states.get(member.device)
    redundancy = state.redundancy if state is not None else None
    request, said = redundancy.request if redundancy else None, member.said
    if request is None or said is None or request.effective <= said.effective:
        return
    why = (
        f"{member.device} is believed to be the standby (said at {utc(said.effective)}), but asked"
        f" for licences at {utc(request.effective)}: it may have taken over."
    )
    advice = f"Type `show redundancy application group` on {member.device} and read it in."
    rung = Rung("request", Severity.WARNING)
    yield pair_finding(case, NAME, rung, Words(why, advice), (said, request))


_CONFLICT: Final = (
    f"max without (device) (({held.ROLE_SAID} < on (device, instance, job) group_left ()"
    f' {held.REQUESTED}) and on (pair, device, instance, job) ({held.ROLE}{{role="standby"}} == 1)'
    f" and on (pair, instance, job) {pair.TWO})"
)

RULE: Final = Rule(
    name=NAME,
    scope=Scope.PAIR,
    summary="A licence request from the believed standby",
    runbook="role-conflict",
    steps=("request",),
    find=find,
    next="Type `show redundancy application group` on both routers and read it in.",
    promql=(Condition(expr=_CONFLICT, severity=Severity.WARNING, step="request", subject="pair"),),
)
