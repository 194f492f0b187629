"""SNMP reports to records: attribute, keep call windows, match log messages told twice.

A router that both logs to syslog and wraps its log into notifications says everything twice.
Whichever copy comes second is left out of the events; its facts fold into the same state anyway.
"""

import logging
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from monitor.domain.device import Device
from monitor.domain.events import Event
from monitor.domain.facts import Fact, FactKey, FactName
from monitor.domain.readings import ReadingColumns
from monitor.domain.records import Batch, DeadLetter, EventRecord
from monitor.instrument import Instruments
from monitor.parse import snmp
from monitor.pipeline.identity import Registry, Speaker
from monitor.pipeline.judging import Judge
from monitor.pipeline.listening import Listener
from monitor.wire import SnmpReport, SyslogBatch

logger = logging.getLogger(__name__)

_TWIN_SECONDS: Final = 120.0
_MOST_TWINS: Final = 20_000
_TWIN_TEXT: Final = 200
"""Notifications cut texts at 255 characters and syslog does not: fewer are compared."""
_LONGEST_DEAD_LETTER: Final = 8192
_INFORMATIVE: Final = 6
_TRAP: Final = "trap"


class Twins:
    """Log messages of one source that wait for their copy by the other; each copy matches once."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[str, str, str], deque[tuple[str, float]]] = OrderedDict()

    def first(self, events: Iterable[EventRecord]) -> list[EventRecord]:
        """The events without those of which the other source brought a copy before."""
        return [event for event in events if not self._is_second(event)]

    def _is_second(self, event: EventRecord) -> bool:
        if not event.mnemonic:
            return False
        key = (event.device, event.mnemonic, event.text[:_TWIN_TEXT].strip())
        waiting = self._waiting.setdefault(key, deque(maxlen=64))
        while waiting and event.received - waiting[0][1] > _TWIN_SECONDS:
            waiting.popleft()
        if waiting and waiting[0][0] != event.source:
            waiting.popleft()
            return True
        waiting.append((event.source, event.received))
        self._waiting.move_to_end(key)
        if len(self._waiting) > _MOST_TWINS:
            self._waiting.popitem(last=False)
        return False


@dataclass(slots=True)
class _Records:
    """What one call of `understand` makes."""

    readings: list[ReadingColumns] = field(default_factory=list)
    events: list[EventRecord] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    learned: list[Device] = field(default_factory=list)

    def batch(self) -> Batch:
        return Batch(
            readings=self.readings,
            events=self.events,
            facts=self.facts,
            dead_letters=self.dead_letters,
            devices=self.learned,
        )


class SnmpDesk:
    """Reads reports; remembers per device the window of its call table."""

    def __init__(
        self, registry: Registry, listener: Listener, judge: Judge, instruments: Instruments
    ) -> None:
        self._registry = registry
        self._listener = listener
        self._judge = judge
        self._instruments = instruments
        self._windows: dict[str, snmp.Window] = {}
        self.twins = Twins()

    def understand(self, reports: Sequence[SnmpReport]) -> Batch:
        """Records of the reports; one that fails on a mistake of ours becomes a dead letter."""
        records = _Records()
        for report in reports:
            try:
                self._read(report, records)
            except Exception:  # one mistake of ours must not blind the fleet
                logger.exception("an SNMP report could not be read", extra={"from": report.address})
                records.dead_letters.append(_dead(report, "internal_error"))
        return records.batch()

    def _read(self, report: SnmpReport, records: _Records) -> None:
        if not report.notification:
            self._answer(report, records)
            return
        line = snmp.log_line(report)
        if line is not None:
            self._log_line(line, report, records)
            return
        said = snmp.notification(report)
        if said is not None:
            self._notified(report, said, records)

    # Answers to polls

    def _answer(self, report: SnmpReport, records: _Records) -> None:
        device = self._registry.named(report.device)
        if device is None:
            records.dead_letters.append(_dead(report, "too_many_learned_devices"))
            return
        if device.learned:
            records.learned.append(device)
        records.facts.extend(snmp.facts(report, device=device.id, release=self._release(device)))
        volume = snmp.volume(report, device.id, self._windows.get(device.id))
        if volume.window is not None:
            self._windows[device.id] = volume.window
        if len(volume.readings):
            records.readings.append(volume.readings)
        records.events.extend(_own(event, device, report) for event in volume.events)

    def _release(self, device: Device) -> str | None:
        sheet = self._judge.sheet(device.id)
        said = [
            sheet[key].value
            for source in ("cli", "gnmi", snmp.POLL)
            if (key := FactKey(device.id, FactName.RELEASE, "", source)) in sheet
        ]
        return str(said[0]) if said else device.release

    # Notifications

    def _notified(self, report: SnmpReport, said: snmp.Notification, records: _Records) -> None:
        device = self._sender(report.address, said.udi, records)
        records.events.append(_record(report, said, device))
        if device is not None:
            records.facts.extend(snmp.facts(report, device=device.id, release=None))

    def _sender(self, address: str, udi: str | None, records: _Records) -> Device | None:
        """By the UDI where that is a known name, else by address; learned where it is new."""
        by_udi = self._registry.find(Speaker(address="", origin=udi)) if udi else None
        speaker = Speaker(address=address)
        device = by_udi or self._registry.find(speaker)
        if device is None:
            device = self._registry.learn(speaker)
            if device is None:
                self._instruments.unattributed.inc()
            else:
                records.learned.append(device)
        return device

    def _log_line(self, line: bytes, report: SnmpReport, records: _Records) -> None:
        frames = [(report.address, line)]
        heard = self._listener.hear(
            SyslogBatch(transport=_TRAP, received=report.received, frames=frames)
        )
        events = [replace(event, source=_TRAP, raw=report.raw) for event in heard.events]
        records.events.extend(self.twins.first(events))
        records.facts.extend(
            replace(fact, source=_TRAP, authenticated=report.authenticated) for fact in heard.facts
        )
        records.dead_letters.extend(heard.dead_letters)
        records.learned.extend(heard.learned)


def _record(report: SnmpReport, said: snmp.Notification, device: Device | None) -> EventRecord:
    return EventRecord(
        device=device.id if device else "",
        source=_TRAP,
        received=report.received,
        device_time=None,
        effective=report.received,
        clock="unknown",
        counter=said.ticks,
        facility=said.mib,
        severity=None,
        mnemonic=said.name,
        text=said.text,
        events=(said.event.as_json(),),
        raw=report.raw,
    )


def _own(event: Event, device: Device, report: SnmpReport) -> EventRecord:
    said = {name: value for name, value in event.as_json().items() if name != "kind"}
    return EventRecord(
        device=device.id,
        source=snmp.POLL,
        received=report.received,
        device_time=None,
        effective=report.received,
        clock="unknown",
        counter=None,
        facility="",
        severity=_INFORMATIVE,
        mnemonic="",
        text=" ".join([event.kind, *(f"{name}={value}" for name, value in said.items())]),
        events=(event.as_json(),),
    )


def _dead(report: SnmpReport, reason: str) -> DeadLetter:
    payload = report.raw or repr(list(report.varbinds)).encode()
    return DeadLetter(
        source=snmp.NOTIFIED if report.notification else snmp.POLL,
        origin=report.address or report.device,
        received=report.received,
        reason=reason,
        payload=payload[:_LONGEST_DEAD_LETTER],
    )
