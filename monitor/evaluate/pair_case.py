"""One pair as its rules see it: the members' states and the roles that are believed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Finding
from monitor.domain.instants import HOUR
from monitor.domain.pair import MemberRole, Pair, PairRoles, Role
from monitor.domain.state import DeviceState
from monitor.evaluate.evidence import newest
from monitor.evaluate.limits import Limits
from monitor.evaluate.redundancy import is_down, role_of
from monitor.evaluate.rule import Rung, Words
from monitor.evaluate.wording import evidence_line


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCase:
    """Everything about one pair at one moment. The states are judged as if each were active."""

    pair: Pair
    now: float
    limits: Limits
    states: Mapping[str, DeviceState]
    """Those of its members that are known."""
    roles: PairRoles
    peaks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Device -> tag -> licences measured for its last period."""

    @property
    def candidate(self) -> str | None:
        """The device that would take over: the standby, else the one that is not active."""
        if self.pair.in_box:
            return None
        return self.roles.standby or self.pair_other(self.roles.active)

    def pair_other(self, device: str | None) -> str | None:
        """The peer of a known member."""
        return None if device is None else self.pair.other(device)

    @property
    def communication(self) -> Fact | None:
        """Whether the members hear each other: the worse of their words, unless it is outdated."""
        said = [state.redundancy for state in self.states.values() if state.redundancy]
        facts = [one.communication for one in said if one.communication is not None]
        up = max((_proven(fact) for fact in facts if not is_down(fact)), default=0.0)
        outdated = up - self.limits.poll_interval_hours * HOUR
        down = [fact for fact in facts if is_down(fact) and fact.effective >= outdated]
        return newest(down) or newest(facts)


def _proven(fact: Fact) -> float:
    return fact.effective if fact.authenticated else 0.0


def case_of(
    pair: Pair,
    members: Sequence[DeviceState],
    *,
    now: float,
    limits: Limits,
    peaks: Mapping[str, Mapping[str, int]],
) -> PairCase:
    """Put the members' states side by side."""
    states = {state.device.id: state for state in members if state.device.id in pair.members}
    return PairCase(
        pair=pair,
        now=now,
        limits=limits,
        states=states,
        roles=roles_of(pair, states),
        peaks=peaks,
    )


def roles_of(pair: Pair, states: Mapping[str, DeviceState]) -> PairRoles:
    """Each member's role: by its own word, or by its peer's where that is newer.

    A word that was said before the peer took that same role is overtaken: the role is unknown until
    the member is heard again, so a failover that is half seen is no split.
    """
    members = [_believed(device, pair, states) for device in pair.members]
    if pair.in_box or any(member.said is None for member in members):
        return PairRoles(members=tuple(members))
    one, other = sorted(members, key=_said_at)
    alike = (one.role is Role.ACTIVE) == (other.role is Role.ACTIVE)
    if alike and _said_at(one) < _since(other, states):
        one = replace(one, role=None)
    order = {member.device: member for member in (one, other)}
    return PairRoles(members=tuple(order[device] for device in pair.members))


def _believed(device: str, pair: Pair, states: Mapping[str, DeviceState]) -> MemberRole:
    own = _redundancy_fact(states, device, "role")
    seen = _redundancy_fact(states, pair.other(device), "peer_role")
    said = own
    if seen is not None and (own is None or _contradicts(seen, own)):
        said = seen
    return MemberRole(device=device, role=role_of(said), said=said)


def _contradicts(seen: Fact, own: Fact) -> bool:
    return seen.effective > own.effective and role_of(seen) is not role_of(own)


def _redundancy_fact(
    states: Mapping[str, DeviceState], device: str | None, which: str
) -> Fact | None:
    state = states.get(device or "")
    if state is None or state.redundancy is None:
        return None
    return state.redundancy.role if which == "role" else state.redundancy.peer_role


def _said_at(member: MemberRole) -> float:
    return member.said.effective if member.said is not None else 0.0


def _since(member: MemberRole, states: Mapping[str, DeviceState]) -> float:
    """When the member took its role, as far as is known; when it said it, else."""
    facts = states[member.device].facts if member.device in states else ()
    changes = [fact for fact in facts if fact.name is FactName.ROLE_CHANGE]
    latest = max(changes, key=lambda fact: float(fact.key), default=None)
    own = latest is not None and latest.value == member.role
    return float(latest.key) if latest is not None and own else _said_at(member)


def pair_finding(
    case: PairCase, rule: str, rung: Rung, words: Words, facts: Iterable[Fact | None] = ()
) -> Finding:
    """A finding about the pair, resting on facts of its members."""
    known = [fact for fact in facts if fact is not None]
    return Finding(
        rule=rule,
        step=rung.step,
        subject=case.pair.name,
        severity=rung.severity,
        why=words.why,
        next=words.next,
        evidence=tuple(evidence_line(f"{fact.subject}: {_what(fact)}", fact) for fact in known),
        devices=case.pair.members,
    )


def _what(fact: Fact) -> str:
    return fact.name.value.replace("_", " ")
