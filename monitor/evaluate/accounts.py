"""Balances of a virtual account: purchased minus in use, by the tag that is owned."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.state import Account, Balance, DeviceState
from monitor.domain.tags import NOT_A_LICENCE, TRUNK_TAGS, TagKind, kind_of
from monitor.evaluate.limits import Limits

_FAMILIES = (("CUBE_TS_", "CUBE_T_"), ("CUBE_T_", "CUBE_TS_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCase:
    """One virtual account as its rules see it."""

    account: Account
    balances: tuple[Balance, ...]
    now: float
    limits: Limits


def balances_of(account: Account, devices: Sequence[DeviceState]) -> tuple[Balance, ...]:
    """One balance per tag that is owned or needed; none where no purchase is configured.

    Voice gateway sessions and aggregates are never balanced: CSSM fills in the former by itself.
    """
    if not account.purchased:
        return ()
    needs: dict[str, dict[str, int]] = {tag: {} for tag in account.purchased if _counts(tag)}
    for state in devices:
        for tag, count in state.in_use.items():
            owned = _owned(tag, account)
            if owned in account.purchased or tag in TRUNK_TAGS:
                _need(needs, owned, (state.device.id, count))
    return tuple(_balance(account, tag, needs[tag]) for tag in sorted(needs))


def _need(needs: dict[str, dict[str, int]], tag: str, used: tuple[str, int]) -> None:
    device, count = used
    if _counts(tag):
        by_device = needs.setdefault(tag, {})
        by_device[device] = by_device.get(device, 0) + count


def _counts(tag: str) -> bool:
    return kind_of(tag) is not TagKind.VOICE_GATEWAY and tag not in NOT_A_LICENCE


def _owned(tag: str, account: Account) -> str:
    # From 17.18.1a the same need is asked for under CUBE_TS_*; it is one need, not two.
    for family, other in _FAMILIES:
        sibling = tag.replace(family, other, 1)
        if tag.startswith(family) and tag not in account.purchased and sibling in account.purchased:
            return sibling
    return tag


def _balance(account: Account, tag: str, used: dict[str, int]) -> Balance:
    return Balance(
        account=account.name,
        tag=tag,
        purchased=account.purchased.get(tag, 0),
        in_use=sum(used.values()),
        devices=tuple(sorted(device for device, count in used.items() if count)),
    )
