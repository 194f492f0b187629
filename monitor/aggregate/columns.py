"""Columns of readings in any order become blocks of dense hours.

Only hours that hold a reading get a row, so a reading of today and one of twenty years ago cost two
rows. Blocks are worked one after the other: memory is bounded by the block, not by the history.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from monitor.aggregate.chain import Name
from monitor.aggregate.hours import Block, Integers, row_name
from monitor.aggregate.kernels import ABSENT, SECONDS, Dense
from monitor.aggregate.rules import HOUR, DeviceRules
from monitor.domain.readings import ReadingColumns, Series

Number = NDArray[np.integer[Any]]

_CHUNK: Final = 1 << 15
"""Readings worked at a time: what they need stays in the cache."""
_BLOCK_ROWS: Final = 512
_TABLE: Final = 1 << 24
"""Up to so many possible hours are looked up in a table; beyond, they are sorted."""
_INTERLEAVED: Final = 16
"""More than one change of series in so many readings: readings of many series, in time order."""
_REVISITS: Final = 4
"""More visits of a chunk than this and the readings are sorted into blocks first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Readings as arrays of one length; see `ReadingColumns` for what they hold."""

    series: Sequence[Series]
    which: Number
    seconds: Integers
    counts: Integers

    @classmethod
    def of(cls, columns: ReadingColumns) -> "Columns":
        """The same columns without copying them."""
        if not len(columns):
            nothing = np.empty(0, np.int64)
            return cls(series=(), which=nothing, seconds=nothing, counts=nothing)
        return cls(
            series=columns.series,
            which=np.frombuffer(columns.which, np.dtype(f"u{columns.which.itemsize}")),
            seconds=np.frombuffer(columns.seconds, np.int64),
            counts=np.frombuffer(columns.counts, np.int64),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How (name, hour) is numbered: by group of names, within it by hour, then by name."""

    first: Integers
    """Name -> first name of its group."""
    size: Integers
    """Name -> names in its group."""
    base: int
    """Start of the first hour, without phase."""
    hours: int
    """Hours from the first to the last."""

    @property
    def total(self) -> int:
        """Numbers there are."""
        return self.hours * len(self.first)

    def named(self, numbers: Integers) -> tuple[Integers, Integers]:
        """(name, start of the hour without phase) of each number."""
        starts = np.unique(self.first)
        group = starts[np.searchsorted(starts * self.hours, numbers, side="right") - 1]
        hour, place = np.divmod(numbers - group * self.hours, self.size[group])
        return group + place, hour * HOUR + self.base


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """Readings by number of their (name, hour) and second of that hour."""

    numbers: Number
    seconds: NDArray[np.uint16]
    counts: Integers
    lows: Number
    """Lowest number of each chunk."""
    highs: Number


def named_series(
    series: Sequence[Series], rules: Callable[[str], DeviceRules]
) -> tuple[list[Name], Integers]:
    """Names in order of (device, tag), and the name of each series; -1 where it is excluded."""
    kept = [each.source not in rules(each.device).excluded for each in series]
    names = sorted({row_name(s) for s, keep in zip(series, kept, strict=True) if keep})
    place = {name: at for at, name in enumerate(names)}
    of_series = [place[row_name(s)] if keep else -1 for s, keep in zip(series, kept, strict=True)]
    return names, np.array(of_series, np.int64)


def blocks(
    columns: Columns, names: Sequence[Name], of_series: Integers, phases: Integers
) -> Iterator[Block]:
    """Dense hours of all readings; `phases` are seconds after the whole hour, by name.

    All tags of one device and hour are in one block. The array of a block is used again by the
    next one.
    """
    columns = _without_excluded(columns, of_series)
    if not len(columns.seconds):
        return
    layout = _layout(columns, names)
    placed = _placed(columns, layout, of_series, phases)
    numbers = _occupied(placed.numbers, layout.total)
    row_names, row_starts = layout.named(numbers)
    bounds = _bounds(row_names, row_starts, names)
    placed = _sorted_where_needed(placed, numbers[bounds[:-1]])
    for first, last, dense in _filled(placed, numbers, bounds):
        chosen = row_names[first:last]
        starts = row_starts[first:last] + phases[chosen]
        yield Block(names=chosen, starts=starts, dense=dense)


