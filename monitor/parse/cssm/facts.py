"""Inventories as facts: of virtual accounts, and of the devices that CSSM counts licences for."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from monitor.domain.account import CSSM_SOURCE, account_subject
from monitor.domain.entitlements import tag_of
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.parse.cssm.inventory import (
    LONGEST_WORD,
    Counts,
    Inventory,
    Line,
    ProductInstance,
    worse_status,
)

_NAMES: Final[Mapping[FactName, Callable[[Counts], int | None]]] = {
    FactName.ACCOUNT_PURCHASED: lambda counts: counts.purchased,
    FactName.ACCOUNT_IN_USE: lambda counts: counts.in_use,
    FactName.ACCOUNT_AVAILABLE: lambda counts: counts.available,
    FactName.ACCOUNT_RESERVED: lambda counts: counts.reserved,
    FactName.ACCOUNT_PENDING: lambda counts: counts.pending,
    FactName.ACCOUNT_BALANCE: lambda counts: counts.balance,
}
_NAMED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """When an inventory was so, and who said it."""

    effective: float
    received: float
    source: str

    def fact(self, subject: str, name: FactName, value: Value, key: str = "") -> Fact:
        """An exact fact: by an operator's file, or by TLS with a verified certificate."""
        return Fact(
            subject=subject,
            name=name,
            source=self.source,
            value=value,
            kind=FactKind.EXACT,
            received=self.received,
            effective=self.effective,
            key=key,
        )


def account_facts(
    inventory: Inventory, told: Told, *, smart_account: str = "", whole: Iterable[str] = ()
) -> Iterator[Fact]:
    """Facts of the accounts in an inventory of licences.

    `whole`: accounts of which it lists everything, besides those it names. A list of which a row
    was refused is whole for none: what is not in it is not gone.
    """
    lines = _merged(inventory.lines)
    accounts = Counter(account for account, _ in lines)
    for (account, name), line in lines.items():
        yield from _line(account_subject(account), name, line, told)
    smart = smart_account or inventory.smart_account
    for account in sorted({*accounts, *whole}):
        subject = account_subject(account)
        if smart:
            yield told.fact(subject, FactName.SMART_ACCOUNT, smart)
        if not inventory.refused_rows:
            yield told.fact(subject, FactName.ACCOUNT_LISTED, accounts[account])


def _merged(lines: Iterable[Line]) -> Mapping[tuple[str, str], Line]:
    merged: dict[tuple[str, str], Line] = {}
    for line in lines:
        before = merged.get((line.account, line.name))
        merged[line.account, line.name] = line if before is None else _both(before, line)
    return merged


def _both(one: Line, other: Line) -> Line:
    status = worse_status(one.status, other.status)
    return replace(other, counts=one.counts.plus(other.counts), status=status)


def _line(subject: str, key: str, line: Line, told: Told) -> Iterator[Fact]:
    for name, value in _NAMES.items():
        number = value(line.counts)
        if number is not None:
            yield replace(told.fact(subject, name, number, key), text=line.title)
    if line.status:
        yield told.fact(subject, FactName.ACCOUNT_STATUS, line.status, key)


def device_facts(
    device: str, listed: ProductInstance, told: Told, names: Mapping[str, str]
) -> Iterator[Fact]:
    """What CSSM counts for one device; `names`: folded name -> tag."""
    counts: dict[str, int] = {}
    for name, count in listed.counts.items():
        key = tag_of(name, names) or name
        counts[key] = counts.get(key, 0) + count
    said = replace(told, source=CSSM_SOURCE)
    for key, count in counts.items():
        yield said.fact(device, FactName.CSSM_COUNT, count, key)
    yield said.fact(device, FactName.CSSM_LISTED, len(counts))
    if listed.last_contact is not None:
        yield said.fact(device, FactName.CSSM_LAST_CONTACT, listed.last_contact)
    if listed.status:
        yield said.fact(device, FactName.CSSM_STATUS, listed.status)


def unknown_facts(
    accounts: Iterable[str], unknown: Iterable[ProductInstance], told: Told
) -> Iterator[Fact]:
    """Devices that CSSM lists and nobody watches, by account; 0 where all are watched."""
    names: dict[str, list[str]] = {account: [] for account in accounts}
    for one in unknown:
        names.setdefault(one.account, []).append(one.host_name or one.serial)
    for account, its in sorted(names.items()):
        some = ", ".join(sorted(its)[:_NAMED])[:LONGEST_WORD]
        fact = told.fact(account_subject(account), FactName.ACCOUNT_UNKNOWN_DEVICES, len(its))
        yield replace(fact, text=some)
