"""Compaction: rows of closed hours become one dense chunk per series and hour, step by step."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from monitor.store.embedded import points
from monitor.store.embedded.catalogue import Catalogue
from monitor.store.embedded.cursors import overtake
from monitor.store.embedded.packing import SECONDS, Values, decode, encode
from monitor.store.embedded.seconds import rows_between
from monitor.store.embedded.sessions import transaction
from monitor.store.embedded.tail import HourBlock, Tail, by_hour

_CHUNKS_A_STEP: Final = 128
_ROWS_A_STEP: Final = 1_024
_SLOTS_AT_ONCE: Final = 4_096
_HOURS_AT_ONCE: Final = 24
_ALL: Final = "SELECT MAX(number) FROM batches"
_PASSED: Final = (
    "SELECT COALESCE((SELECT MIN(number) FROM cursors), (SELECT MAX(number) FROM batches))"
)


class _Line(NamedTuple):
    """One hour of one series that goes into a chunk."""

    hour: int
    series: int
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    """All rows up to a number whose readings are older than a second."""

    before: int
    upto: int
    pieces: Iterator[Sequence[_Line]]
    forced: bool = False
    """Also rows that readers have not passed: they are given these seconds again."""


class Compactor:
    """Works in the writer thread between commits; every step is one short transaction.

    Rows go only after all their hours are in chunks. A crash in between leaves both, which read
    as one, equal seconds by the highest count.
    """

    def __init__(self, connection: sqlite3.Connection, catalogue: Catalogue, tail: Tail) -> None:
        self._connection = connection
        self._catalogue = catalogue
        self._tail = tail
        self._pass: _Pass | None = None

    def step(self, before: int) -> int:
        """Chunks written or rows deleted; 0 where every row older than `before` is compacted."""
        # Rows that a registered reader has not passed stay.
        current = self._pass or self._begin(before, _PASSED)
        return self._go_on(current)

    def force(self, before: int) -> int:
        """A step of compacting all rows older than `before`, for want of room."""
        current = self._pass if self._pass and self._pass.forced else self._begin(before, _ALL)
        return self._go_on(None if current is None else replace(current, forced=True))

    def _go_on(self, current: _Pass | None) -> int:
        self._pass = None
        if current is None:
            return 0
        done = self._write(next(current.pieces, ())) or self._delete(current)
        if done:
            self._pass = current
        else:
            self._release()
        return done

    def _begin(self, before: int, upto_query: str) -> _Pass | None:
        (upto,) = self._connection.execute(upto_query).fetchone()
        spans = self._spans("last < ? AND number <= ?", (before, upto or 0))
        if not spans:
            return None
        hours = [hour for hour in self._tail.known() if _covered(hour, spans)]
        return _Pass(before=before, upto=upto, pieces=self._pieces(hours))

    def _spans(self, where: str, values: tuple[int, ...]) -> list[tuple[int, int]]:
        return self._connection.execute(
            "SELECT DISTINCT first / 3600, last / 3600"  # noqa: S608 - callers pass constants
            f" FROM batches WHERE {where}",
            values,
        ).fetchall()

    def _pieces(self, hours: Sequence[int]) -> Iterator[Sequence[_Line]]:
        piece: list[_Line] = []
        for line in self._lines(hours):
            piece.append(line)
            if len(piece) == _CHUNKS_A_STEP:
                yield piece
                piece = []
        if piece:
            yield piece

    def _lines(self, hours: Sequence[int]) -> Iterator[_Line]:
        for hour, block in self._blocks(hours):
            for series in block.ids():
                values = block.line(series)
                if values is not None and values.any():
                    yield _Line(hour, series, values)

    def _blocks(self, hours: Sequence[int]) -> Iterator[tuple[int, HourBlock]]:
        spilled = []
        for hour in hours:
            block = self._tail.block(hour)
            if block is None:
                spilled.append(hour)
            else:
                yield hour, block
        at_once = max(1, min(_HOURS_AT_ONCE, _SLOTS_AT_ONCE // max(1, len(self._catalogue))))
        for at in range(0, len(spilled), at_once):
            yield from self._from_rows(spilled[at : at + at_once])

    def _from_rows(self, hours: Sequence[int]) -> Iterable[tuple[int, HourBlock]]:
        blocks = {hour: HourBlock() for hour in hours}
        seconds = range(hours[0] * SECONDS, (hours[-1] + 1) * SECONDS)
        for columns in rows_between(self._connection, seconds):
            for hour, part in by_hour(columns):
                if hour in blocks:
                    blocks[hour].add(part.ids, part.seconds - hour * SECONDS, part.counts)
        return blocks.items()

    def _write(self, piece: Sequence[_Line]) -> int:
        if piece:
            with transaction(self._connection):
                for line in piece:
                    _merge(self._connection, line)
                points.reach("compaction-before-commit")
            points.reach("compaction-mid")
        return len(piece)

    def _delete(self, current: _Pass) -> int:
        chosen = "SELECT number FROM batches WHERE last < ? AND number <= ? LIMIT ?"
        values = (current.before, current.upto, _ROWS_A_STEP)
        with transaction(self._connection):
            if current.forced:
                overtake(self._connection, chosen, values)
            return self._connection.execute(
                f"DELETE FROM batches WHERE number IN ({chosen})",  # noqa: S608 - constants only
                values,
            ).rowcount

    def _release(self) -> None:
        left = self._spans("TRUE", ())
        for hour in self._tail.known():
            if not _covered(hour, left):
                self._tail.release(hour)


def _covered(hour: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first <= hour <= last for first, last in spans)


def _merge(connection: sqlite3.Connection, line: _Line) -> None:
    row = connection.execute(
        "SELECT codec, data FROM chunks WHERE series = ? AND hour = ?", (line.series, line.hour)
    ).fetchone()
    values = line.values
    if row is not None:
        stored = decode(*row).astype(np.int32)
        values = np.maximum(stored, values)
        if np.array_equal(stored, values):
            return
    codec, data = encode(values)
    connection.execute(
        "INSERT OR REPLACE INTO chunks (series, hour, seconds, codec, data) VALUES (?, ?, ?, ?, ?)",
        (line.series, line.hour, int(np.count_nonzero(values)), codec, data),
    )
