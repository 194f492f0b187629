"""Inventories of CSSM, to facts of virtual accounts and of the devices they list."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKey, FactName
from monitor.domain.records import Batch, DeadLetter
from monitor.errors import ParseError
from monitor.evaluate.redundancy import serial
from monitor.instrument import Instruments
from monitor.parse.cssm import Inventory, ProductInstance, Shape, read
from monitor.parse.cssm.facts import Told, account_facts, device_facts, unknown_facts
from monitor.pipeline.identity import Registry
from monitor.wire import CssmInventory, Receipt, Refusal

logger = logging.getLogger(__name__)

_LONGEST_DEAD_LETTER: Final = 65_536

Sheet = Callable[[str], Mapping[FactKey, Fact]]
"""The folded facts of a device."""


class CssmDesk:
    """Reads inventories; `names` gives folded names of licences and their tags."""

    def __init__(
        self,
        registry: Registry,
        sheet: Sheet,
        instruments: Instruments,
        names: Callable[[], Mapping[str, str]],
    ) -> None:
        self._registry = registry
        self._sheet = sheet
        self._count = instruments.cssm.inventories
        self._refused = instruments.cssm.refused
        self._names = names

    async def understand(self, inventories: Sequence[CssmInventory]) -> tuple[Batch, Receipt]:
        """Their records, and what became of each row. Never a row is lost in silence.

        Reading happens in a thread: the largest exports take seconds.
        """
        facts: list[Fact] = []
        dead: list[DeadLetter] = []
        accepted, refusals, refused = 0, list[Refusal](), 0
        for one in inventories:
            try:
                found, told, its = await asyncio.to_thread(_read, one)
            except ParseError as error:
                dead.append(_unread(one, error.reason))
                refusals.append(Refusal(line=1, reason=f"nothing taken: {error.reason}"))
                refused += 1
                self._count.labels(result=error.reason).inc()
                continue
            facts += its
            facts += self._devices(found, told, one.accounts)
            accepted += len(found.lines) + len(found.devices)
            refused += found.refused_rows
            refusals += (Refusal(line=each.row, reason=each.reason) for each in found.refused)
            self._note(one, found)
        batch = Batch(facts=facts, dead_letters=dead)
        return batch, Receipt(accepted=accepted, refused=refused, refusals=refusals)

    def _note(self, one: CssmInventory, found: Inventory) -> None:
        self._count.labels(result="read").inc()
        self._refused.inc(found.refused_rows)
        for each in found.refused:
            logger.warning("%s:%d: row refused: %s", one.origin, each.row, each.reason)

    def _devices(self, found: Inventory, told: Told, asked: Iterable[str]) -> Iterable[Fact]:
        if found.shape is not Shape.DEVICES:
            return
        by_serial = self._by_serial()
        unknown = []
        for listed in found.devices:
            device = self._watched(listed, by_serial)
            if device is None:
                unknown.append(listed)
            else:
                yield from device_facts(device, listed, told, self._names())
        yield from unknown_facts({*asked, *(one.account for one in found.devices)}, unknown, told)

    def _by_serial(self) -> Mapping[str, str]:
        """Serial number -> device, as the devices themselves said it."""
        return {
            serial(str(fact.value)): device.id
            for device in self._registry.devices.values()
            if device.retired_at is None
            for fact in self._sheet(device.id).values()
            if fact.name is FactName.UDI and fact.value
        }

    def _watched(self, listed: ProductInstance, by_serial: Mapping[str, str]) -> str | None:
        if listed.udi:
            found = by_serial.get(serial(listed.udi)) or _id(self._registry.called(listed.udi))
            if found is not None:
                return found
        called = self._registry.called(listed.host_name) if listed.host_name else None
        # Another serial number under a known name is another product instance.
        if called is None or (listed.udi and called.id in by_serial.values()):
            return None
        return _id(called)


def _read(one: CssmInventory) -> tuple[Inventory, Told, Sequence[Fact]]:
    """What it says, and the facts of its accounts; raises ParseError."""
    found = read(one.payload, account=one.account, now=one.effective)
    told = Told(
        effective=min(one.effective, one.received),
        received=one.received,
        source=found.shape.value,
    )
    if found.shape is Shape.DEVICES:
        return found, told, ()
    smart = one.smart_account
    return found, told, tuple(account_facts(found, told, smart_account=smart, whole=one.accounts))


def _id(device: Device | None) -> str | None:
    return None if device is None or device.retired_at is not None else device.id


def _unread(one: CssmInventory, reason: str) -> DeadLetter:
    return DeadLetter(
        source="cssm",
        origin=one.origin,
        received=one.received,
        reason=reason,
        payload=one.payload[:_LONGEST_DEAD_LETTER],
    )
