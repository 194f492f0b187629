"""New routers under old names: another serial number is another product instance."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKey, FactKind, FactName
from monitor.domain.findings import FindingKey
from monitor.domain.records import Batch, EventRecord, Json
from monitor.evaluate.redundancy import serial
from monitor.pipeline.identity import Registry
from monitor.pipeline.presence import OWN

logger = logging.getLogger(__name__)

LONGEST_NAME: Final = 200
_MOST_CLOSED_NAMED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is asked of the judging."""

    sheet: Callable[[str], Mapping[FactKey, Fact]]
    open_of: Callable[[str], Sequence[FindingKey]]
    """Keys of the findings that stand about a device."""
    subjects: Callable[[], Iterable[str]] = tuple
    """Everybody of whom anything is known, those too that are declared no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _New:
    """What a new serial number under a known name makes."""

    begun: Fact
    retired: Device
    event: EventRecord


class Instances:
    """Starts a device's history anew, in the commit that brings its new serial number."""

    def __init__(self, registry: Registry, knowledge: Knowledge) -> None:
        self._registry = registry
        self._knowledge = knowledge

    def told_apart(self, batch: Batch) -> Batch:
        """The batch with a new product instance for each device whose serial number changed."""
        products = [fact for fact in batch.facts if _names_product(fact)]
        noticed = [one for fact in products for one in self._new(fact)]
        gone = [one for fact in products for one in self._known_by_another_name(fact)]
        if not noticed and not gone:
            return batch
        for one in noticed:
            self._registry.know(one.retired)
            self._registry.hand_over(one.retired.id, one.begun.subject)
        return replace(
            batch,
            facts=[*batch.facts, *(one.begun for one in noticed)],
            devices=[*batch.devices, *(one.retired for one in noticed)],
            events=[*batch.events, *(one.event for one in noticed), *gone],
        )

    def _new(self, fact: Fact) -> Iterator[_New]:
        known = tuple(self._knowledge.sheet(fact.subject).values())
        products = [one for one in known if _names_product(one)]
        before = max(products, key=lambda one: one.effective, default=None)
        if before is None or before.effective >= fact.effective:
            return
        old, new = serial(str(before.value)), serial(str(fact.value))
        peers = {serial(str(one.value)) for one in known if one.name is FactName.PEER_UDI}
        # Behind one address either member of a pair may answer.
        if old != new and new not in peers and not self._belongs_elsewhere(fact, new):
            yield _made(before, fact, self._knowledge.open_of(fact.subject))

    def _known_by_another_name(self, fact: Fact) -> Iterator[EventRecord]:
        """The first time that a name shows the serial number of one that is declared no more."""
        if any(map(_names_product, self._knowledge.sheet(fact.subject).values())):
            return
        number = serial(str(fact.value))
        for other in self._knowledge.subjects():
            products = filter(_names_product, self._knowledge.sheet(other).values())
            if other not in self._registry.devices and number in {
                serial(str(one.value)) for one in products
            }:
                yield _renamed(fact, other)

    def _belongs_elsewhere(self, fact: Fact, number: str) -> bool:
        return any(
            serial(str(one.value)) == number
            for device in self._registry.devices
            if device != fact.subject
            for one in self._knowledge.sheet(device).values()
            if _names_product(one)
        )


def _names_product(fact: Fact) -> bool:
    # Only what the device prints, by a way that nobody can forge, makes it another one.
    exact = fact.kind is FactKind.EXACT and fact.authenticated and bool(fact.value)
    return fact.name is FactName.UDI and exact


def _made(before: Fact, fact: Fact, closed: Sequence[FindingKey]) -> _New:
    old, new = str(before.value), str(fact.value)
    said: dict[str, Json] = {"kind": "new_instance", "old": old, "new": new}
    text = f"{fact.subject} is another router now: {new} instead of {old}{closing(closed)}"
    return _New(
        begun=replace(
            fact, name=FactName.INSTANCE, source=OWN, kind=FactKind.DERIVED, text=old[:LONGEST_NAME]
        ),
        retired=Device(
            id=f"{fact.subject} (SN {serial(old).upper()})",
            retired_at=fact.effective,
            replaced_by=fact.subject,
        ),
        event=event(fact.subject, OWN, fact.received, text, said),
    )


def _renamed(fact: Fact, before: str) -> EventRecord:
    name = fact.subject
    text = (
        f"{name} has the serial number of {before}, which is declared no more: {name} began anew,"
        f" without its history. To keep that, write `name: {before}` again, reload, and type"
        f" `cubemon device rename {before} {name}`"
    )
    logger.warning("%s", text)
    said: dict[str, Json] = {"kind": "renamed_in_file", "before": before}
    return event(name, OWN, fact.received, text, said)


def closing(keys: Sequence[FindingKey]) -> str:
    """How a record says which findings end because their device is out of use."""
    named = [f"{key.rule}/{key.step}" for key in keys[:_MOST_CLOSED_NAMED]]
    return f"; closed as retired: {', '.join(named)}" if named else ""


def event(device: str, source: str, now: float, text: str, said: Mapping[str, Json]) -> EventRecord:
    """A record of our own on the timeline of a device."""
    return EventRecord(
        device=device,
        source=source,
        received=now,
        device_time=now,
        effective=now,
        clock="synchronised",
        counter=None,
        facility="",
        severity=None,
        mnemonic="",
        text=text,
        events=(said,),
    )
