"""Balances of a virtual account: purchased minus in use, by the tag that is owned."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.domain.pair import BOX_TO_BOX_TYPE
from monitor.domain.state import Account, Balance, DeviceState, PairState
from monitor.domain.tags import NOT_A_LICENCE, TRUNK_TAGS, TagKind, kind_of
from monitor.evaluate.limits import Limits

_FAMILIES = (("CUBE_TS_", "CUBE_T_"), ("CUBE_T_", "CUBE_TS_"))
_EITHER: Final = {TagKind.REDUNDANT: TagKind.ENHANCED, TagKind.ENHANCED: TagKind.REDUNDANT}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCase:
    """One virtual account as its rules see it."""

    account: Account
    balances: tuple[Balance, ...]
    now: float
    limits: Limits


@dataclass(slots=True)
class _Use:
    """Who uses a tag, how much, and how those numbers came about."""

    by_device: dict[str, int] = field(default_factory=dict)
    profiles: set[str] = field(default_factory=set)


def balances_of(
    account: Account, devices: Sequence[DeviceState], pairs: Sequence[PairState] = ()
) -> tuple[Balance, ...]:
    """One balance per tag that is owned or needed; none where no purchase is configured.

    Voice gateway sessions and aggregates are never balanced: CSSM fills in the former by itself.
    A pair is one consumer: its active member's use counts, or the higher where none is known.
    """
    if not account.purchased:
        return ()
    uses: dict[str, _Use] = {tag: _Use() for tag in account.purchased if _counts(tag)}
    paired = frozenset(one for pair in pairs if not pair.pair.in_box for one in pair.pair.members)
    for members in _consumers(devices, pairs):
        for tag, (state, count) in _highest(members, account, paired).items():
            use = uses.setdefault(tag, _Use())
            use.by_device[state.device.id] = count
            use.profiles.update({state.counted_by} if count else ())
    return tuple(_balance(account, tag, uses[tag]) for tag in sorted(uses))


def _consumers(
    devices: Sequence[DeviceState], pairs: Sequence[PairState]
) -> Iterator[Sequence[DeviceState]]:
    paired = {member: pair for pair in pairs for member in pair.pair.members}
    groups: dict[str, list[DeviceState]] = {}
    for state in devices:
        pair = paired.get(state.device.id)
        groups.setdefault(f"pair {pair.pair.name}" if pair else state.device.id, []).append(state)
    for members in groups.values():
        pair = paired.get(members[0].device.id)
        active = pair.roles.active if pair else None
        known = [state for state in members if state.device.id == active]
        yield known or members


def _highest(
    members: Sequence[DeviceState], account: Account, paired: frozenset[str]
) -> Mapping[str, tuple[DeviceState, int]]:
    found: dict[str, tuple[DeviceState, int]] = {}
    for state in members:
        for tag, count in _needs(state, account, paired).items():
            before = found.get(tag)
            if before is None or count > before[1]:
                found[tag] = (state, count)
    return found


def _needs(state: DeviceState, account: Account, paired: frozenset[str]) -> Mapping[str, int]:
    redundancy = state.redundancy
    typed = redundancy is not None and redundancy.ha_type == BOX_TO_BOX_TYPE
    box_to_box = typed or state.device.id in paired
    needs: dict[str, int] = {}
    for tag, count in state.in_use.items():
        accepted = _accepted(tag, box_to_box=box_to_box)
        owned = next((one for one in accepted if one in account.purchased), tag)
        if _counts(owned) and (owned in account.purchased or tag in TRUNK_TAGS):
            needs[owned] = needs.get(owned, 0) + count
    return needs


def _counts(tag: str) -> bool:
    return kind_of(tag) is not TagKind.VOICE_GATEWAY and tag not in NOT_A_LICENCE


def _accepted(tag: str, *, box_to_box: bool) -> Iterator[str]:
    """The tag and what else covers the same need, the nearest first."""
    yield from _families(tag)
    kind = kind_of(tag)
    other = _EITHER.get(kind) if kind is not None else None
    # Only box-to-box pairs ask for redundant licences, so that tag alone tells.
    either = box_to_box or kind is TagKind.REDUNDANT
    if kind is not None and other is not None and either:
        yield from _families(f"{tag.removesuffix(kind.value)}{other.value}")


def _families(tag: str) -> Iterator[str]:
    # From 17.18.1a the same need is asked for under CUBE_TS_*; it is one need, not two.
    yield tag
    for family, other in _FAMILIES:
        if tag.startswith(family):
            yield tag.replace(family, other, 1)
            return


def _balance(account: Account, tag: str, use: _Use) -> Balance:
    return Balance(
        account=account.name,
        tag=tag,
        purchased=account.purchased.get(tag, 0),
        in_use=sum(use.by_device.values()),
        devices=tuple(sorted(device for device, count in use.by_device.items() if count)),
        profiles=tuple(sorted(use.profiles)),
    )
