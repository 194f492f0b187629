"""Measured usage: hour values, periods and their measurements.

Every hour value is a multiple of 1/36 of a session (means of at most three means of at most three
counts), so values are kept as whole 36ths and stay exact until they become a licence count.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

UNITS_PER_SESSION: Final = 36
PROFILE: Final = "top3"
"""The name of the rules that produced a value; other releases' rules may stand beside it."""

SHORTEST_PERIOD_HOURS: Final = 8
DEFAULT_PERIOD_HOURS: Final = 7 * 24


class Rounding(StrEnum):
    """How an exact value becomes a licence count; nearest is half-up."""

    UP = "up"
    NEAREST = "nearest"
    DOWN = "down"


class Reason(StrEnum):
    """Why a measurement ended."""

    PERIODIC = "periodic"
    CHANGE = "change"
    FAILOVER = "failover"
    OPEN = "open"
    """The period that is still running; shown, recorded nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourValue:
    """One closed hour of one (device, tag); `start` in seconds since 1970 UTC."""

    device: str
    tag: str
    start: int
    units: int | None
    """The hour value in 36ths of a session; None where the hour has no reading."""
    seconds: int
    """Seconds of the hour that have a reading."""
    minutes: int
    """Minutes of the hour that have a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One period `[start, end)` of one (device, tag), as recorded when it ended.

    It is its own checkpoint: what follows is worked out from `end`, `units` and the hours after it.
    """

    device: str
    tag: str
    start: int
    end: int
    units: int | None
    """Exact value in 36ths of a session; None only for an open period without any closed hour."""
    count: int | None
    """Licence count after rounding; None while open."""
    coverage: float
    minute_coverage: float
    reason: Reason
    changed: bool
    profile: str = PROFILE
    version: int = 1
    """Rises by one each time the chain from this point on is worked out again."""

    @property
    def value(self) -> float | None:
        """Sessions; None where there is no value."""
        return None if self.units is None else self.units / UNITS_PER_SESSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The latest measurements of one (device, tag) from `start` on.

    Committing it marks every older version with `start >= self.start` as replaced; the rows stay.
    """

    device: str
    tag: str
    start: int
    version: int
    measurements: tuple[Measurement, ...]


WEAK_BELOW: Final = 0.5
"""A measurement with less `minute_coverage` is weak: shown, but moves no balance and no drift."""
