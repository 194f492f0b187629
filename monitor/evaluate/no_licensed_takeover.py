"""The peer of a pair could not take over now: it is not standby hot, or is not heard."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Finding, Severity
from monitor.domain.pair import GROUP, Role
from monitor.evaluate.evidence import best, standing
from monitor.evaluate.pair_case import PairCase, pair_finding
from monitor.evaluate.promql import held
from monitor.evaluate.redundancy import is_down, is_not_hot, role_of
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words

NAME: Final = "no_licensed_takeover"
LOOK: Final = (
    "Type `show redundancy application group` (box to box) or `show redundancy states` (two"
    " processors), and `show logging | include REDUNDANCY|RG_` on the active one."
)


def find(case: PairCase) -> Iterator[Finding]:
    """One warning; that they do not hear each other explains the peer's state."""
    communication, peer = case.communication, peer_state(case)
    if communication is not None and is_down(communication):
        why = f"No licensed takeover: the members do not hear each other{_reason(communication)}."
        yield _finding(case, "communication", why, communication)
    elif peer is not None and is_not_hot(peer):
        state = str(peer.value).replace("_", " ")
        why = f"No licensed takeover: the peer is {state}, not standby hot."
        yield _finding(case, "peer", why, peer)


def is_ready(case: PairCase) -> bool | None:
    """Whether the peer could take over, as the redundancy says it; None where nobody says."""
    if any(find(case)):
        return False
    return None if peer_state(case) is None else True


def peer_state(case: PairCase) -> Fact | None:
    """The state of the one that would take over, as the active one sees it or it says itself."""
    active = case.pair.members[0] if case.pair.in_box else case.roles.active
    state = case.states.get(active or "")
    seen = state.redundancy.peer_state if state is not None and state.redundancy else None
    told = (None if _is_active(seen) else seen, _own(case))
    return standing([fact for fact in told if fact is not None], is_not_hot)


def _is_active(fact: Fact | None) -> bool:
    return role_of(fact) is Role.ACTIVE


def _own(case: PairCase) -> Fact | None:
    state = case.states.get(case.candidate or "")
    if state is None:
        return None
    own = [fact for fact in state.facts if fact.name is FactName.HA_STATE and fact.key == GROUP]
    return best(fact for fact in own if role_of(fact) is Role.STANDBY)


def _finding(case: PairCase, step: str, why: str, fact: Fact) -> Finding:
    rung = Rung(step, Severity.WARNING)
    return pair_finding(case, NAME, rung, Words(why, LOOK), (fact,))


def _reason(communication: Fact) -> str:
    return f" ({communication.text})" if communication.text else ""


RULE: Final = Rule(
    name=NAME,
    scope=Scope.PAIR,
    summary="The peer could not take over now",
    runbook="no-licensed-takeover",
    steps=("communication", "peer"),
    find=find,
    next=LOOK,
    promql=(
        Condition(
            expr=f"({held.READY} == 0) unless ({held.COMMUNICATING} == 0)",
            severity=Severity.WARNING,
            step="peer",
            subject="pair",
        ),
        Condition(
            expr=f"{held.COMMUNICATING} == 0",
            severity=Severity.WARNING,
            step="communication",
            subject="pair",
        ),
    ),
)
