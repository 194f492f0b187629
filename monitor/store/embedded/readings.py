"""Write the readings of one commit: one packed row, their series and the marks of their hours."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.domain.readings import ReadingColumns, Series
from monitor.store.embedded import marks
from monitor.store.embedded.catalogue import Catalogue, Numbering
from monitor.store.embedded.marks import Mark, Marks
from monitor.store.embedded.packing import Columns, Ints, joined, pack
from monitor.store.embedded.tail import Tail

_NONE = np.zeros(0, np.int64)


@dataclass(slots=True, kw_only=True)
class Written:
    """What a transaction wrote; it counts in memory only once that is committed."""

    columns: Columns
    numbering: Numbering
    fresh: Sequence[Mark]
    worked: Sequence[Mark]


class ReadingWriter:
    """Readings and marks, in the database and in memory."""

    def __init__(self, catalogue: Catalogue, tail: Tail) -> None:
        self._catalogue = catalogue
        self._tail = tail
        self._marks = Marks()
        self._device_of = _NONE
        """Series number -> device number of the marks."""

    def load(self, connection: sqlite3.Connection) -> None:
        """Take over what the database holds."""
        self._marks.load(connection)
        self._learn({self._catalogue[number]: number for number in self._catalogue.all()})

    def write(
        self,
        connection: sqlite3.Connection,
        number: int,
        batches: Sequence[ReadingColumns],
        worked: Sequence[tuple[str, int]],
    ) -> Written:
        """Write inside the caller's transaction.

        Marks go first, so that readings of the same commit put theirs on again.
        """
        numbering = self._catalogue.numbering()
        parts = [_columns(numbering.of(one.series), one) for one in batches if len(one)]
        columns = joined(parts)
        gone = marks.as_marks(worked)
        marks.delete(connection, gone)
        self._learn(numbering.fresh)
        fresh = self._missing(columns, gone)
        if len(columns):
            numbering.insert(connection)
            marks.insert(connection, fresh)
            _insert(connection, number, columns)
        return Written(columns=columns, numbering=numbering, fresh=fresh, worked=gone)

    def committed(self, written: Written) -> None:
        """Remember what is now in the database."""
        self._catalogue.learn(written.numbering.fresh)
        self._marks.remove(written.worked)
        self._marks.add(written.fresh)
        self._tail.add(written.columns)

    def _missing(self, columns: Columns, gone: Sequence[Mark]) -> list[Mark]:
        if not len(columns):
            return []
        return self._marks.missing(self._device_of[columns.ids], columns, gone)

    def _learn(self, numbers: Mapping[Series, int]) -> None:
        # Numbers of a commit that fails are given out again, and learned again with it.
        short = max(numbers.values(), default=0) + 1 - len(self._device_of)
        if short > 0:
            self._device_of = np.pad(self._device_of, (0, short))
        for series, number in numbers.items():
            self._device_of[number] = self._marks.device(series.device)


def _columns(numbers: list[int], batch: ReadingColumns) -> Columns:
    return Columns(
        ids=np.array(numbers, np.int64)[_which(batch)],
        seconds=np.frombuffer(batch.seconds, np.int64),
        counts=np.frombuffer(batch.counts, np.int64),
    )


def _which(batch: ReadingColumns) -> Ints:
    return np.frombuffer(batch.which, np.uint32).astype(np.int64)


def _insert(connection: sqlite3.Connection, number: int, columns: Columns) -> None:
    connection.execute(
        "INSERT INTO batches (number, first, last, readings, data) VALUES (?, ?, ?, ?, ?)",
        (
            number,
            int(columns.seconds.min()),
            int(columns.seconds.max()),
            len(columns),
            pack(columns),
        ),
    )
