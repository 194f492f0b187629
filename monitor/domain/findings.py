"""Findings: what is wrong, how bad, on what evidence, and what to type next."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """critical wakes somebody, warning is a ticket for working hours, info is shown only."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """As labels and users write it."""
        return self.name.lower()


class FindingKey(NamedTuple):
    """Stable over restarts and over two monitors: no time and no severity in it."""

    rule: str
    step: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """One statement a finding rests on."""

    what: str
    """The fact in the reader's words, such as `next ACK deadline`."""
    value: str
    """Readable, instants in RFC 3339 UTC."""
    source: str
    kind: str
    received: float
    """Seconds since 1970 UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One judged condition of one subject (a device, a pair, an account or a shared cause)."""

    rule: str
    step: str
    subject: str
    severity: Severity
    why: str
    """One sentence with the numbers in it."""
    next: str
    """The command to type or the thing to do next."""
    evidence: tuple[EvidenceLine, ...] = ()
    deadline: float | None = None
    """The instant at which it gets worse or calls stop, if there is one."""
    devices: tuple[str, ...] = ()
    """Devices it speaks of, where the subject is not the device itself."""
    stale: bool = False
    """Its evidence is older than it should be; the clock goes on judging it."""
    inhibited_by: str = ""
    """The rule of the same subject that speaks for it; an inhibited finding pages nobody."""
    hidden_by: str = ""
    """The maintenance window that hides it; a hidden finding pages nobody."""
    raise_after: float = 0.0
    """Seconds the condition must last before the finding is open."""

    @property
    def key(self) -> FindingKey:
        """Its key."""
        return FindingKey(self.rule, self.step, self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that is persisted about a finding: its times, in seconds since 1970 UTC."""

    key: FindingKey
    since: float
    """When the condition was first seen in this spell."""
    opened: float | None = None
    """When it had lasted `raise_after`."""
    clear_since: float | None = None
    """When the condition went away, while it is still held."""
    acknowledged: float | None = None
    notified: float | None = None
    resolved: float | None = None
