"""What devices say of their YANG trees, to facts and readings under their ids."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKey, FactName
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch, DeadLetter
from monitor.instrument import Instruments
from monitor.parse.gnmi import Read, Reader, columns
from monitor.pipeline.identity import Registry
from monitor.wire import TelemetryNotification

logger = logging.getLogger(__name__)

_LONGEST_DEAD_LETTER: Final = 65_536

Sheet = Callable[[str], Mapping[FactKey, Fact]]
"""The folded facts of a device."""


class TelemetryDesk:
    """Keeps one reader for each device and source."""

    def __init__(self, registry: Registry, sheet: Sheet, instruments: Instruments) -> None:
        self._registry = registry
        self._sheet = sheet
        self._instruments = instruments
        self._readers: dict[tuple[str, str], Reader] = {}

    def understand(self, notifications: Sequence[TelemetryNotification]) -> Batch:
        """The records of notifications, in order."""
        facts: list[Fact] = []
        readings: list[ReadingColumns] = []
        learned: dict[str, Device] = {}
        dead: list[DeadLetter] = []
        for one in notifications:
            device = self._registry.named(one.device)
            read = None if device is None else self._read(device, one)
            if device is None or read is None:
                dead.append(_unread(one, "internal_error" if device else "too_many_devices"))
                continue
            if device.learned:
                learned[device.id] = device
            facts += read.facts
            if read.calls:
                readings.append(columns(device.id, one.source, read.calls))
            self._count(one.source, read)
        return Batch(
            facts=facts,
            readings=_together(readings),
            dead_letters=dead,
            devices=list(learned.values()),
        )

    def _read(self, device: Device, notification: TelemetryNotification) -> Read | None:
        try:
            return self._reader(device.id, notification.source).read(notification)
        except Exception:  # one mistake of ours must not blind the fleet
            logger.exception("a notification could not be read", extra={"device": device.id})
            return None

    def _reader(self, device: str, source: str) -> Reader:
        reader = self._readers.get((device, source))
        if reader is None:
            reader = self._readers[device, source] = Reader(device, source)
            reader.usage.remember(_in_use(self._sheet(device).values(), source))
        return reader

    def _count(self, source: str, read: Read) -> None:
        result = "partly_read" if read.unknown else "read"
        self._instruments.telemetry.notifications.labels(source=source, result=result).inc()
        for reason, number in read.unknown.items():
            unknown = self._instruments.telemetry.unknown
            unknown.labels(source=source, reason=reason).inc(number)


def _in_use(facts: Iterable[Fact], source: str) -> Iterable[str]:
    return (
        fact.key
        for fact in facts
        if fact.name is FactName.USAGE_COUNT and fact.source == source and fact.value
    )


def _together(readings: Sequence[ReadingColumns]) -> Sequence[ReadingColumns]:
    """One batch of columns, so that a thousand devices cost little more than one."""
    if len(readings) <= 1:
        return readings
    places: dict[Series, int] = {}
    whole = ReadingColumns(series=())
    for one in readings:
        place = places.setdefault(one.series[0], len(places))
        whole.which.extend([place] * len(one))
        whole.seconds.extend(one.seconds)
        whole.counts.extend(one.counts)
    return (
        ReadingColumns(
            series=tuple(places), which=whole.which, seconds=whole.seconds, counts=whole.counts
        ),
    )


def _unread(notification: TelemetryNotification, reason: str) -> DeadLetter:
    said = repr((notification.updates, notification.deletes)).encode(errors="replace")
    return DeadLetter(
        source=notification.source,
        origin=notification.device,
        received=notification.received,
        reason=reason,
        payload=said[:_LONGEST_DEAD_LETTER],
    )
