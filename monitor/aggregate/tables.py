"""The four tables that `show voice sip license stats` keeps, worked out of readings; display only.

Source: Cisco's chapter "CUBE Smart Licensing". Nothing here is fed back into measuring: an hour of
these tables is its highest minute, an hour of a measurement the mean of its three highest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.aggregate.kernels import (
    ABSENT,
    SECONDS,
    Dense,
    Values,
    aggregate_seconds,
    merged,
    minute_values,
)
from monitor.aggregate.rules import HOUR
from monitor.domain.readings import Series, tells_minutes
from monitor.domain.tags import AGGREGATE, TRUNK_TAGS, TagKind, kind_of

_MINUTE: Final = 60
_DAY: Final = 24 * HOUR
_SIXTHS: Final = 6
DAYS_SHOWN: Final = 72
"""No table looks further back."""

Floats = NDArray[np.float64]


class Window(Enum):
    """What a table covers: how many units, and the seconds of one."""

    SECONDS = (60, 1)
    MINUTES = (60, _MINUTE)
    HOURS = (72, HOUR)
    DAYS = (DAYS_SHOWN, _DAY)

    @property
    def units(self) -> int:
        """How many."""
        return self.value[0]

    @property
    def length(self) -> int:
        """Seconds of one."""
        return self.value[1]

    @property
    def title(self) -> str:
        """`60 seconds`."""
        return f"{self.units} {self.name.lower()}"


class Cell(NamedTuple):
    """Whole sessions of one unit: the average rounded half up, the maximum rounded up."""

    average: int
    maximum: int


Cells = tuple[Cell | None, ...]
"""One a unit, newest first; None where there is no reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsOf:
    """The four tables of one kind of trunk licence."""

    kind: str
    """Standard, Enhanced or Aggregate."""
    tables: Mapping[Window, Cells]


def stats(
    dense: Mapping[Series, Dense],
    start: int,
    now: int,
    excluded: frozenset[str] = frozenset(),
    kept: Mapping[str, Values] | None = None,
) -> list[StatsOf]:
    """The tables of one device at `now`, for the kinds that have readings.

    `dense` holds signed arrays of shape (hours, 3600) from `start` (a whole UTC hour), -1 where
    there is no reading. What is before `start` or after the arrays is unknown. Units that are not
    over at `now` are left out.

    `kept` holds minute values, in sixths, shape (hours, 60), -1 for none, of hours whose seconds
    are gone, by tag; there the averages are those of the minute values.
    """
    by_tag = _by_tag(dense, excluded)
    minutes = kept or {}
    silent = next(
        (np.full((len(one), SECONDS), ABSENT, np.int32) for one in minutes.values()), None
    )
    found = []
    for kind, trunks, named in (
        ("Standard", _of_kind(by_tag, TagKind.STANDARD), []),
        ("Enhanced", _of_kind(by_tag, TagKind.ENHANCED), []),
        ("Aggregate", _trunks(by_tag), [by_tag[AGGREGATE]] if AGGREGATE in by_tag else []),
    ):
        told = _kept_of(kind, minutes)
        seconds = aggregate_seconds(trunks, named) if trunks or named else silent
        if seconds is not None and (trunks or named or told is not None):
            found.append(StatsOf(kind=kind, tables=_tables(seconds, told, start, now)))
    return found


def _kept_of(kind: str, minutes: Mapping[str, Values]) -> Values | None:
    """Minute values of one kind; those of several tags are summed, an upper bound."""
    if kind == "Aggregate":
        return minutes.get(AGGREGATE)
    word = TagKind.STANDARD if kind == "Standard" else TagKind.ENHANCED
    these = [values for tag, values in minutes.items() if kind_of(tag) is word]
    if not these:
        return None
    known = np.stack(these)
    summed = np.where(known >= 0, known, 0).sum(axis=0)
    return np.where((known >= 0).any(axis=0), summed, ABSENT)


def _by_tag(dense: Mapping[Series, Dense], excluded: frozenset[str]) -> dict[str, Dense]:
    sources: dict[str, list[Dense]] = {}
    for series, seconds in dense.items():
        if series.source not in excluded and not tells_minutes(series.source):
            sources.setdefault(series.tag, []).append(seconds)
    return {tag: merged(these) for tag, these in sources.items()}


def _of_kind(by_tag: Mapping[str, Dense], kind: TagKind) -> list[Dense]:
    return [seconds for tag, seconds in sorted(by_tag.items()) if kind_of(tag) is kind]


def _trunks(by_tag: Mapping[str, Dense]) -> list[Dense]:
    return [seconds for tag, seconds in sorted(by_tag.items()) if tag in TRUNK_TAGS]


