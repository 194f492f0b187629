"""What an account owns: statements of several sources by tag, the newest of them effective."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from monitor.domain.account import CONFIGURED, Statement, account_subject
from monitor.domain.entitlements import DEFAULT_NAMES, tag_of
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.state import Account
from monitor.evaluate.evidence import instant, newest, sheet_of

_FIELDS: Final = {
    FactName.ACCOUNT_PURCHASED: "purchased",
    FactName.ACCOUNT_IN_USE: "in_use",
    FactName.ACCOUNT_AVAILABLE: "available",
    FactName.ACCOUNT_RESERVED: "reserved",
    FactName.ACCOUNT_PENDING: "pending",
    FactName.ACCOUNT_BALANCE: "balance",
}
COMPLIANT: Final = frozenset({"", "in_compliance"})
"""What an inventory says of a licence that is not missing."""


def owned(
    account: Account, facts: Iterable[Fact], names: Mapping[str, str] = DEFAULT_NAMES
) -> Account:
    """The account with what its sources say, the newest effective.

    `facts` are about this account, in any order; `names` are folded names and their tags. Where no
    fact says what the configuration bought, `account.purchased` stands as it is.
    """
    current = tuple(_current(facts))
    statements, unmapped = _statements(current, names)
    purchased = {
        tag: said.purchased
        for tag, its in statements.items()
        if (said := chosen(its)) is not None and said.purchased is not None
    }
    return replace(
        account,
        purchased=purchased if statements else account.purchased,
        smart_account=account.smart_account or _word(current, FactName.SMART_ACCOUNT),
        statements=statements,
        unmapped=unmapped,
        unknown_devices=_unknown(current),
    )


def chosen(statements: Sequence[Statement]) -> Statement | None:
    """The one whose purchases hold: the newest that says any."""
    said = [one for one in statements if one.purchased is not None]
    return max(said, key=lambda one: (one.effective, one.source), default=None)


def disputed(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Those that say another number of purchases than the one that holds."""
    holds = chosen(statements)
    return tuple(
        one
        for one in statements
        if holds is not None and one.purchased not in (None, holds.purchased)
    )


def newest_in_use(statements: Sequence[Statement]) -> Statement | None:
    """The newest statement of licences in use."""
    said = [one for one in statements if one.in_use is not None]
    return max(said, key=lambda one: (one.effective, one.source), default=None)


def configured_facts(account: Account, facts: Iterable[Fact], now: float) -> Iterator[Fact]:
    """Facts of what the configuration buys, where it says another number than it did before.

    So a purchase holds from the start of the monitor that read it first, and one that was taken
    out of the file holds no more.
    """
    before = {
        fact.key: fact.value
        for fact in sheet_of(facts).facts
        if fact.name is FactName.ACCOUNT_PURCHASED and fact.source == CONFIGURED
    }
    for tag in sorted({*before, *account.purchased}):
        value = account.purchased.get(tag)
        if tag not in before or before[tag] != value:
            yield Fact(
                subject=account_subject(account.name),
                name=FactName.ACCOUNT_PURCHASED,
                source=CONFIGURED,
                value=value,
                kind=FactKind.EXACT,
                received=now,
                effective=now,
                key=tag,
            )


def _current(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Without what a newer list of the same source leaves out."""
    folded = sheet_of(facts).facts
    listed = {
        fact.source: fact.effective for fact in folded if fact.name is FactName.ACCOUNT_LISTED
    }
    for fact in folded:
        if not fact.key or fact.effective >= listed.get(fact.source, fact.effective):
            yield fact


def _statements(
    facts: Iterable[Fact], names: Mapping[str, str]
) -> tuple[Mapping[str, tuple[Statement, ...]], Mapping[str, tuple[Statement, ...]]]:
    """By tag, and by name where no tag is known."""
    by_name: defaultdict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.key and (fact.name in _FIELDS or fact.name is FactName.ACCOUNT_STATUS):
            by_name[fact.key, fact.source].append(fact)
    mapped: defaultdict[str, dict[str, Statement]] = defaultdict(dict)
    unmapped: defaultdict[str, dict[str, Statement]] = defaultdict(dict)
    for (name, source), its in sorted(by_name.items()):
        tag = name if source == CONFIGURED else tag_of(name, names)
        said = _statement(name, source, its)
        where = unmapped[name] if tag is None else mapped[tag]
        where[source] = _together(where.get(source), said)
    return _newest_first(mapped), _newest_first(unmapped)


def _newest_first(
    found: Mapping[str, Mapping[str, Statement]],
) -> Mapping[str, tuple[Statement, ...]]:
    return {
        key: tuple(sorted(its.values(), key=lambda one: (-one.effective, one.source)))
        for key, its in sorted(found.items())
    }


def _statement(name: str, source: str, facts: Sequence[Fact]) -> Statement:
    numbers: dict[str, int] = {}
    status = ""
    for fact in facts:
        number = instant(fact)
        if fact.name is FactName.ACCOUNT_STATUS:
            status = str(fact.value)
        elif number is not None:
            numbers[_FIELDS[fact.name]] = int(number)
    said = Statement(
        source=source,
        effective=max(fact.effective for fact in facts),
        names=(name,),
        status=status,
    )
    return replace(said, **numbers)  # type: ignore[arg-type]  # the names of its numbers


def _together(one: Statement | None, other: Statement) -> Statement:
    """Two names of one tag in one list."""
    if one is None:
        return other
    sums = {field: _sum(getattr(one, field), getattr(other, field)) for field in _FIELDS.values()}
    return replace(
        other,
        effective=max(one.effective, other.effective),
        names=(*one.names, *other.names),
        status=other.status if one.status in COMPLIANT else one.status,
        **sums,  # type: ignore[arg-type]  # the names of its numbers
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)


def _word(facts: Iterable[Fact], name: FactName) -> str:
    said = newest(fact for fact in facts if fact.name is name)
    return said.value if said is not None and isinstance(said.value, str) else ""


def _unknown(facts: Iterable[Fact]) -> int:
    said = newest(fact for fact in facts if fact.name is FactName.ACCOUNT_UNKNOWN_DEVICES)
    return int(instant(said) or 0)
