"""Our measurement of a period beside what others count for the same period."""

from dataclasses import dataclass
from enum import StrEnum


class Against(StrEnum):
    """Who counts."""

    REQUESTED = "requested"
    """The device, as it asks for licences in syslog."""
    SHOWN = "shown"
    """The device, as it shows licences in use: `show license usage`, YANG, SNMP, recent lists."""
    CSSM = "cssm"
    """CSSM, for the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One comparison. Times are seconds since 1970 UTC."""

    device: str
    tag: str
    against: Against
    start: int
    end: int
    """The period that both numbers are about, as we measured it."""
    ours: int
    theirs: int
    source: str
    """Who said theirs: cli, syslog, gnmi, cssm, ..."""
    at: float
    """When it was so said."""
    tolerance: float
    """Licences by which they may differ."""

    @property
    def difference(self) -> int:
        """Ours minus theirs."""
        return self.ours - self.theirs

    @property
    def beyond(self) -> bool:
        """They differ by more than is tolerated."""
        return abs(self.difference) > self.tolerance
