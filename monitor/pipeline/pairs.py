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
    yet. A first role that is told as a change begins with that change.
    """

    def __init__(self, sheet: Sheet, pairs: Callable[[], Sequence[Pair]]) -> None:
        self._sheet = sheet
        self._pairs = pairs

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
        pair = self._pair_of(device)
        return () if pair is None else self._of(pair, ())

    def _pair_of(self, device: str) -> Pair | None:
        pairs = (pair for pair in self._pairs() if not pair.in_box)
        return next((pair for pair in pairs if device in pair.members), None)

    def _of(self, pair: Pair, more: Iterable[Fact]) -> tuple[RoleInterval, ...]:
        kept = [fact for member in pair.members for fact in self._sheet(member).values()]
        return active_intervals(_changes([*kept, *more]))

    def _changed(self, device: str, facts: Iterable[Fact]) -> Iterator[Fact]:
        sheet = dict(self._sheet(device))
        known = sorted(
            (fact for fact in sheet.values() if fact.name is FactName.ROLE_CHANGE),
            key=lambda fact: float(fact.key),
        )
        for fact in sorted(facts, key=lambda fact: fact.effective):
            fold(sheet, (fact,))
            said = _role(redundancy_of(sheet_of(sheet.values())))
            change = _change(said, known)
            if change is not None and (change.authenticated or len(known) < _MOST_CHANGES):
                known.append(change)
                yield change

    def _failovers(self, changes: Sequence[Fact]) -> Iterator[EventRecord]:
        touched = {change.subject for change in changes}
        for pair in self._pairs():
            if not pair.in_box and touched & set(pair.members):
                before, after = self._of(pair, ()), self._of(pair, changes)
                yield from _failover(pair, before, after, changes)


def _role(said: Redundancy | None) -> Fact | None:
    return said.role if said is not None else None


def _change(said: Fact | None, known: Sequence[Fact]) -> Fact | None:
    role = role_of(said)
    if said is None or role is None or (known and known[-1].value == role):
        return None
    first = not known and said.kind is FactKind.EXACT
    return Fact(
        subject=said.subject,
        name=FactName.ROLE_CHANGE,
        key=_ALWAYS if first else str(int(said.effective)),
        source=OWN,
        value=role.value,
        kind=FactKind.DERIVED,
        received=said.received,
        effective=said.effective,
        authenticated=said.authenticated,
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
