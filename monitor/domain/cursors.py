"""What readers of the log get, piece by piece, and how far each of them has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.facts import Fact
from monitor.domain.measurement import HourValue, Measurement
from monitor.domain.readings import ReadingColumns


class Kind(StrEnum):
    """What a reader may follow. Each kind has a cursor of its own."""

    READINGS = "readings"
    HOURS = "hours"
    MEASUREMENTS = "measurements"
    FACTS = "facts"


class VersionedHour(NamedTuple):
    """An hour value and how often it has been another one: the highest version holds."""

    value: HourValue
    version: int


class VersionedMeasurement(NamedTuple):
    """A measurement, and whether a later version of its chain has taken its place."""

    measurement: Measurement
    replaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Records of one kind that a reader has not confirmed; only the sequence of its kind is set."""

    kind: Kind
    since: int
    """Where the cursor stands."""
    upto: int
    """Where it stands once the piece is confirmed."""
    repeated: bool = False
    """Readings sent again from a time on, not new ones: `upto` is a second since 1970 UTC."""
    readings: Sequence[ReadingColumns] = ()
    hours: Sequence[VersionedHour] = ()
    measurements: Sequence[VersionedMeasurement] = ()
    facts: Sequence[Fact] = ()

    def __len__(self) -> int:
        columns = sum(map(len, self.readings))
        return columns + len(self.hours) + len(self.measurements) + len(self.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorState:
    """How far one reader has come."""

    name: str
    number: int | None
    """Of the last commit whose readings are confirmed; None where it does not read readings."""
    behind: int
    """Commits between it and the last one with readings; 0 where all are confirmed."""
    oldest: int | None
    """Newest second of the oldest commit that is not confirmed, since 1970 UTC; None where all are.
    """
    waiting: int
    """Hours, measurements and facts that are not confirmed."""
    repeating: tuple[int, int] | None
    """Older readings are sent again: from which second on, before which; None where none are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """How it stands with a database outside. Times are seconds since 1970 UTC."""

    name: str
    kind: str
    up: bool
    """It took the last points; also where there were none yet."""
    error: str
    """Why it did not; empty while it is up."""
    failing_since: float | None
    sent: int
    """Points since the start of the service."""
    refused: int
    """Of these, points in the dead letters."""
    cursor: CursorState
