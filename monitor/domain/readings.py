"""Readings: how many concurrent sessions used licences of a tag in one second, as a source saw it.

They cross rooms as columns, so that a batch of thousands costs little more than one.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_MINUTES: Final = "-minutes"

MERGED: Final = "*"
"""The source of minute values that stand for all sources together, as they were measured."""


class Series(NamedTuple):
    """A stored series; a source can be left out later without losing the others."""

    device: str
    tag: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingColumns:
    """One batch of readings, any order, any number of series, duplicates allowed.

    `series` are distinct; the three columns have one length. `which[i]` points into `series`
    (typecode `I`, 32 bits), `seconds[i]` is a whole second since 1970 UTC (`q`, 64 bits),
    `counts[i]` is >= 0 (`q`). Where one second has several counts, the highest is meant.
    """

    series: Sequence[Series]
    # Quoted: arrays cannot be subscripted when a class is built on Python 3.11.
    which: "array[int]" = field(default_factory=lambda: array("I"))
    seconds: "array[int]" = field(default_factory=lambda: array("q"))
    counts: "array[int]" = field(default_factory=lambda: array("q"))

    def __len__(self) -> int:
        return len(self.seconds)


def minutes_of(source: str) -> str:
    """The source name under which minute values that a device worked out itself are stored.

    Such a *device minute* is one count at the first second of its minute. It stands for that minute
    where no other source has a reading of the tag in it, and covers no second.
    """
    return source + _MINUTES


def tells_minutes(source: str) -> bool:
    """Whether the counts of a source are device minutes instead of readings."""
    return source.endswith(_MINUTES)
