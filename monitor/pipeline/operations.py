"""What operators decide about devices: retire, rename, merge, replace; kept with who and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from monitor.domain.device import Device
from monitor.domain.findings import FindingKey
from monitor.domain.operation import Operation, Order
from monitor.domain.records import Batch, EventRecord, Json
from monitor.errors import OperationError
from monitor.pipeline.identity import Registry
from monitor.pipeline.instances import LONGEST_NAME, Knowledge, closing, event
from monitor.pipeline.presence import OWN
from monitor.pipeline.writing import Writer

OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    order: Order
    device: Device
    now: float
    registry: Registry
    knowledge: Knowledge

    def called(self, name: str) -> Device:
        return _called(self.registry, name)


class Operations:
    """Does what operators ask, and keeps who asked, when and why as an event of the device."""

    def __init__(
        self, registry: Registry, writer: Writer, knowledge: Knowledge, clock: Callable[[], float]
    ) -> None:
        self._registry = registry
        self._writer = writer
        self._knowledge = knowledge
        self._clock = clock

    async def perform(self, order: Order) -> str:
        """Do it; what was done comes back after the commit. OperationError says why it cannot."""
        asked = _Asked(
            order=order,
            device=_called(self._registry, order.device),
            now=self._clock(),
            registry=self._registry,
            knowledge=self._knowledge,
        )
        batch = _OPERATIONS[order.operation](asked)
        audit = _audit(asked, self._closed(asked.device, batch))
        self._take_over(batch)
        await self._writer.commit(replace(batch, events=[audit]))
        return audit.text

    def _closed(self, device: Device, batch: Batch) -> Sequence[FindingKey]:
        retires = any(one.id == device.id and one.retired_at is not None for one in batch.devices)
        return self._knowledge.open_of(device.id) if retires else ()

    def _take_over(self, batch: Batch) -> None:
        for changed in batch.devices:
            self._registry.amend(changed)
        for changed in batch.devices:
            if changed.replaced_by is not None:
                self._registry.hand_over(changed.id, changed.replaced_by)


def _called(registry: Registry, name: str) -> Device:
    device = registry.called(name)
    if device is None:
        raise OperationError(f"no device is called {name[:LONGEST_NAME]!r}")
    return device


def _retire(asked: _Asked) -> Batch:
    if asked.device.retired_at is not None:
        raise OperationError(f"{asked.device.id!r} is retired already")
    return Batch(devices=[replace(asked.device, retired_at=asked.now)])


def _reinstate(asked: _Asked) -> Batch:
    device = asked.device
    if device.retired_at is None:
        raise OperationError(f"{device.id!r} is in use")
    if device.replaced_by is not None:
        raise OperationError(f"{device.replaced_by!r} has the names of {device.id!r} now")
    return Batch(devices=[replace(device, retired_at=None)])


def _rename(asked: _Asked) -> Batch:
    name, device = _printable(asked.order.other), asked.device
    owner = asked.registry.called(name)
    if owner is not None and owner.id != device.id:
        raise OperationError(f"{name!r} is a name of {owner.id!r} already")
    return Batch(devices=[replace(device, title=name, aliases=device.aliases | {name})])


def _merge(asked: _Asked) -> Batch:
    into = asked.called(asked.order.other)
    facts = [
        replace(fact, subject=into.id)
        for fact in asked.knowledge.sheet(asked.device.id).values()
        if fact.source != OWN
    ]
    return Batch(devices=_handed(asked, into), facts=facts)


def _replace(asked: _Asked) -> Batch:
    name, device = _printable(asked.order.other), asked.device
    fresh = Device(
        id=name, virtual_account=device.virtual_account, zones=device.zones, learned=True
    )
    return Batch(devices=_handed(asked, asked.registry.called(name) or fresh))


def _handed(asked: _Asked, to: Device) -> tuple[Device, Device]:
    """The device out of use, and the other one with its names too."""
    device = asked.device
    if to.id == device.id:
        raise OperationError(f"{asked.order.device!r} and {asked.order.other!r} are one device")
    if device.replaced_by is not None:
        raise OperationError(f"{device.id!r} was replaced by {device.replaced_by!r} already")
    if to.retired_at is not None:
        raise OperationError(f"{to.id!r} is retired; reinstate it first")
    names = frozenset({device.id, *device.aliases})
    return (
        replace(device, aliases=frozenset(), retired_at=asked.now, replaced_by=to.id),
        replace(to, aliases=to.aliases | names),
    )


def _printable(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise OperationError(f"give a printable name of at most {LONGEST_NAME} characters")
    return name


def _audit(asked: _Asked, closed: Sequence[FindingKey]) -> EventRecord:
    order, device = asked.order, asked.device.id
    said: dict[str, Json] = {
        "kind": "operation",
        "operation": order.operation.value,
        "by": order.by,
        "other": order.other,
        "reason": order.reason,
    }
    words = " ".join(word for word in (order.operation.value, device, order.other) if word)
    why = f" ({order.reason})" if order.reason else ""
    return event(device, OPERATOR, asked.now, f"{order.by}: {words}{why}{closing(closed)}", said)


_OPERATIONS: Final[Mapping[Operation, Callable[[_Asked], Batch]]] = {
    Operation.RETIRE: _retire,
    Operation.REINSTATE: _reinstate,
    Operation.RENAME: _rename,
    Operation.MERGE: _merge,
    Operation.REPLACED_BY: _replace,
}
