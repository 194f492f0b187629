"""Pairs as metrics: who has which role, whether the peer could take over and calls would go on."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.pair import Role, Verdict
from monitor.domain.state import FleetSnapshot
from monitor.expose.family import Family, Sample, word

_UNKNOWN: Final = "unknown"
_ALIKE: Final = frozenset({"account", "policy"})
"""What both members of a pair must have alike."""
_ROLES: Final = (*(role.value for role in Role), _UNKNOWN)


def _roles(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.pairs:
        for member in state.roles.members:
            own = member.role.value if member.role else _UNKNOWN
            for role in _ROLES:
                yield (word(state.pair.name), member.device, role), float(role == own)


def _members(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.pairs:
        for number, device in enumerate(sorted(state.pair.members), start=1):
            yield (word(state.pair.name), device), float(number)


def _ready(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.pairs:
        if state.ready is not None:
            yield (word(state.pair.name),), float(state.ready)


def _takeover(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.pairs:
        for verdict in Verdict:
            held = float(state.rehearsal.lives is verdict)
            yield (word(state.pair.name), verdict.value), held


def _needed(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.pairs:
        for need in state.needs:
            yield (word(state.pair.name), need.tag, need.profile), float(need.count)


def _communicating(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.pairs:
        if state.communicating is not None:
            yield (word(state.pair.name),), float(state.communicating)


def _proven(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.pairs:
        if state.pair.in_box:
            continue
        for member in state.roles.members:
            held = float(member.is_proven_standby)
            yield (word(state.pair.name), member.device), held


def _said(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.pairs:
        for member in state.roles.members:
            if member.said is not None:
                yield (word(state.pair.name), member.device), member.said.effective


def _candidates(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.pairs:
        if state.rehearsal.standby is not None:
            yield (word(state.pair.name), state.rehearsal.standby), 1.0


def _differs(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.pairs:
        for check in state.rehearsal.checks:
            if check.name in _ALIKE:
                differs = float(check.verdict is Verdict.DIFFERS)
                yield (word(state.pair.name), check.name), differs


PAIR_FAMILIES: Final = (
    Family(
        name="cube_pair_role",
        help="1 for the role a member of a pair has, as believed.",
        labels=("pair", "device", "role"),
        samples=_roles,
    ),
    Family(
        name="cube_pair_member",
        help="Number of the member in its pair, by name.",
        labels=("pair", "device"),
        samples=_members,
    ),
    Family(
        name="cube_pair_ready",
        help="1 while the peer could take over, as the redundancy says it.",
        labels=("pair",),
        samples=_ready,
    ),
    Family(
        name="cube_pair_communicating",
        help="1 while the members hear each other, as they say it.",
        labels=("pair",),
        samples=_communicating,
    ),
    Family(
        name="cube_pair_standby_proven",
        help="1 for a member that is the standby by authenticated evidence: it wakes nobody.",
        labels=("pair", "device"),
        samples=_proven,
    ),
    Family(
        name="cube_pair_role_timestamp_seconds",
        help="When the believed role of a member was said.",
        labels=("pair", "device"),
        samples=_said,
    ),
    Family(
        name="cube_pair_candidate",
        help="1 for the member that would take over.",
        labels=("pair", "device"),
        samples=_candidates,
    ),
    Family(
        name="cube_pair_differs",
        help="1 while the member that would take over is licensed otherwise than its peer.",
        labels=("pair", "what"),
        samples=_differs,
    ),
    Family(
        name="cube_pair_takeover",
        help="1 for what a failover would come to now.",
        labels=("pair", "verdict"),
        samples=_takeover,
    ),
    Family(
        name="cube_pair_licenses_needed",
        help="Licences the pair needs, once for both members.",
        labels=("pair", "tag", "profile"),
        samples=_needed,
    ),
)
