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
    upto: int
    """Where the cursor stands once the piece is confirmed."""
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
    number: int
    """Of the last commit whose readings are confirmed."""
    behind: int
    """Commits after it."""
    oldest: int | None
    """Second since 1970 UTC of the oldest commit with readings that are not confirmed, by its
    newest reading; None where all are."""
    repeating_from: int | None
    """Second since 1970 UTC up to which older readings have been sent again; None where none are.
    """