def _tables(dense: Dense, told: Values | None, start: int, now: int) -> dict[Window, Cells]:
    seconds = dense.reshape(-1)
    values = minute_values(dense).reshape(-1)
    peaks = np.where(values >= 0, values / _SIXTHS, np.nan)
    means = _mean_known(seconds.reshape(-1, _MINUTE))
    if told is not None:
        instead = np.isnan(peaks) & (told.reshape(-1) >= 0)
        peaks = np.where(instead, told.reshape(-1) / _SIXTHS, peaks)
        means = np.where(instead, told.reshape(-1) / _SIXTHS, means)
    hours = _highest(peaks, _MINUTE), _mean(means, _MINUTE)
    first = start // _DAY * _DAY
    lead = (start - first) // HOUR
    days = _highest(_padded(hours[0], lead), 24), _mean(_padded(hours[1], lead), 24)
    # Of the seconds only the last minute is shown: 72 days of them are not worked as such.
    since = min(max(0, now - start - Window.SECONDS.units), len(seconds))
    last = seconds[since : now - start]
    own = np.where(last >= 0, last.astype(np.float64), np.nan)
    return {
        Window.SECONDS: _cells(Window.SECONDS, (own, own), start + since, now),
        Window.MINUTES: _cells(Window.MINUTES, (peaks, means), start, now),
        Window.HOURS: _cells(Window.HOURS, hours, start, now),
        Window.DAYS: _cells(Window.DAYS, days, first, now),
    }


def _mean_known(seconds: Dense) -> Floats:
    """Mean of the readings of each row."""
    known = seconds >= 0
    count = known.sum(axis=1)
    total = seconds.sum(axis=1, dtype=np.int64, where=known)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _padded(values: Floats, lead: int) -> Floats:
    """Whole days of hours: unknown ones before and after."""
    after = -(len(values) + lead) % 24
    return np.pad(values, (lead, after), constant_values=np.nan)


def _highest(values: Floats, length: int) -> Floats:
    grouped = values.reshape(-1, length)
    known = ~np.isnan(grouped)
    top = np.where(known, grouped, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(known.any(axis=1), top, np.nan)


def _mean(values: Floats, length: int) -> Floats:
    grouped = values.reshape(-1, length)
    known = ~np.isnan(grouped)
    count = known.sum(axis=1)
    total = np.where(known, grouped, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _cells(window: Window, values: tuple[Floats, Floats], start: int, now: int) -> Cells:
    maxima, averages = values
    end = (now // window.length * window.length - start) // window.length
    found: list[Cell | None] = []
    for at in range(end - 1, end - 1 - window.units, -1):
        known = 0 <= at < len(maxima) and not np.isnan(maxima[at])
        found.append(_cell(float(averages[at]), float(maxima[at])) if known else None)
    return tuple(found)


def _cell(average: float, maximum: float) -> Cell:
    # A minute value is a multiple of 1/6: what is over by less than that is no session.
    whole = -int(-(maximum - 1e-6) // 1)
    return Cell(average=min(int(average + 0.5), whole), maximum=whole)


# Rows of five


class Row(NamedTuple):
    """Units `first` to `last`, 1 being the newest; None where all five are unknown."""

    first: int
    last: int
    cell: Cell | None


ROW: Final = 5


def rows(cells: Cells) -> list[Row]:
    """Average of averages (half up) and maximum of maxima of the known units."""
    found = []
    for at in range(0, len(cells), ROW):
        five = cells[at : at + ROW]
        known = [cell for cell in five if cell is not None]
        found.append(Row(at + 1, at + len(five), _row(known) if known else None))
    return found


def _row(known: Sequence[Cell]) -> Cell:
    total, count = sum(cell.average for cell in known), len(known)
    return Cell(
        average=(2 * total + count) // (2 * count), maximum=max(cell.maximum for cell in known)
    )


# What a graph can show


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """One column a unit; averages as exact as the rows of the graph, unknown where below them."""

    step: int
    maxima: tuple[int | None, ...]
    averages: tuple[int | None, ...]


LEVELS: Final = 10
"""Rows of marks in a graph."""


def graph(cells: Cells) -> Graph:
    """The graph of a table."""
    step = max(1, -(-max((cell.maximum for cell in cells if cell), default=0) // LEVELS))
    return Graph(
        step=step,
        maxima=tuple(cell.maximum if cell else None for cell in cells),
        averages=tuple(_drawn(cell, step) for cell in cells),
    )


def _drawn(cell: Cell | None, step: int) -> int | None:
    if cell is None:
        return None
    if not cell.maximum:
        return 0
    reached = level(cell.average, step) * step
    return min(reached, cell.maximum) if reached else None


def level(value: int, step: int) -> int:
    """How many rows of marks a column of this value has: the nearest."""
    return (2 * value + step) // (2 * step)
