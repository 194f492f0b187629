"""What is not compacted yet, in memory: the dense hours of every series, bounded in bytes."""

import threading
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.store.embedded.packing import MOST, SECONDS, Columns, Ints, Values

_TOP: Final = 2**16 - 1


class HourBlock:
    """One UTC hour of any number of series; a series takes its slot with its first reading."""

    def __init__(self) -> None:
        self._slots: NDArray[np.int32] = np.full(0, -1, np.int32)
        self._values: Values = np.zeros((1, SECONDS), np.uint16)
        self.used = 0

    @property
    def bytes(self) -> int:
        """Memory it takes; reserved slots that nobody has written to take none."""
        return self.used * SECONDS * self._values.itemsize

    def add(self, ids: Ints, offsets: Ints, counts: Ints) -> None:
        """Enter readings; equal seconds by the highest count."""
        values = np.clip(counts, -1, MOST) + 1
        self._fit(int(values.max()))
        slots = self._slots_of(ids)
        flat = self._values.reshape(-1)
        np.maximum.at(flat, slots * SECONDS + offsets, values.astype(flat.dtype))

    def missing(self, ids: Ints) -> list[int]:
        """Those of the series that have no slot."""
        known = np.pad(self._slots, (0, max(0, int(ids.max()) + 1 - len(self._slots))),
                       constant_values=-1)  # fmt: skip
        return [int(one) for one in np.unique(ids[known[ids] < 0])]

    def enter(self, ids: Sequence[int], lines: NDArray[np.int32]) -> None:
        """Take over whole hours, of shape (series, seconds); equal seconds by the highest."""
        self._fit(int(lines.max(initial=0)))
        slots = self._slots_of(np.array(ids, np.int64))
        self._values[slots] = np.maximum(self._values[slots], lines.astype(self._values.dtype))

    def counts(self, ids: Ints, offsets: Ints) -> Ints:
        """Counts of seconds that have a reading."""
        return self._values[self._slots[ids], offsets].astype(np.int64) - 1

    def line(self, series: int) -> Values | None:
        """The hour of one series (a view), None where it has no reading."""
        slot = self._slots[series] if series < len(self._slots) else -1
        return None if slot < 0 else self._values[slot]

    def ids(self) -> list[int]:
        """The series in it."""
        return [int(one) for one in np.flatnonzero(self._slots >= 0)]

    def _fit(self, top: int) -> None:
        if top > _TOP and self._values.dtype == np.uint16:
            self._values = self._values.astype(np.int32)

    def _slots_of(self, ids: Ints) -> Ints:
        short = int(ids.max()) + 1 - len(self._slots)
        if short > 0:
            self._slots = np.pad(self._slots, (0, short), constant_values=-1)
        missing = np.unique(ids[self._slots[ids] < 0])
        if len(missing):
            self._reserve(self.used + len(missing))
            self._slots[missing] = np.arange(self.used, self.used + len(missing))
            self.used += len(missing)
        return self._slots[ids].astype(np.int64)

    def _reserve(self, slots: int) -> None:
        have = len(self._values)
        if slots > have:
            # A view held by a reading thread keeps the old array, which misses nothing committed
            # before that reader began.
            grown = np.zeros((max(slots, have * 2), SECONDS), self._values.dtype)
            grown[:have] = self._values
            self._values = grown


class Tail:
    """Hour blocks of everything in `batches`. Hours that did not fit are `spilled`.

    A spilled hour is read from the database instead, until compaction has dealt with it.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._blocks: dict[int, HourBlock] = {}
        self._spilled: set[int] = set()
        self._lock = threading.Lock()

    def add(self, columns: Columns) -> None:
        """Enter a committed batch."""
        if not len(columns):
            return
        with self._lock:
            for hour, part in by_hour(columns):
                self._enter(hour, part)
            self._spill_to_fit()

    def lines(
        self, ids: Sequence[int], hours: range
    ) -> tuple[list[tuple[int, int, Values]], frozenset[int]]:
        """(series, hour, copy of its line) that are here, and the spilled among the hours."""
        with self._lock:
            known = [hour for hour in self._blocks if hour in hours]
            found = [
                (series, hour, line.copy())
                for hour in known
                for series in ids
                if (line := self._blocks[hour].line(series)) is not None
            ]
            return found, frozenset(hour for hour in self._spilled if hour in hours)

    def block(self, hour: int) -> HourBlock | None:
        """The block of an hour, None where it is spilled or empty."""
        with self._lock:
            return self._blocks.get(hour)

    def known(self) -> list[int]:
        """All hours with something that is not compacted, in order."""
        with self._lock:
            return sorted(self._spilled.union(self._blocks))

    def release(self, hour: int) -> None:
        """Forget an hour of which nothing is left to compact."""
        with self._lock:
            self._blocks.pop(hour, None)
            self._spilled.discard(hour)

    def spill(self, hours: Iterable[int]) -> None:
        """Read these hours from the database from now on."""
        with self._lock:
            for hour in hours:
                self._blocks.pop(hour, None)
                self._spilled.add(hour)

    def _enter(self, hour: int, part: Columns) -> None:
        if hour in self._spilled:
            return
        block = self._blocks.get(hour)
        if block is None:
            block = self._blocks[hour] = HourBlock()
        block.add(part.ids, part.seconds - hour * SECONDS, part.counts)

    def _spill_to_fit(self) -> None:
        held = sum(block.bytes for block in self._blocks.values())
        while held > self._most_bytes and self._blocks:
            oldest = min(self._blocks)
            held -= self._blocks.pop(oldest).bytes
            self._spilled.add(oldest)


def by_hour(columns: Columns) -> Iterable[tuple[int, Columns]]:
    """The batch cut into UTC hours (whole hours since 1970)."""
    hours = columns.seconds // SECONDS
    first = int(hours[0])
    if bool((hours == first).all()):
        yield first, columns
        return
    for hour in np.unique(hours):
        yield int(hour), columns.where(hours == hour)
