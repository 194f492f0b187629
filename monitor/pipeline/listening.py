"""Syslog batches to records: filter, read, attribute, derive facts."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactName
from monitor.domain.records import DeadLetter, EventRecord
from monitor.errors import ParseError
from monitor.instrument import Instruments
from monitor.parse import syslog
from monitor.pipeline.identity import Registry, Speaker
from monitor.pipeline.presence import SYSLOG
from monitor.wire import SyslogBatch

logger = logging.getLogger(__name__)

_LONGEST_GAP: Final = 100_000
"""A jump beyond this is a reload or another device behind one address, not a loss."""
_MOST_ADDRESSES: Final = 100_000
_LONGEST_DEAD_LETTER: Final = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Records made of one batch; `learned` are devices nobody declared."""

    events: list[EventRecord]
    facts: list[Fact]
    dead_letters: list[DeadLetter]
    learned: list[Device]


Route = Callable[[str, str | None, float], None]
"""Told of each message: its device, the relay it came by or None, and when."""


def nobody(device: str, relay: str | None, at: float) -> None:
    """Nobody wants to know."""
    del device, relay, at


class Listener:
    """Reads syslog batches; remembers per address only its counter and when it last spoke."""

    def __init__(self, registry: Registry, instruments: Instruments) -> None:
        self._registry = registry
        self._instruments = instruments
        self._counters: dict[str, int] = {}
        self._zones: dict[str, dict[str, int]] = {}
        self.last_heard: dict[str, float] = {}
        """Address -> when anything last came from it, of whatever facility."""
        self.route: Route = nobody
        """Is told by which way the messages of known devices come."""

    def learn_zones(self, facts: Iterable[Fact]) -> None:
        """Take over zone words that the devices' own output explained."""
        for fact in facts:
            if fact.name is FactName.ZONE_OFFSET and isinstance(fact.value, int):
                self._zones.setdefault(fact.subject, {})[fact.key] = fact.value

    def hear(self, batch: SyslogBatch) -> Heard:
        """Records of one batch; lines of other facilities are counted and dropped."""
        heard = Heard(events=[], facts=[], dead_letters=[], learned=[])
        wanted = 0
        for address, payload in batch.frames:
            self._follow_counter(address, payload, batch.received)
            if syslog.wanted(payload):
                wanted += 1
                self._take(address, payload, batch.received, heard)
        self._count(batch, wanted, heard)
        return heard

    def _count(self, batch: SyslogBatch, wanted: int, heard: Heard) -> None:
        results = self._instruments.syslog_results
        results.labels(result="other_facility").inc(len(batch.frames) - wanted)
        results.labels(result="read").inc(wanted - len(heard.dead_letters))
        results.labels(result="dead_letter").inc(len(heard.dead_letters))
        self._instruments.syslog_received.labels(transport=batch.transport).inc(len(batch.frames))

    def _follow_counter(self, address: str, payload: bytes, received: float) -> None:
        if address not in self.last_heard and len(self.last_heard) >= _MOST_ADDRESSES:
            return
        self.last_heard[address] = received
        counter = syslog.leading_counter(payload)
        if counter is None:
            return
        before = self._counters.get(address)
        self._counters[address] = counter
        if before is not None and 1 < counter - before < _LONGEST_GAP:
            self._instruments.sequence_gaps.inc(counter - before - 1)

    def _take(self, address: str, payload: bytes, received: float, heard: Heard) -> None:
        try:
            self._read(address, payload, received, heard)
        except ParseError as error:
            heard.dead_letters.append(_dead(address, payload, received, error.reason))
        except Exception:  # one mistake of ours must not blind the fleet
            logger.exception("a syslog message could not be read", extra={"origin": address})
            heard.dead_letters.append(_dead(address, payload, received, "internal_error"))

    def _read(self, address: str, payload: bytes, received: float, heard: Heard) -> None:
        message = syslog.read(payload, received)
        speaker = Speaker(address=address, origin=message.origin, relay=message.relay)
        device = self._device(speaker, heard)
        when = syslog.when(message.stamp, received, self._zones_of(device))
        heard.events.append(_record(message, when, device.id if device else "", received))
        if device is not None:
            self.route(device.id, self._registry.relay_of(speaker), received)
            heard.facts.extend(
                syslog.facts(
                    message, when, device=device.id, received=received, authenticated=False
                )
            )

    def _zones_of(self, device: Device | None) -> Mapping[str, int]:
        if device is None:
            return {}
        # What the configuration says stands first, and is looked up first.
        return {**device.zones, **self._zones.get(device.id, {}), **device.zones}

    def _device(self, speaker: Speaker, heard: Heard) -> Device | None:
        device = self._registry.find(speaker)
        if device is None:
            device = self._registry.learn(speaker)
            if device is None:
                self._instruments.unattributed.inc()
            else:
                heard.learned.append(device)
        return device


def _dead(address: str, payload: bytes, received: float, reason: str) -> DeadLetter:
    return DeadLetter(
        source=SYSLOG,
        origin=address,
        received=received,
        reason=reason,
        payload=payload[:_LONGEST_DEAD_LETTER],
    )


def _record(
    message: syslog.Message, when: syslog.DeviceTime, device: str, received: float
) -> EventRecord:
    return EventRecord(
        device=device,
        source=SYSLOG,
        received=received,
        device_time=when.time,
        effective=syslog.effective(when, received),
        clock=when.clock,
        counter=message.counter,
        facility=message.facility or "",
        severity=message.severity,
        mnemonic=message.mnemonic or "",
        text=message.text,
        events=tuple(event.as_json() for event in syslog.events(message)),
        raw=message.raw,
    )
