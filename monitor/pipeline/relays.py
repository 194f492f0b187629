"""Notes which relay brings a device's syslog, once when that begins and once when it ends."""

from collections.abc import Collection, Iterable

from monitor.domain.facts import FactKey, FactName
from monitor.domain.records import Batch
from monitor.pipeline.logins import KnownFacts
from monitor.pipeline.presence import OWN, own_fact
from monitor.pipeline.writing import Writer


class Relays:
    """Told of the way of every message by the listener; stores what is news."""

    def __init__(self, sheet: KnownFacts, writer: Writer) -> None:
        self._sheet = sheet
        self._writer = writer
        self._last: dict[str, str | None] = {}
        """Device -> its relay: what was noted a moment ago is not yet in the sheets."""

    def __call__(self, device: str, relay: str | None, at: float) -> None:
        """Store another relay than before, or that the device speaks directly now."""
        if self._known(device) != relay:
            self._note(device, relay, at)

    def forget(self, devices: Iterable[str], relays: Collection[str], now: float) -> None:
        """End what is known of `devices` that came by a relay which is not among `relays`."""
        for device in devices:
            known = self._known(device)
            if known is not None and known not in relays:
                self._note(device, None, now)

    def _known(self, device: str) -> str | None:
        if device not in self._last:
            fact = self._sheet(device).get(FactKey(device, FactName.RELAY, "", OWN))
            self._last[device] = None if fact is None or fact.value is None else str(fact.value)
        return self._last[device]

    def _note(self, device: str, relay: str | None, at: float) -> None:
        self._last[device] = relay
        self._writer.add(Batch(facts=[own_fact(device, FactName.RELAY, relay, at)]))
