"""Both members of a pair are active, or none is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.pair import MemberRole, Role
from monitor.evaluate.pair_case import PairCase, pair_finding
from monitor.evaluate.promql import pair
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words
from monitor.evaluate.wording import utc

NAME: Final = "not_one_active"
BOTH: Final = "both_active"
NONE: Final = "none_active"
_LOOK: Final = (
    "Type `show redundancy application group` on both routers; look at the control and data links"
    " between them before reloading either."
)


def find(case: PairCase) -> Iterator[Finding]:
    """Only where both roles are known: a half-seen failover is neither."""
    roles = [member.role for member in case.roles.members]
    if case.pair.in_box or None in roles:
        return
    actives = roles.count(Role.ACTIVE)
    if actives == len(roles):
        yield _finding(case, BOTH, "Both routers are active: calls and licence use are split.")
    elif not actives:
        yield _finding(case, NONE, "No router is active: this pair takes no calls.")


def _finding(case: PairCase, step: str, what: str) -> Finding:
    members = [_told(member) for member in case.roles.members]
    why = f"{what} {'; '.join(members)}."
    said = [member.said for member in case.roles.members if member.said is not None]
    found = pair_finding(case, NAME, Rung(step, Severity.CRITICAL), Words(why, _LOOK), said)
    return replace(found, raise_after=case.limits.pair_roles_seconds)


def _told(member: MemberRole) -> str:
    said = member.said
    return f"{member.device} was {said.value} at {utc(said.effective)}" if said else member.device


RULE: Final = Rule(
    name=NAME,
    scope=Scope.PAIR,
    summary="Both members of a pair are active, or none is",
    runbook="not-one-active",
    steps=(BOTH, NONE),
    find=find,
    next=_LOOK,
    promql=(
        Condition(
            expr=f"{pair.ACTIVES} == 2",
            severity=Severity.CRITICAL,
            step=BOTH,
            subject="pair",
        ),
        Condition(
            expr=f"({pair.ACTIVES} == 0) and {pair.TWO} unless {pair.UNKNOWN}",
            severity=Severity.CRITICAL,
            step=NONE,
            subject="pair",
        ),
    ),
    raise_limit="pair_roles_seconds",
)
