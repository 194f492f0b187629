"""Read seconds back: hourly chunks, what is in memory and rows not compacted, as dense lines."""

import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.domain.readings import ReadingColumns, Series
from monitor.store.embedded.catalogue import Catalogue
from monitor.store.embedded.packing import MOST, SECONDS, Columns, Ints, decode, joined, unpack
from monitor.store.embedded.sessions import Readers
from monitor.store.embedded.tail import Tail

Lines = NDArray[np.int32]
"""Shape (series, seconds): count + 1, and 0 where there is no reading."""

_SERIES_AT_ONCE: Final = 500
_LINES_AT_ONCE: Final = 1_000
_HOURS_AT_ONCE: Final = 48
_ROWS_AT_ONCE: Final = 256


class Seconds:
    """Seconds of series, from any thread. Where several readings have one second: the highest.

    Without a tail (in another process than the writer's) everything is read from the database.
    """

    def __init__(self, readers: Readers, catalogue: Catalogue, tail: Tail | None) -> None:
        self._readers = readers
        self._catalogue = catalogue
        self._tail = tail

    def turn_to(self, catalogue: Catalogue, tail: Tail | None) -> None:
        """Use other memory from now on: the database was opened again."""
        self._catalogue, self._tail = catalogue, tail

    def dense(
        self, devices: Sequence[str], start: int, hours: int
    ) -> Mapping[Series, NDArray[np.int32]]:
        """Counts shaped (hours, 3600), -1 where there is no reading; series without any left out.

        `start` is any second since 1970 UTC.
        """
        first = start // SECONDS
        last = -(-(start + hours * SECONDS) // SECONDS)
        self._refresh()
        ids = [number for device in devices for number in self._catalogue.device(device)]
        lines = self.lines(ids, range(first, last))
        skip = start - first * SECONDS
        wanted = lines[:, skip : skip + hours * SECONDS]
        return {
            self._catalogue[number]: (line - 1).reshape(hours, SECONDS)
            for number, line in zip(ids, wanted, strict=True)
            if line.any()
        }

    def readings(
        self, wanted: Mapping[str, str], start: int | None, end: int | None
    ) -> Iterator[ReadingColumns]:
        """Readings of the series whose device, tag or source are as wanted, in [start, end).

        Some hours of some series at a time, each in one short read transaction.
        """
        self._refresh()
        with self._readers.snapshot() as connection:
            known = bounds(connection)
        ids = [number for number in self._catalogue.all() if self._is(number, wanted)]
        first = known.start if start is None else max(start, known.start)
        last = known.stop if end is None else min(end, known.stop)
        for at in range(0, len(ids), _SERIES_AT_ONCE):
            yield from self._windows(ids[at : at + _SERIES_AT_ONCE], range(first, last))

    def latest(self) -> Mapping[Series, tuple[int, int]]:
        """(second, count) of the newest reading of every series."""
        found: dict[int, tuple[int, int]] = {}
        self._refresh()
        with self._readers.snapshot() as connection:
            for number in self._catalogue.all():
                _newest_in_chunks(connection, number, found)
            for columns in rows_between(connection, range(-(2**62), 2**62)):
                _newest_in_row(columns, found)
        return {self._catalogue[number]: newest for number, newest in found.items()}

    def series(self, device: str | None) -> Sequence[Series]:
        """The series of a device or of all."""
        self._refresh()
        numbers = self._catalogue.all() if device is None else self._catalogue.device(device)
        return [self._catalogue[number] for number in numbers]

    def many(self) -> int:
        """How many series there are."""
        self._refresh()
        return len(self._catalogue)

    def named(self, columns: Columns) -> ReadingColumns:
        """Stored columns under the names of their series."""
        present, which = np.unique(columns.ids, return_inverse=True)
        if not self._catalogue.has(present.tolist()):
            # Committed a moment ago, and not entered in the writer's memory yet.
            with self._readers.snapshot() as connection:
                self._catalogue.refresh(connection)
        return ReadingColumns(
            series=[self._catalogue[int(one)] for one in present],
            which=array("I", which.astype(np.uint32).tobytes()),
            seconds=array("q", columns.seconds.astype(np.int64).tobytes()),
            counts=array("q", columns.counts.astype(np.int64).tobytes()),
        )

    def _refresh(self) -> None:
        if self._tail is None:
            with self._readers.snapshot() as connection:
                self._catalogue.refresh(connection)

    def _is(self, number: int, wanted: Mapping[str, str]) -> bool:
        named = self._catalogue[number]._asdict()
        return all(named[key] == value for key, value in wanted.items())

    def _windows(self, ids: Sequence[int], seconds: range) -> Iterator[ReadingColumns]:
        at_once = max(1, min(_HOURS_AT_ONCE, _LINES_AT_ONCE // max(1, len(ids))))
        hour: int | None = seconds.start // SECONDS
        while hour is not None and hour * SECONDS < seconds.stop:
            with self._readers.snapshot() as connection:
                hour = next_hour(connection, hour)
            if hour is None:
                return
            lines = self.lines(ids, range(hour, hour + at_once))
            columns = self._columns(ids, lines, hour * SECONDS, seconds)
            if len(columns):
                yield columns
            hour += at_once

    def _columns(
        self, ids: Sequence[int], lines: Lines, start: int, within: range
    ) -> ReadingColumns:
        lines[:, : max(0, within.start - start)] = 0
        lines[:, max(0, within.stop - start) :] = 0
        rows, offsets = np.nonzero(lines)
        present, which = np.unique(rows, return_inverse=True)
        return ReadingColumns(
            series=[self._catalogue[ids[row]] for row in present],
            which=array("I", which.astype(np.uint32).tobytes()),
            seconds=array("q", (offsets.astype(np.int64) + start).tobytes()),
            counts=array("q", (lines[rows, offsets].astype(np.int64) - 1).tobytes()),
        )

    def lines(self, ids: Sequence[int], hours: range) -> Lines:
        """Dense hours of some series.

        Memory is looked at first: what moves from rows to chunks meanwhile is in the
        chunks.
        """
        lines = np.zeros((len(ids), len(hours) * SECONDS), np.int32)
        in_rows = self._overlay(ids, hours, lines)
        with self._readers.snapshot() as connection:
            for row, number in enumerate(ids):
                _merge_chunks(connection, number, hours, lines[row])
            if in_rows:
                _merge_rows(connection, ids, range(min(in_rows), max(in_rows) + 1), hours, lines)
        return lines

    def _overlay(self, ids: Sequence[int], hours: range, lines: Lines) -> frozenset[int]:
        """Enter what is in memory; the hours that have to be read from rows come back."""
        if self._tail is None:
            return frozenset(hours)
        found, spilled = self._tail.lines(ids, hours)
        places = {number: row for row, number in enumerate(ids)}
        for number, hour, line in found:
            at = (hour - hours.start) * SECONDS
            lines[places[number], at : at + SECONDS] = line
        return spilled


def _merge_chunks(connection: sqlite3.Connection, number: int, hours: range, line: Lines) -> None:
    chunks = connection.execute(
        "SELECT hour, codec, data FROM chunks WHERE series = ? AND hour >= ? AND hour < ?",
        (number, hours.start, hours.stop),
    )
    for hour, codec, data in chunks:
        at = (hour - hours.start) * SECONDS
        part = line[at : at + SECONDS]
        np.maximum(part, decode(codec, data), out=part)


def _merge_rows(
    connection: sqlite3.Connection, ids: Sequence[int], read: range, hours: range, lines: Lines
) -> None:
    places = np.full(max(ids, default=0) + 1, -1, np.int64)
    places[np.array(ids, np.int64)] = np.arange(len(ids))
    flat = lines.reshape(-1)
    for columns in rows_between(connection, range(read.start * SECONDS, read.stop * SECONDS)):
        at = _places(columns, places, lines.shape[1], hours.start * SECONDS)
        inside = at >= 0
        np.maximum.at(flat, at[inside], _values(columns)[inside])


def _places(columns: Columns, places: Ints, width: int, start: int) -> Ints:
    known = columns.ids < len(places)
    row = np.where(known, places[np.where(known, columns.ids, 0)], -1)
    offset = columns.seconds - start
    inside = (row >= 0) & (offset >= 0) & (offset < width)
    return np.where(inside, row * width + offset, -1)


def _values(columns: Columns) -> NDArray[np.int32]:
    return (np.clip(columns.counts, -1, MOST) + 1).astype(np.int32)


def rows_between(connection: sqlite3.Connection, seconds: range) -> Iterator[Columns]:
    """Rows not compacted that may hold readings of these seconds, some together."""
    cursor = connection.execute(
        "SELECT data, readings FROM batches WHERE last >= ? AND first < ?",
        (seconds.start, seconds.stop),
    )
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        yield joined([unpack(data, length) for data, length in rows])


def bounds(connection: sqlite3.Connection) -> range:
    """From the first stored second to the last."""
    low, high = connection.execute("SELECT MIN(hour), MAX(hour) FROM chunks").fetchone()
    first, last = connection.execute("SELECT MIN(first), MAX(last) FROM batches").fetchone()
    starts = [one for one in (first, None if low is None else low * SECONDS) if one is not None]
    ends = [
        one
        for one in (last, None if high is None else high * SECONDS + SECONDS - 1)
        if one is not None
    ]
    return range(min(starts), max(ends) + 1) if starts else range(0)


def next_hour(connection: sqlite3.Connection, hour: int) -> int | None:
    """The first hour from this one on that may have readings."""
    (chunk,) = connection.execute(
        "SELECT MIN(hour) FROM chunks WHERE hour >= ?", (hour,)
    ).fetchone()
    (first,) = connection.execute(
        "SELECT MIN(first) FROM batches WHERE last >= ?", (hour * SECONDS,)
    ).fetchone()
    row = None if first is None else max(hour, first // SECONDS)
    return min((one for one in (chunk, row) if one is not None), default=None)


def _newest_in_chunks(
    connection: sqlite3.Connection, number: int, found: dict[int, tuple[int, int]]
) -> None:
    row = connection.execute(
        "SELECT hour, codec, data FROM chunks WHERE series = ? ORDER BY hour DESC LIMIT 1",
        (number,),
    ).fetchone()
    if row is not None:
        line = decode(row[1], row[2])
        offset = int(np.flatnonzero(line)[-1])
        found[number] = (row[0] * SECONDS + offset, int(line[offset]) - 1)


def _newest_in_row(columns: Columns, found: dict[int, tuple[int, int]]) -> None:
    order = np.lexsort((columns.counts, columns.seconds, columns.ids))
    ids = columns.ids[order]
    for at in order[np.append(ids[1:] != ids[:-1], [True])]:
        newest = (int(columns.seconds[at]), int(columns.counts[at]))
        number = int(columns.ids[at])
        found[number] = max(newest, found.get(number, newest))
