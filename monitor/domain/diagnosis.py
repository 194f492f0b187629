"""How well a device is heard: its sources, where they disagree, what to set up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.domain.facts import Fact


class SourceState(StrEnum):
    """How it stands with one source of one device."""

    WORKS = "works"
    LATE = "late"
    NEVER_HEARD = "never heard"
    """Configured, and nothing came."""
    NOT_CONFIGURED = "not configured"
    HEARD_ONLY = "heard, not configured"
    """Something came without its being configured now: uploads, or an earlier configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCheck:
    """One source. Times are seconds since 1970 UTC."""

    source: str
    state: SourceState
    last_seen: float | None
    expected_by: float | None
    """When it should have been heard again; None where it has no rhythm, or never spoke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """What sources say differently of one thing; the first of `facts` is believed."""

    what: str
    facts: tuple[Fact, ...]


class Counting(StrEnum):
    """What a call table counts."""

    CALLS = "calls"
    LEGS = "legs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A source's `CALLS` beside sessions of the same seconds or minutes."""

    source: str
    counting: Counting
    against: str
    """The source of the sessions; empty where there are none to compare with."""
    compared: int
    """So many seconds or minutes had both."""
    ratio: float | None
    """Median of calls to sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """Something to do about the device. Optional ones would add a source, and nothing is wrong."""

    what: str
    router: tuple[str, ...] = ()
    """Lines to type on the router; UPPER-CASE words are to be replaced."""
    configuration: tuple[str, ...] = ()
    """Lines for the configuration file, below the device where not indented otherwise."""
    needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the configuration says of a device."""

    sources: frozenset[str] = frozenset()
    """Sources that should speak: cli, snmp, gnmi, restconf, trap, syslog."""
    calls_aggregate: bool = False
    legs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Everything `cubemon doctor` says of one device."""

    device: str
    now: float
    release: str | None
    platform: str | None
    names: tuple[str, ...] = ()
    """Other names under which it is known."""
    udi: str | None = None
    sources: tuple[SourceCheck, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    clock_offset: float | None = None
    """Device clock minus ours in seconds; None where unknown."""
    unresolved_zones: tuple[str, ...] = ()
    calibrations: tuple[Calibration, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def fine(self) -> bool:
        """Nothing has to be done."""
        return not any(one.needed for one in self.remedies)


Counts = Mapping[int, int]
"""Second since 1970 UTC -> count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Readings of one device over the time that is compared, by (tag, source)."""

    readings: Mapping[tuple[str, str], Counts] = field(default_factory=dict)

    def sources(self, tag: str) -> Sequence[str]:
        """Sources that have readings of a tag."""
        return sorted(source for known, source in self.readings if known == tag)