def _without_excluded(columns: Columns, of_series: Integers) -> Columns:
    if not len(of_series) or of_series.min() >= 0:
        return columns
    kept = of_series[columns.which] >= 0
    return Columns(
        series=columns.series,
        which=columns.which[kept],
        seconds=columns.seconds[kept],
        counts=columns.counts[kept],
    )


def _layout(columns: Columns, names: Sequence[Name]) -> _Layout:
    """By hour where readings come in time order, by device where they come series by series."""
    which, seconds = columns.which, columns.seconds
    changes = int(np.count_nonzero(which[1:] != which[:-1]))
    if changes * _INTERLEAVED > len(which):
        starts = np.zeros(1, np.int64)
    else:
        devices = [name.device for name in names]
        starts = np.flatnonzero([True, *(a != b for a, b in itertools.pairwise(devices))])
    sizes = np.diff(np.append(starts, len(names)))
    base = (int(seconds.min()) // HOUR - 1) * HOUR
    return _Layout(
        first=np.repeat(starts, sizes),
        size=np.repeat(sizes, sizes),
        base=base,
        hours=(int(seconds.max()) - base) // HOUR + 1,
    )


def _placed(columns: Columns, layout: _Layout, of_series: Integers, phases: Integers) -> _Placed:
    place = _places(layout, of_series, phases)
    numbers = np.empty(len(columns.seconds), _narrow(layout.total))
    seconds = np.empty(len(numbers), np.uint16)
    since = _narrow(layout.hours * HOUR)
    for chunk in _chunks(len(numbers)):
        base, size, offset = place(columns.which[chunk])
        second: Number = (columns.seconds[chunk] - base).astype(since, copy=False)
        hour: Number = second // since(HOUR)
        seconds[chunk] = second - hour * since(HOUR)
        numbers[chunk] = hour * size + offset
    return _with_extents(numbers, seconds, columns.counts)


def _narrow(highest: int) -> type[np.signedinteger[Any]]:
    # Whole 32-bit division is several times faster; 68 years of seconds fit.
    return np.int32 if highest <= np.iinfo(np.int32).max else np.int64


def _places(
    layout: _Layout, of_series: Integers, phases: Integers
) -> Callable[[Number], list[Number]]:
    """(time base, factor of the hour, offset) of the readings of a chunk, by their series."""
    names = np.maximum(of_series, 0)
    numbered = _narrow(layout.total)
    tables: tuple[Number, ...] = (
        layout.base + phases[names],
        layout.size[names].astype(numbered),
        (layout.first * (layout.hours - 1) + np.arange(len(layout.first)))[names].astype(numbered),
    )

    same = [bool((table == table[0]).all()) for table in tables]

    def place(which: Number) -> list[Number]:
        alone = which[0] == which[-1] and (which == which[0]).all()
        chosen = which[:1] if alone else which
        return [
            table[:1] if alike else table.take(chosen)
            for table, alike in zip(tables, same, strict=True)
        ]

    return place


def _occupied(numbers: Number, total: int) -> Integers:
    """The numbers that occur, rising."""
    if total > _TABLE:
        return np.unique(numbers).astype(np.int64)
    occupied = np.zeros(total, np.bool_)
    for chunk in _chunks(len(numbers)):
        occupied[numbers[chunk].astype(np.intp)] = True
    return np.flatnonzero(occupied)


def _rows(numbers: Integers, total: int) -> Callable[[Number], Integers]:
    """The first second of the row of each number that occurs, rows lying one after the other."""
    if total > _TABLE:
        return lambda chunk: np.searchsorted(numbers, chunk) * SECONDS
    table = np.zeros(total, np.int64)
    table[numbers] = np.arange(len(numbers)) * SECONDS
    return table.take


def _bounds(row_names: Integers, row_hours: Integers, names: Sequence[Name]) -> Integers:
    """First rows of the blocks, and the end; a device's hour is never divided."""
    devices = np.unique([name.device for name in names], return_inverse=True)[1][row_names]
    changes = (devices[1:] != devices[:-1]) | (row_hours[1:] != row_hours[:-1])
    starts = np.append(np.flatnonzero(np.append(True, changes)), len(row_names))
    wanted = np.arange(0, len(row_names) + _BLOCK_ROWS, _BLOCK_ROWS)
    return np.unique(starts[np.minimum(np.searchsorted(starts, wanted), len(starts) - 1)])


def _sorted_where_needed(placed: _Placed, edges: Integers) -> _Placed:
    """Readings sorted by block, unless they are local enough to be picked out chunk by chunk."""
    first = np.searchsorted(edges, placed.lows, side="right")
    last = np.searchsorted(edges, placed.highs, side="right")
    if (last - first).sum() <= _REVISITS * len(first) + len(edges):
        return placed
    block = np.searchsorted(edges, placed.numbers, side="right")
    small = block.astype(np.uint16) if len(edges) <= np.iinfo(np.uint16).max else block
    order = np.argsort(small, kind="stable")
    return _with_extents(placed.numbers[order], placed.seconds[order], placed.counts[order])


def _with_extents(numbers: Number, seconds: NDArray[np.uint16], counts: Integers) -> _Placed:
    chunks = list(_chunks(len(numbers)))
    return _Placed(
        numbers=numbers,
        seconds=seconds,
        counts=counts,
        lows=np.array([numbers[chunk].min() for chunk in chunks]),
        highs=np.array([numbers[chunk].max() for chunk in chunks]),
    )


def _filled(
    placed: _Placed, numbers: Integers, bounds: Integers
) -> Iterator[tuple[int, int, Dense]]:
    """(first row, end, dense rows) of each block."""
    lows, highs = placed.lows, placed.highs
    rows = _rows(numbers, int(numbers[-1]) + 1)
    counts = _narrow(int(placed.counts.max()))
    room = np.empty((int(np.diff(bounds).max()), SECONDS), counts)
    for first, last in itertools.pairwise(bounds.tolist()):
        dense = room[: last - first]
        dense.fill(ABSENT)
        low, high = int(numbers[first]), int(numbers[last - 1])
        for at in np.flatnonzero((lows <= high) & (highs >= low)).tolist():
            chosen: slice | Integers = slice(at * _CHUNK, (at + 1) * _CHUNK)
            if lows[at] < low or highs[at] > high:
                these = placed.numbers[chosen]
                chosen = np.flatnonzero((these >= low) & (these <= high)) + at * _CHUNK
            place = rows(placed.numbers[chosen])
            place += placed.seconds[chosen]
            place -= first * SECONDS
            count = placed.counts[chosen].astype(counts, copy=False)
            np.maximum.at(dense.reshape(-1), place, count)
        yield first, last, dense


def _chunks(length: int) -> Iterator[slice]:
    return (slice(at, at + _CHUNK) for at in range(0, length, _CHUNK))


def dense_seconds(
    parts: Iterable[ReadingColumns], start: int, hours: int
) -> dict[Series, NDArray[np.int32]]:
    """Readings of `[start, start + hours)` as lines of shape (hours, 3600), -1 where there is none.

    Equal seconds count with the highest; memory is bounded by the range, not by the readings.
    """
    found: dict[Series, NDArray[np.int32]] = {}
    for part in map(Columns.of, parts):
        for at, series in enumerate(part.series):
            mine = part.which == at
            line = found.setdefault(series, np.full(hours * HOUR, ABSENT, np.int32))
            np.maximum.at(line, part.seconds[mine] - start, part.counts[mine].astype(np.int32))
    return {series: line.reshape(hours, HOUR) for series, line in found.items()}
