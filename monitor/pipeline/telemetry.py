"""What devices say of their YANG trees, to facts and readings under their ids."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKey, FactName
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch, DeadLetter
from monitor.domain.tags import CALLS
from monitor.instrument import Instruments
from monitor.parse.gnmi import Read, Reader
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
        calls = _Calls()
        learned: dict[str, Device] = {}
        dead: list[DeadLetter] = []
        counts: Counter[tuple[str, str]] = Counter()
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
                calls.add(Series(device.id, CALLS, one.source), read.calls)
            counts[one.source, "partly_read" if read.unknown else "read"] += 1
            if read.unknown:
                self._count_unknown(one.source, read)
        self._count(counts)
        return Batch(
            facts=facts,
            readings=calls.columns(),
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

    def _count(self, counts: Mapping[tuple[str, str], int]) -> None:
        for (source, result), number in counts.items():
            notifications = self._instruments.telemetry.notifications
            notifications.labels(source=source, result=result).inc(number)

    def _count_unknown(self, source: str, read: Read) -> None:
        for reason, number in read.unknown.items():
            unknown = self._instruments.telemetry.unknown
            unknown.labels(source=source, reason=reason).inc(number)


class _Calls:
    """One batch of columns, so that a thousand devices cost little more than one."""

    def __init__(self) -> None:
        self._places: dict[Series, int] = {}
        self._columns = ReadingColumns(series=())

    def add(self, series: Series, calls: Sequence[tuple[int, int]]) -> None:
        """Readings of one device."""
        place = self._places.setdefault(series, len(self._places))
        for second, count in calls:
            self._columns.which.append(place)
            self._columns.seconds.append(second)
            self._columns.counts.append(count)

    def columns(self) -> Sequence[ReadingColumns]:
        """All of them; nothing where there are none."""
        return (replace(self._columns, series=tuple(self._places)),) if self._places else ()


def _in_use(facts: Iterable[Fact], source: str) -> Iterable[str]:
    return (
        fact.key
        for fact in facts
        if fact.name is FactName.USAGE_COUNT and fact.source == source and fact.value
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
