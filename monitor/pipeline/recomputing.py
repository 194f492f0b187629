"""Measure stored readings again, device by device, in worker processes.

Nothing here changes the store. Memory is bounded by a few devices at a time, and a worker loads no
more of the program than it needs.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final, Protocol

from monitor.aggregate.clocks import SILENCE
from monitor.aggregate.columns import dense_seconds
from monitor.aggregate.kernels import Dense
from monitor.aggregate.past import Minutes
from monitor.aggregate.recompute import Recomputed, recompute
from monitor.aggregate.rules import HOUR, DeviceRules
from monitor.domain.measurement import HourValue, Measurement
from monitor.domain.readings import ReadingColumns, Series
from monitor.errors import StoreError
from monitor.store.embedded import EmbeddedStore
from monitor.store.embedded.reading import StoreReader

_AHEAD: Final = 3
"""Devices handed out a worker before their turn, so that none waits."""


class Outside(Protocol):
    """A database outside, as far as it is read."""

    def readings(self, start: int, end: int, **tags: str) -> Iterator[ReadingColumns]:
        """Readings in [start, end) of the series that the tags choose."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Builds(Protocol):
    """Its configuration."""

    def build(self) -> Outside:
        """Reach it; nothing is asked yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where readings are read."""

    directory: Path
    """Of the embedded store: origins, hours and measurements are always its own."""
    outside: Builds | None = None
    """The database whose readings are measured instead of the store's."""

    def open(self) -> "StoredHistory":
        """Open it for reading; ConfigError where there is nothing to read."""
        reader = EmbeddedStore.open_reader(self.directory)
        return StoredHistory(reader, None if self.outside is None else self.outside.build())


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One device to work out; None begins at its origins."""

    device: str
    rules: DeviceRules
    start: int | None
    end: int


class StoredHistory:
    """What recomputing asks of the store; readings come from an outside database where given."""

    def __init__(self, reader: StoreReader, outside: Outside | None = None) -> None:
        self._reader = reader
        self._outside = outside
        self._touched: Sequence[tuple[str, int]] | None = None

    def close(self) -> None:
        """Let go of both."""
        self._reader.close()
        if self._outside is not None:
            self._outside.close()

    def origin(self, device: str, tag: str) -> int | None:
        """Start of the first period."""
        return self._reader.origin(device, tag)

    def checkpoint(self, device: str, tag: str, at: int) -> Measurement | None:
        """The newest measurement that ended by then."""
        return self._reader.checkpoint(device, tag, at)

    def latest_version(self, device: str, tag: str) -> int:
        """Highest version recorded."""
        return self._reader.latest_version(device, tag)

    def hours(self, device: str, tag: str, start: int, end: int) -> Sequence[HourValue]:
        """Recorded hours."""
        return self._reader.hours(device, tag, start, end)

    def touched(self) -> Sequence[tuple[str, int]]:
        """Marks as they were when first asked for: they are many, and asked for by device."""
        if self._touched is None:
            self._touched = self._reader.touched()
        return self._touched

    def sealed(self, device: str, starts: Collection[int]) -> Collection[int]:
        """Hours whose seconds are gone; an outside database keeps its own."""
        return () if self._outside is not None else self._reader.sealed(device, starts)

    def minutes(self, device: str, start: int, hours: int) -> Mapping[Series, Minutes]:
        """Minute values of hours whose seconds are gone."""
        return self._reader.minutes(device, start, hours)

    def tags(self, device: str) -> Sequence[str]:
        """Tags that have readings."""
        return self._reader.tags(device)

    def dense(self, device: str, start: int, hours: int) -> Mapping[Series, Dense]:
        """Readings of a device, shape (hours, 3600), -1 absent."""
        if self._outside is None:
            return self._reader.dense(device, start, hours)
        return dense_seconds(
            self._outside.readings(start, start + hours * HOUR, device=device), start, hours
        )


def measured_until(reader: StoreReader, lateness: int) -> int:
    """Up to where live measuring must have come: what is newer is left to it."""
    newest = max((second for second, _ in reader.latest_readings().values()), default=0)
    return newest - lateness - int(SILENCE)


# Workers

_history: StoredHistory | None = None


def _begin(source: Source) -> None:
    global _history  # noqa: PLW0603 - one process, one store
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _history = source.open()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(task: Task) -> Recomputed:
    if _history is None:
        raise StoreError("a worker was not set up")
    return worked(_history, task)


def worked(history: StoredHistory, task: Task) -> Recomputed:
    """One device."""
    return recompute(history, task.rules, task.device, task.start, task.end)


def recomputed(source: Source, tasks: Iterable[Task], workers: int) -> Iterator[Recomputed]:
    """Every device, in order. Raises StoreError, OutsideError; ends its workers with itself."""
    if workers == 1:
        with contextlib.closing(source.open()) as history:
            for task in tasks:
                yield worked(history, task)
        return
    with ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(source,),
    ) as pool:
        try:
            yield from _in_order(pool, iter(tasks), workers * _AHEAD)
        except BrokenProcessPool as error:
            raise StoreError("a worker process ended before its work was done") from error
        finally:
            pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, tasks: Iterator[Task], ahead: int) -> Iterator[Recomputed]:
    waiting: deque[Future[Recomputed]] = deque()
    for task in tasks:
        waiting.append(pool.submit(_work, task))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
