"""When each source of a device last said anything."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from monitor.domain.account import CSSM_SOURCE
from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName

OWN: Final = "monitor"
"""The source of facts that we note ourselves; it says nothing of the device being there."""
SYSLOG: Final = "syslog"
_NOT_LIFE: Final = frozenset({OWN, CSSM_SOURCE})
"""What CSSM remembers of a device is no sign of life either."""


def own_fact(device: str, name: FactName, value: str | None, at: float, key: str = "") -> Fact:
    """A fact that we note ourselves; None: it is so no more."""
    return Fact(
        subject=device,
        name=name,
        source=OWN,
        value=value,
        kind=FactKind.EXACT,
        received=at,
        effective=at,
        key=key,
    )


class Presence:
    """Last reception by device and source, from facts and from any line of a device's address."""

    def __init__(self, heard: Mapping[str, float]) -> None:
        self._heard = heard
        self._seen: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def note(self, facts: Iterable[Fact]) -> None:
        """Take facts as signs of life of their source."""
        for fact in facts:
            if fact.source not in _NOT_LIFE:
                seen = self._seen[fact.subject]
                seen[fact.source] = max(fact.received, seen.get(fact.source, fact.received))

    def keep_alive(self, silent: Collection[tuple[str, str]], now: float) -> None:
        """Let every source of every device but the silent (device, source) be heard now.

        An empty source stands for all sources of a device.
        """
        for device, sources in self._seen.items():
            for source in sources:
                if not {(device, ""), (device, source)} & set(silent):
                    sources[source] = now

    def __call__(self, device: Device, now: float) -> Mapping[str, float]:
        """Source -> seconds since 1970 UTC; never after `now`, whatever our clock said before."""
        known = self._seen.get(device.id, {})
        for source, at in known.items():
            # From here on its silence counts, instead of when the clock is there again.
            known[source] = min(at, now)
        seen = dict(known)
        spoke = max(
            (self._heard[name] for name in device.aliases if name in self._heard), default=None
        )
        if spoke is not None:
            seen[SYSLOG] = min(now, max(spoke, seen.get(SYSLOG, spoke)))
        return seen
