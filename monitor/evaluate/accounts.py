"""Balances of a virtual account: purchased minus in use, by the tag that is owned."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.domain.pair import BOX_TO_BOX_TYPE
from monitor.domain.state import Account, Balance, DeviceState, PairState
from monitor.domain.tags import NOT_A_LICENCE, TRUNK_TAGS, TagKind, kind_of
from monitor.evaluate.limits import Limits
from monitor.evaluate.ownership import newest_in_use

_FAMILIES = (("CUBE_TS_", "CUBE_T_"), ("CUBE_T_", "CUBE_TS_"))
_EITHER: Final = {TagKind.REDUNDANT: TagKind.ENHANCED, TagKind.ENHANCED: TagKind.REDUNDANT}

Counts = Mapping[str, int]
"""Tag -> licences."""
CountsOf = Callable[[DeviceState], Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCase:
    """One virtual account as its rules see it."""

    account: Account
    balances: tuple[Balance, ...]
    now: float
    limits: Limits


@dataclass(frozen=True, slots=True)
class Consumer:
    """A device, or the counted members of a pair: its active one, or all where none is known."""

    members: tuple[DeviceState, ...]
    all_members: tuple[DeviceState, ...]
    box_to_box: bool


@dataclass(slots=True)
class _Use:
    """Who uses a tag, how much, and how those numbers came about."""

    by_device: dict[str, int] = field(default_factory=dict)
    profiles: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    reported: int = 0
    measured: int | None = None
    said: int | None = None


def balances_of(
    account: Account,
    devices: Sequence[DeviceState],
    pairs: Sequence[PairState] = (),
    *,
    peaks: Callable[[str], Counts] | None = None,
) -> tuple[Balance, ...]:
    """One balance per tag that is owned or needed; without purchases where none are known.

    Voice gateway sessions and aggregates are never balanced: CSSM fills in the former by itself.
    A pair is one consumer: its active member's use counts, or the higher where none is known.
    """
    uses: dict[str, _Use] = {tag: _Use() for tag in account.purchased if _counts(tag)}
    _note_said(account, uses)
    owner = _Owner(account)
    for consumer in consumers_of(devices, pairs):
        _note(owner, consumer, uses, peaks)
    return tuple(_balance(account, tag, uses[tag]) for tag in sorted(uses))


def _note(
    owner: "_Owner",
    consumer: Consumer,
    uses: dict[str, _Use],
    peaks: Callable[[str], Counts] | None,
) -> None:
    counted = _highest(owner, consumer, cssm_counts)
    for tag, (state, need) in counted.items():
        use = uses.setdefault(tag, _Use())
        use.by_device[state.device.id] = need.count
        use.profiles.update({state.cssm_counted_by or state.counted_by} if need.count else ())
        use.asked.update(need.asked - {tag})
    said = any(state.cssm_counts is not None for state in consumer.members)
    reported = _highest(owner, consumer, _reported) if said else counted
    for tag, (_, need) in reported.items():
        uses.setdefault(tag, _Use()).reported += need.count
    if peaks is not None:
        for tag, count in _measured(owner, consumer, peaks).items():
            use = uses.setdefault(tag, _Use())
            use.measured = (use.measured or 0) + count


def _measured(
    owner: "_Owner", consumer: Consumer, peaks: Callable[[str], Counts]
) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for state in consumer.members:
        for tag, count in peaks(state.device.id).items():
            owned = owner.covers(tag, box_to_box=consumer.box_to_box)
            if owned is not None:
                # After an upgrade the last measurement under the old tag is still there.
                found[owned] = max(count, found.get(owned, count))
    return found


def _reported(state: DeviceState) -> Counts:
    return state.in_use


def _note_said(account: Account, uses: dict[str, _Use]) -> None:
    """CSSM's own numbers, each under the tag that is owned for its need."""
    for tag, statements in account.statements.items():
        said = newest_in_use(statements)
        if said is None or said.in_use is None or not _counts(tag):
            continue
        owned = owned_tag(account, tag, box_to_box=False)
        if owned not in uses and not said.in_use:
            continue
        use = uses.setdefault(owned, _Use())
        use.said = (use.said or 0) + said.in_use
        use.asked.update({tag} - {owned} if said.in_use else ())


