"""Read what a reader outside has not confirmed, in bounded pieces."""

import sqlite3
from collections.abc import Callable
from typing import Final

import numpy as np

from monitor.domain.cursors import CursorState, Kind, Piece
from monitor.domain.readings import ReadingColumns
from monitor.store.embedded import cursors
from monitor.store.embedded.facts import facts_after
from monitor.store.embedded.measurements import hours_after, measurements_after
from monitor.store.embedded.packing import SECONDS, Columns, joined, unpack
from monitor.store.embedded.seconds import Seconds, next_hour
from monitor.store.embedded.sessions import Readers
from monitor.store.embedded.tail import HourBlock, by_hour

MOST: Final = 20_000
"""Records a piece aims at; one commit's readings are never divided."""
_REPEATED_AT_ONCE: Final = 5 * MOST
"""A second is never divided when readings are repeated; cutting finer would unpack hours often."""
_GROWTH: Final = 4
_LARGEST_GROWTH: Final = 64
_HOURS_KEPT: Final = 2
_SERIES_AT_ONCE: Final = 500

Serials = Callable[[sqlite3.Connection, int, int], Piece | None]


class Highest:
    """Makes readings the highest of their second, over everything stored so far.

    A reader whose database keeps the last of several counts of one second then has the highest.
    The hours at hand are kept dense in memory, so that the store is asked once an hour and series.
    """

    def __init__(self, seconds: Seconds) -> None:
        self._seconds = seconds
        self._blocks: dict[int, HourBlock] = {}

    def of(self, columns: Columns) -> Columns:
        """One reading per series and second, ordered by hour."""
        return joined([self._of_hour(hour, part) for hour, part in by_hour(columns)])

    def _of_hour(self, hour: int, part: Columns) -> Columns:
        block = self._block(hour)
        missing = block.missing(part.ids)
        for at in range(0, len(missing), _SERIES_AT_ONCE):
            some = missing[at : at + _SERIES_AT_ONCE]
            block.enter(some, self._seconds.lines(some, range(hour, hour + 1)))
        offsets = part.seconds - hour * SECONDS
        block.add(part.ids, offsets, part.counts)
        keys = np.unique(part.ids * SECONDS + offsets)
        ids, within = keys // SECONDS, keys % SECONDS
        return Columns(ids=ids, seconds=within + hour * SECONDS, counts=block.counts(ids, within))

    def _block(self, hour: int) -> HourBlock:
        block = self._blocks.pop(hour, None) or HourBlock()
        self._blocks[hour] = block
        while len(self._blocks) > _HOURS_KEPT:
            self._blocks.pop(next(iter(self._blocks)))
        return block


class Follower:
    """Reads on behalf of one registered reader. Used by one thread at a time."""

    def __init__(self, name: str, readers: Readers, seconds: Seconds) -> None:
        self.name = name
        self._readers = readers
        self._seconds = seconds
        self._highest = Highest(seconds)
        self._newest = 0
        """Where the cursor stood after the last new readings."""

    def state(self) -> CursorState:
        """How far it has come."""
        with self._readers.snapshot() as connection:
            return cursors.state(connection, self.name)

    def next(self) -> Piece | None:
        """What is to be sent now; None where everything is confirmed.

        The same piece comes again until it is confirmed. Small kinds come first; new readings and
        repeated ones take turns, so that neither waits for the other. Raises StoreError.
        """
        with self._readers.snapshot() as connection:
            places = cursors.positions(connection, self.name)
            small = _small(connection, places)
            since = cursors.position(connection, self.name)
        if small is not None:
            return small
        if cursors.REPEAT in places and since == self._newest:
            self._newest = 0
            return self._repeated(places)
        return self._readings() or self._repeated(places)

    def _readings(self) -> Piece | None:
        with self._readers.snapshot() as connection:
            since = cursors.position(connection, self.name)
            parts, upto = _rows_after(connection, since)
        if since is None or not parts:
            return None
        self._newest = upto
        columns = self._seconds.named(self._highest.of(joined(parts)))
        return Piece(kind=Kind.READINGS, since=since, upto=upto, readings=[columns])

    def _repeated(self, places: dict[str, int]) -> Piece | None:
        since = places.get(cursors.REPEAT)
        if since is None:
            return None
        end = places[cursors.REPEAT_BEFORE]
        width = max(1, _REPEATED_AT_ONCE // max(1, self._seconds.many()))
        readings: list[ReadingColumns] = []
        upto, widest = since, width * _LARGEST_GROWTH
        while not readings and upto < end:
            start = max(upto, self._next_second(upto, end))
            upto = min(end, start + width)
            readings = list(self._seconds.readings({}, start, upto))
            width = min(width * _GROWTH, widest)
        return Piece(kind=Kind.READINGS, since=since, upto=upto, repeated=True, readings=readings)

    def _next_second(self, second: int, end: int) -> int:
        with self._readers.snapshot() as connection:
            hour = next_hour(connection, second // SECONDS)
        return end if hour is None else min(end, hour * SECONDS)


def _small(connection: sqlite3.Connection, places: dict[str, int]) -> Piece | None:
    for kind in (Kind.MEASUREMENTS, Kind.HOURS, Kind.FACTS):
        piece = _PIECES[kind](connection, places[kind], MOST) if kind in places else None
        if piece is not None:
            return piece
    return None


def _measurements(connection: sqlite3.Connection, since: int, most: int) -> Piece | None:
    found, upto = measurements_after(connection, since, most)
    piece = Piece(kind=Kind.MEASUREMENTS, since=since, upto=upto, measurements=found)
    return None if upto == since else piece


def _hours(connection: sqlite3.Connection, since: int, most: int) -> Piece | None:
    found, upto = hours_after(connection, since, most)
    piece = Piece(kind=Kind.HOURS, since=since, upto=upto, hours=found)
    return None if upto == since else piece


def _facts(connection: sqlite3.Connection, since: int, most: int) -> Piece | None:
    found, upto = facts_after(connection, since, most)
    piece = Piece(kind=Kind.FACTS, since=since, upto=upto, facts=found)
    return None if upto == since else piece


_PIECES: Final[dict[Kind, Serials]] = {
    Kind.MEASUREMENTS: _measurements,
    Kind.HOURS: _hours,
    Kind.FACTS: _facts,
}


def _rows_after(connection: sqlite3.Connection, number: int | None) -> tuple[list[Columns], int]:
    parts: list[Columns] = []
    upto, total = number or 0, 0
    rows = connection.execute(
        "SELECT number, readings, data FROM batches WHERE number > ? ORDER BY number",
        (number,),
    )
    for upto_now, readings, data in rows:
        if parts and total + readings > MOST:
            break
        parts.append(unpack(data, readings))
        upto, total = upto_now, total + readings
    return parts, upto
