"""Judge pairs: two devices that are one consumer and page once; learn which ones are pairs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from monitor.domain.pair import Pair, Redundancy
from monitor.domain.state import DeviceState, PairState
from monitor.evaluate.catalogue import PAIR_RULES
from monitor.evaluate.limits import Limits
from monitor.evaluate.no_licensed_takeover import is_ready
from monitor.evaluate.pair_case import case_of
from monitor.evaluate.pair_grouping import grouped, settled
from monitor.evaluate.pair_rehearsal import needs, rehearse
from monitor.evaluate.redundancy import is_down

Peaks = Mapping[str, Mapping[str, int]]
"""Device -> tag -> licences measured for its last period, weak measurements left out."""
_UNMEASURED: Final[Peaks] = MappingProxyType({})


def judge_pair(
    pair: Pair,
    members: Sequence[DeviceState],
    *,
    now: float,
    limits: Limits,
    peaks: Peaks = _UNMEASURED,
) -> PairState:
    """Judge one pair by its members' states, each judged as if it were the active one."""
    case = case_of(pair, members, now=now, limits=limits, peaks=peaks)
    found = [finding for rule in PAIR_RULES for finding in rule.find(case)]
    rehearsal = rehearse(case)
    return PairState(
        pair=pair,
        now=now,
        roles=case.roles,
        ready=is_ready(case),
        rehearsal=rehearsal,
        needs=rehearsal.needs or needs(case, None),
        findings=settled(found),
        communicating=None if case.communication is None else not is_down(case.communication),
    )


def in_pairs(devices: Iterable[DeviceState], pairs: Iterable[PairState]) -> tuple[DeviceState, ...]:
    """The same devices with their findings behind those of their pairs."""
    states = {state.device.id: state for state in devices}
    for pair in pairs:
        for member in pair.roles.members:
            state = states.get(member.device)
            if state is not None and not pair.pair.in_box:
                findings = grouped(state, member, pair.findings)
                states[member.device] = replace(state, findings=findings)
    return tuple(states.values())


def known_pairs(
    declared: Iterable[Pair], said: Mapping[str, Redundancy], now: float
) -> tuple[Pair, ...]:
    """The declared pairs that hold now, and those that the devices themselves speak of.

    `said`: device -> what it says of redundancy.
    """
    declared = tuple(declared)
    taken = {member for pair in declared for member in pair.members}
    free = {device: one for device, one in sorted(said.items()) if device not in taken}
    held = tuple(pair for pair in declared if pair.holds(now))
    return (*held, *_box_to_box(free), *_in_box(free))


def _box_to_box(free: Mapping[str, Redundancy]) -> Iterator[Pair]:
    owners = {name: device for device in free for name in _names(device, free[device])}
    seen: set[str] = set()
    for device, one in free.items():
        peers = sorted(one.peers - _names(device, one))
        peer = next((owners[name] for name in peers if name in owners), None)
        if peer is not None and not {peer, device} & seen:
            members = tuple(sorted((device, peer)))
            seen.update(members)
            yield Pair(name="+".join(members), members=members, learned=True)


def _names(device: str, one: Redundancy) -> frozenset[str]:
    return one.names | {device.casefold()}


def _in_box(free: Mapping[str, Redundancy]) -> Iterator[Pair]:
    for device, one in free.items():
        if one.processors:
            yield Pair(name=device, members=(device,), learned=True)


def spoken(devices: Iterable[DeviceState]) -> Mapping[str, Redundancy]:
    """What each device says of redundancy, where it does."""
    return {one.device.id: one.redundancy for one in devices if one.redundancy is not None}
