"""The book of usage reports: what was said of them, and the ledger of each router."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import Fact, FactKey, FactKind, FactName
from monitor.domain.records import Batch, Committed
from monitor.domain.rum import RumKey, RumListing, RumNote, RumRecords, fold, joined
from monitor.domain.rum_ledger import RumLedger, ledger
from monitor.parse.rum import RumParsed, parse
from monitor.pipeline.writing import Writer

_UDI_PREFIX: Final = "PID:"

Counts = Mapping[str, Mapping[str, int]]
"""Device -> state -> reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routers:
    """What is asked about routers."""

    sheet: Callable[[str], Mapping[FactKey, Fact]]
    called: Callable[[str], str | None]
    """The device of a name, an alias or a UDI; None where nobody knows it."""


class RumLedgers:
    """Everything said of usage reports, in memory; read from any thread, changed in one."""

    def __init__(self, routers: Routers) -> None:
        self._routers = routers
        self._notes: dict[str, dict[RumKey, RumNote]] = {}
        self._listings: dict[str, RumListing] = {}
        self._owners: dict[str, str] = {}
        self._counts: dict[str, Mapping[str, int]] = {}
        self._stale: set[str] = set()

    def remember(
        self, notes: Iterable[RumNote], listings: Iterable[RumListing], facts: Iterable[Fact]
    ) -> None:
        """Take over what an earlier run kept."""
        self.learn(facts)
        self.take(RumRecords(notes=tuple(notes), listings=tuple(listings)))

    def subjects(self) -> Sequence[str]:
        """Routers with reports, by name; one that is no known device stands under its UDI."""
        return sorted({self.owner(one) for one in (*self._notes, *self._listings)})

    def known(self, subject: str) -> bool:
        """Whether a subject is a device, as against the UDI of a router nobody knows."""
        return not subject.startswith(_UDI_PREFIX)

    def ledger(self, subject: str) -> RumLedger:
        """The ledger of one router, by device id or UDI."""
        written = [one for one in list(self._notes) if self.owner(one) == subject]
        notes = [note for one in written for note in list(self._notes[one].values())]
        sheet = self._routers.sheet(subject)
        return ledger(subject, notes, self._listings.get(subject), last_ack(sheet.values()))

    def counts(self) -> Counts:
        """Reports of known devices by state; worked out anew only where something changed."""
        stale, self._stale = self._stale, set()
        for subject in sorted(stale):
            if self.known(subject):
                counts = self.ledger(subject).counts
                if any(counts.values()):
                    self._counts[subject] = {one.value: counts[one] for one in counts}
        return dict(self._counts)

    def owner(self, subject: str) -> str:
        """The device that a UDI belongs to; the subject itself where it is a device, or unknown."""
        if self.known(subject):
            return subject
        return self._owners.get(_serial(subject)) or self._routers.called(subject) or subject

    def learn(self, facts: Iterable[Fact]) -> None:
        """Learn from facts whose router a UDI is, and when acknowledgements came."""
        for fact in facts:
            if fact.name is FactName.LAST_ACK and fact.subject in self._counts:
                self._stale.add(fact.subject)
            for udi, owner in _owned(fact):
                self._owners[_serial(udi)] = owner
                self._stale.add(owner)

    def take(self, records: RumRecords) -> None:
        """Fold what was said of reports."""
        for subject in {note.subject for note in records.notes}:
            # Copied, so that a ledger that is being worked out in another thread sees one state.
            notes = dict(self._notes.get(subject, {}))
            fold(notes, (note for note in records.notes if note.subject == subject))
            self._notes[subject] = notes
            self._stale.add(self.owner(subject))
        for listing in records.listings:
            before = self._listings.get(listing.subject)
            self._listings[listing.subject] = joined(before, listing)
            self._stale.add(listing.subject)


class RumBook(RumLedgers):
    """The ledgers of a running monitor: they follow what is committed."""

    def __init__(self, routers: Routers, writer: Writer, clock: Callable[[], float]) -> None:
        super().__init__(routers)
        self._writer = writer
        self._clock = clock
        writer.after.append(self._committed)

    async def bring(self, payload: bytes, name: str) -> RumParsed:
        """Take a file; returns after its commit. ParseError where it holds no report."""
        # A large file takes seconds to read: not on the loop.
        parsed = await asyncio.to_thread(parse, payload, name, self._clock())
        await self._writer.commit(Batch(rum=[parsed.records]))
        return parsed

    def _committed(self, batch: Batch, committed: Committed) -> None:
        del committed
        self.learn(batch.facts)
        for records in batch.rum:
            self.take(records)


def last_ack(facts: Iterable[Fact]) -> float | None:
    """When a router last got an acknowledgement, by the newest that says it exactly."""
    said = [
        one
        for one in facts
        if one.name is FactName.LAST_ACK and one.authenticated and one.kind is FactKind.EXACT
    ]
    newest = max(said, key=lambda one: one.effective, default=None)
    value = None if newest is None else newest.value
    return float(value) if isinstance(value, int | float) else None


def _owned(fact: Fact) -> Iterator[tuple[str, str]]:
    """UDIs that a fact explains, with the device that has or had them."""
    if fact.name is FactName.UDI and isinstance(fact.value, str):
        yield fact.value, fact.subject
    elif fact.name is FactName.INSTANCE and fact.text:
        yield fact.text, f"{fact.subject} (SN {_serial(fact.text)})"


def _serial(udi: str) -> str:
    return udi.upper().rpartition("SN:")[2].strip()
