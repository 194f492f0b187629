"""How long sources have been silent, and which of them should have spoken by now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.evaluate.limits import Limits

POLLED: Final = frozenset({"cli", "gnmi", "restconf", "snmp"})
EXACT: Final = frozenset({"cli", "gnmi", "restconf"})
"""Polled sources that print exact instants."""
TELEMETRY: Final = frozenset({"gnmi", "restconf"})
TOLD: Final = frozenset({"syslog", "trap"})


@dataclass(frozen=True, slots=True)
class Silence:
    """Sources and what their silence means."""

    last_seen: Mapping[str, float]
    expected: Mapping[str, float]
    """Source -> the latest instant at which it should have been heard again."""
    late: frozenset[str]

    def of(self, sources: frozenset[str]) -> frozenset[str]:
        """Those of `sources` that ever spoke."""
        return sources & self.expected.keys()

    def all_late(self, sources: frozenset[str]) -> bool:
        """Some of them ever spoke, and each of those is late."""
        spoke = self.of(sources)
        return bool(spoke) and spoke <= self.late

    @property
    def patience(self) -> dict[str, float]:
        """Source -> seconds for which it may be silent."""
        return {source: at - self.last_seen[source] for source, at in self.expected.items()}

    @property
    def polled(self) -> frozenset[str]:
        """The polled sources that matter: those with exact instants, where there are any."""
        return EXACT if self.of(EXACT) else POLLED

    @property
    def stale(self) -> bool:
        """What is known best is older than it should be."""
        return self.all_late(self.polled if self.of(POLLED) else TOLD)


def silence_of(
    last_seen: Mapping[str, float], *, now: float, deadline: float | None, limits: Limits
) -> Silence:
    """Work out which sources are late. Sources without a rhythm (readings) never are."""
    expected = {
        source: seen + _patience(source, seen, deadline, limits)
        for source, seen in last_seen.items()
        if source in POLLED | TOLD
    }
    late = frozenset(source for source, latest in expected.items() if now > latest)
    return Silence(last_seen, expected, late)


def _patience(source: str, seen: float, deadline: float | None, limits: Limits) -> float:
    if source in TOLD:
        return limits.syslog_silent_days * DAY
    return limits.poll_late_after_intervals * _interval(source, seen, deadline, limits)


def _interval(source: str, seen: float, deadline: float | None, limits: Limits) -> float:
    if source == "snmp":
        return limits.snmp_interval_minutes * MINUTE
    if source in TELEMETRY:
        return limits.telemetry_interval_minutes * MINUTE
    # The interval in force when it was last polled: the next poll was planned with that one.
    near = deadline is not None and deadline - seen <= limits.poll_near_days * DAY
    return (limits.poll_interval_near_hours if near else limits.poll_interval_hours) * HOUR