def cssm_counts(state: DeviceState) -> Counts:
    """What CSSM would count: the last acknowledged report where known, else the latest count."""
    return state.in_use if state.cssm_counts is None else state.cssm_counts


def consumers_of(devices: Sequence[DeviceState], pairs: Sequence[PairState]) -> Iterator[Consumer]:
    """Who draws on an account's licences."""
    paired = {member: pair for pair in pairs for member in pair.pair.members}
    groups: dict[str, list[DeviceState]] = {}
    for state in devices:
        pair = paired.get(state.device.id)
        groups.setdefault(f"pair {pair.pair.name}" if pair else state.device.id, []).append(state)
    for members in groups.values():
        pair = paired.get(members[0].device.id)
        active = pair.roles.active if pair else None
        known = [state for state in members if state.device.id == active]
        yield Consumer(
            tuple(known or members),
            tuple(members),
            _is_box_to_box(members, declared=pair is not None and not pair.pair.in_box),
        )


def _is_box_to_box(members: Iterable[DeviceState], *, declared: bool) -> bool:
    said = (state.redundancy for state in members)
    return declared or any(one is not None and one.ha_type == BOX_TO_BOX_TYPE for one in said)


@dataclass(slots=True)
class _Need:
    count: int = 0
    asked: set[str] = field(default_factory=set)


class _Owner:
    """An account that remembers which of its tags covers which need."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._covers: dict[tuple[str, bool], str | None] = {}

    def covers(self, tag: str, *, box_to_box: bool) -> str | None:
        """The tag of a need's balance; None where it has none."""
        key = (tag, box_to_box)
        if key not in self._covers:
            owned = owned_tag(self.account, tag, box_to_box=box_to_box)
            balanced = owned in self.account.purchased or tag in TRUNK_TAGS
            self._covers[key] = owned if balanced and _counts(owned) else None
        return self._covers[key]


def _highest(
    owner: _Owner, consumer: Consumer, counts_of: CountsOf
) -> Mapping[str, tuple[DeviceState, _Need]]:
    found: dict[str, tuple[DeviceState, _Need]] = {}
    for state in consumer.members:
        needs = _needs(counts_of(state), owner, box_to_box=consumer.box_to_box)
        for tag, need in needs.items():
            before = found.get(tag)
            if before is None or need.count > before[1].count:
                found[tag] = (state, need)
    return found


def _needs(counts: Counts, owner: _Owner, *, box_to_box: bool) -> Mapping[str, _Need]:
    needs: dict[str, _Need] = {}
    for tag, count in counts.items():
        owned = owner.covers(tag, box_to_box=box_to_box)
        if owned is not None:
            need = needs.setdefault(owned, _Need())
            need.count += count
            if count:
                need.asked.add(tag)
    return needs


def owned_tag(account: Account, tag: str, *, box_to_box: bool) -> str:
    """The tag that is owned and covers a need; the need's own where none is."""
    accepted = tuple(_accepted(tag, box_to_box=box_to_box))
    purchased = account.purchased
    # Inventories list a tag of which nothing is owned, too.
    some = (one for one in accepted if purchased.get(one))
    return next(some, next((one for one in accepted if one in purchased), tag))


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
            yield f"{other}{tag.removeprefix(family)}"
            return


def _balance(account: Account, tag: str, use: _Use) -> Balance:
    consumers = sum(use.by_device.values())
    return Balance(
        account=account.name,
        tag=tag,
        purchased=_purchased(account, tag),
        # Others than those we watch may draw on the account: it never looks better than CSSM says.
        in_use=max(consumers, use.said or 0),
        devices=tuple(sorted(device for device, count in use.by_device.items() if count)),
        profiles=tuple(sorted(use.profiles)),
        asked=tuple(sorted(use.asked)),
        consumers=consumers,
        said_in_use=use.said,
        reported=use.reported,
        measured=use.measured,
    )


def _purchased(account: Account, tag: str) -> int | None:
    """A tag nobody bought is missing where purchases are known; else nothing is known of it."""
    known = account.purchased.get(tag)
    if known is None and account.purchased and not _may_be_unmapped(account):
        return 0
    return known


def _may_be_unmapped(account: Account) -> bool:
    # A licence of CUBE under a name that no table knows may well be the one that is missing.
    return any("cube" in name.casefold() for name in account.unmapped)
