"""How finely a stretch of the past is still kept."""

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """What is kept of usage, from fine to coarse; each outlives the one before."""

    SECONDS = "seconds"
    """Every reading: everything can be worked out again, exactly."""
    MINUTES = "minutes"
    """Minute values, exact, and how many seconds each had: hours can be worked out again."""
    HOURS = "hours"
    """Hour values, exact: periods can be worked out again, at the phase the hours had."""
    MEASUREMENTS = "measurements"
    """Only what was recorded: nothing can be worked out again."""


class LevelSpan(NamedTuple):
    """`[start, end)` in seconds since 1970 UTC, whole hours, and what is kept of it."""

    level: Level
    start: int
    end: int
