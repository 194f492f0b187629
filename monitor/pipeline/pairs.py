"""Pairs over time: who had which role when, and the failovers between."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from monitor.domain.facts import Fact, FactKey, FactKind, FactName, fold
from monitor.domain.pair import (
    Pair,
    Redundancy,
    Role,
    RoleChange,
    RoleInterval,
    active_intervals,
)
from monitor.domain.records import Batch, EventRecord
from monitor.evaluate.evidence import sheet_of
from monitor.evaluate.redundancy import redundancy_of, role_of
from monitor.pipeline.presence import OWN

_ALWAYS: Final = "0"
_MOST_CHANGES: Final = 4096
"""Beyond so many kept changes plain messages, which anybody can forge, add no more."""
_TELLING: Final = frozenset({FactName.RG_ROLE, FactName.HA_STATE, FactName.HA_TYPE})

Sheet = Callable[[str], Mapping[FactKey, Fact]]


class RoleHistory:
    """Notes changes of role in the commit that brings them, and the failover they make.

    The first role that a device prints holds for all time before it too: it was so, only not known
    yet. A first role that is told as a change begins with that change. A change that only a plain
    message told keeps its instant when the device prints that role, and is taken back when it
    prints another; until then it moves no measurement.
    """

    def __init__(self, sheet: Sheet, pairs: Callable[[], Sequence[Pair]]) -> None:
        self._sheet = sheet
        self._pairs = pairs
        self._indexed: Sequence[Pair] = ()
        self._index: dict[str, Pair] = {}

    def noted(self, batch: Batch) -> Batch:
        """The batch with the changes of role that its facts make, and failovers as events."""
        telling: defaultdict[str, list[Fact]] = defaultdict(list)
        for fact in batch.facts:
            if fact.name in _TELLING:
                telling[fact.subject].append(fact)
        changes = [one for device, its in telling.items() for one in self._changed(device, its)]
        if not changes:
            return batch
        events = [*batch.events, *self._failovers(changes)]
        return replace(batch, facts=[*batch.facts, *changes], events=events)

    def roles(self, device: str) -> tuple[RoleInterval, ...]:
        """Who of this device's box-to-box pair was active when; empty for other devices."""
        pair = self._by_member().get(device)
        return () if pair is None else self._of(pair, proven=True)

    def _by_member(self) -> Mapping[str, Pair]:
        pairs = self._pairs()
        if pairs is not self._indexed:
            self._indexed = pairs
            self._index = {one: pair for pair in pairs if not pair.in_box for one in pair.members}
        return self._index

    def _of(
        self, pair: Pair, more: Iterable[Fact] = (), *, proven: bool = False
    ) -> tuple[RoleInterval, ...]:
        sheet: dict[FactKey, Fact] = {}
        kept = (fact for member in pair.members for fact in self._sheet(member).values())
        fold(sheet, (fact for fact in kept if fact.name is FactName.ROLE_CHANGE))
        fold(sheet, more)
        facts = (fact for fact in sheet.values() if fact.subject in pair.members)
        return active_intervals(
            _changes(fact for fact in facts if fact.authenticated or not proven)
        )

    def _changed(self, device: str, facts: Iterable[Fact]) -> Iterator[Fact]:
        sheet = dict(self._sheet(device))
        known = sorted(
            (fact for fact in sheet.values() if fact.name is FactName.ROLE_CHANGE),
            key=lambda fact: float(fact.key),
        )
        for fact in sorted(facts, key=lambda fact: fact.effective):
            fold(sheet, (fact,))
            said = _role(redundancy_of(sheet_of(sheet.values())))
            change = _change(said, fact, known[-1] if known else None)
            if change is not None and (change.authenticated or len(known) < _MOST_CHANGES):
                known = [*(one for one in known if one.key != change.key), change]
                yield change

    def _failovers(self, changes: Sequence[Fact]) -> Iterator[EventRecord]:
        touched = {change.subject for change in changes}
        for pair in self._pairs():
            if not pair.in_box and touched & set(pair.members):
                before, after = self._of(pair), self._of(pair, changes)
                yield from _failover(pair, before, after, changes)


def _role(said: Redundancy | None) -> Fact | None:
    return said.role if said is not None else None


def _change(said: Fact | None, heard: Fact, last: Fact | None) -> Fact | None:
    """The change that hearing a fact makes, where `said` is the role that is believed then."""
    role = role_of(said)
    if said is None or role is None:
        return None
    if last is None:
        printed = said.kind is FactKind.EXACT
        return _noted(said, heard, _ALWAYS if printed else str(int(said.effective)))
    if heard.authenticated and not last.authenticated:
        return _noted(said, heard, last.key)
    if last.value == role:
        return None
    return _noted(said, heard, str(int(max(said.effective, heard.effective))))


def _noted(said: Fact, heard: Fact, key: str) -> Fact:
    role = role_of(said)
    return Fact(
        subject=said.subject,
        name=FactName.ROLE_CHANGE,
        key=key,
        source=OWN,
        value=role.value if role is not None else None,
        kind=FactKind.DERIVED,
        received=heard.received,
        effective=heard.effective,
        authenticated=heard.authenticated,
        text=said.text,
    )


def _changes(facts: Iterable[Fact]) -> Iterator[RoleChange]:
    for fact in facts:
        if fact.name is FactName.ROLE_CHANGE and isinstance(fact.value, str):
            yield RoleChange(device=fact.subject, at=float(fact.key), role=Role(fact.value))


def _failover(
    pair: Pair,
    before: Sequence[RoleInterval],
    after: Sequence[RoleInterval],
    changes: Sequence[Fact],
) -> Iterator[EventRecord]:
    if not before or not after or after[-1].device == before[-1].device:
        return
    old, new = before[-1].device, after[-1].device
    heard = next((one for one in changes if one.subject == new), changes[-1])
    yield EventRecord(
        device=new,
        source=OWN,
        received=heard.received,
        device_time=after[-1].start,
        effective=after[-1].start,
        clock="synchronised",
        counter=None,
        facility="",
        severity=None,
        mnemonic="",
        text=f"failover of {pair.name}: {new} took over from {old}",
        events=({"kind": "failover", "pair": pair.name, "from": old, "to": new},),
    )
