"""The embedded store: one SQLite file in one directory, written by one process."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from monitor.domain.cursors import Kind, Piece
from monitor.domain.instants import HOUR
from monitor.domain.records import Batch, Committed
from monitor.instrument import Instruments
from monitor.store.embedded import cursors
from monitor.store.embedded.catalogue import Catalogue
from monitor.store.embedded.compaction import Compactor
from monitor.store.embedded.disk import Budget, give_back, on_disk
from monitor.store.embedded.events import DeadLetterBox
from monitor.store.embedded.following import Follower
from monitor.store.embedded.minutes import Merge
from monitor.store.embedded.opening import Opened, explained, mark_closed, open_file, own, set_aside
from monitor.store.embedded.outbox import Outbox
from monitor.store.embedded.packing import DamageError
from monitor.store.embedded.reading import StoreReader
from monitor.store.embedded.retention import Keep, Retention
from monitor.store.embedded.sessions import FILE, refusals, transaction
from monitor.store.embedded.tail import Tail
from monitor.store.embedded.writing import BatchWriter

_MIB = 1024 * 1024
_THREE_YEARS = 3 * 365 + 1


class RetentionConfig(BaseModel, extra="forbid", frozen=True):
    """For how many days each level is kept; a coarser one never for less than a finer one."""

    seconds_days: Annotated[int, Field(ge=1)] = 8
    minutes_days: Annotated[int, Field(ge=1)] = 100
    hours_days: Annotated[int, Field(ge=1)] = _THREE_YEARS
    measurements_days: Annotated[int, Field(ge=31)] = _THREE_YEARS
    events_days: Annotated[int, Field(ge=1)] = 365

    @model_validator(mode="after")
    def _coarser_is_kept_longer(self) -> Self:
        if not self.seconds_days <= self.minutes_days <= self.hours_days:
            raise ValueError(
                "seconds_days, minutes_days and hours_days must not fall in this order"
            )
        return self

    def keep(self) -> Keep:
        """The same in the store's own words."""
        return Keep(
            seconds=self.seconds_days,
            minutes=self.minutes_days,
            hours=self.hours_days,
            measurements=self.measurements_days,
            events=self.events_days,
        )


class EmbeddedStoreConfig(BaseModel, extra="forbid", frozen=True):
    """Where what is accepted is kept, and how much of it."""

    kind: Literal["embedded"] = "embedded"
    directory: Path = Path("./cubemon-data")
    max_bytes: Annotated[int, Field(ge=_MIB)] = 10 * 1024 * _MIB
    """Beyond this the oldest seconds go, then minutes, then events; measurements, facts never."""
    retention: RetentionConfig = RetentionConfig()
    memory_bytes: Annotated[int, Field(ge=0)] = 256 * _MIB
    """How much of the hours that are not compacted yet is kept in memory."""
    compact_after_seconds: Annotated[int, Field(ge=0)] = 120
    """How long after its end an hour is packed; later readings are merged in."""
    dead_letters: Annotated[int, Field(ge=1)] = 10_000
    dead_letter_bytes: Annotated[int, Field(ge=1)] = 16 * _MIB

    def build(self, instruments: Instruments | None = None) -> "EmbeddedStore":
        """Open the store; ConfigError where the directory cannot be used or is in use."""
        store = EmbeddedStore(self)
        if instruments is not None:
            instruments.unclean_starts.inc(store.unclean)
            instruments.store_bytes.set_function(lambda: on_disk(self.directory))
            store.shed_to(lambda level, many: instruments.store_shed.labels(level).inc(many))
        return store


class EmbeddedStore(StoreReader):
    """Read and move cursors from any thread; the rest from one writer thread."""

    unclean: bool
    """The run before ended without `close`."""
    corrupt: Path | None
    """Where a broken database was moved when this one started empty."""

    def __init__(self, config: EmbeddedStoreConfig) -> None:
        self._config = config
        self._writing = threading.Lock()
        self._lock = own(config.directory)
        try:
            self._start()
        except BaseException:
            self._lock.close()
            raise
        super().__init__(config.directory, self._catalogue, self._tail)

    @staticmethod
    def open_reader(directory: Path) -> StoreReader:
        """Read a store, also while a service writes it; nothing is created or changed.

        ConfigError where there is none, or it is of another version than this program.
        """
        reader = StoreReader(directory, Catalogue(), None)
        try:
            reader.check()
        except BaseException:
            reader.close()
            raise
        return reader

    def commit(self, batch: Batch) -> Committed:
        """Write all of the batch, durably, or nothing.

        Raises StoreError where it could not be written: the same batch may be committed again, also
        one that was written after all.
        """
        with self._writing, refusals(f"cannot write {self.directory / FILE}"):
            return self._writer.commit(batch)

    def compact(self, now: float) -> int:
        """One short step of tidying up: pack rows of closed hours, keep to ages and budget.

        Returns how much was done (rows, pages); call again until it is 0. Raises StoreError.
        """
        before = int((now - self._config.compact_after_seconds) // HOUR) * HOUR
        with self._writing, refusals(f"cannot compact {self.directory / FILE}"):
            return (
                self._compactor.step(before)
                or self._retention.step(now, self._config.retention.keep())
                or self._budget.step(self._config.max_bytes)
                or give_back(self._connection)
            )

    def shed_to(self, listener: Callable[[str, int], None]) -> None:
        """Tell a listener of records that go for want of room: level and how many."""
        self._budget.shed = listener

    def merge_with(self, merge: Merge) -> None:
        """Say how the sources of a device are put together when its seconds become minutes."""
        self._retention.merge = merge

    def follow(self, name: str, kinds: Collection[Kind]) -> Follower:
        """Register a reader of some kinds under a name, or find it again.

        What was stored before its first registration is given to it too. Rows of readings are not
        compacted until every registered reader has confirmed them.
        """
        with self._cursors() as connection:
            cursors.register(connection, name, kinds)
        return Follower(name, self._readers, self._seconds)

    def advance(self, name: str, piece: Piece) -> None:
        """Remember, durably, that a piece is confirmed. From any thread; raises StoreError."""
        with self._cursors() as connection:
            cursors.advance(connection, name, piece)

    def rewind(self, name: str, to: int) -> bool:
        """Give a reader again what is of this second (since 1970 UTC) or later.

        What it has not confirmed of earlier seconds still comes. False where nobody has that name.
        """
        with self._cursors() as connection:
            return cursors.rewind(connection, name, to)

    def forget(self, name: str) -> None:
        """Remove a reader: nothing waits for it any more."""
        with self._cursors() as connection:
            cursors.forget(connection, name)

    @property
    def outbox(self) -> Outbox:
        """Pages and notices. From any thread."""
        return Outbox(self._cursors, self._readers.snapshot)

    @contextlib.contextmanager
    def _cursors(self) -> Iterator[sqlite3.Connection]:
        with (
            self._writing,
            refusals(f"cannot write {self.directory / FILE}"),
            transaction(self._connection),
        ):
            yield self._connection

    def close(self) -> None:
        """Close cleanly; a second call does nothing."""
        with self._writing:
            if self._lock.closed:
                return
            super().close()
            try:
                with refusals(f"cannot close {self.directory / FILE}"):
                    mark_closed(self._connection)
            finally:
                self._connection.close()
                self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        self.corrupt = None
        try:
            self._load(open_file(self._config.directory))
        except DamageError as damage:
            self.corrupt = set_aside(self._config.directory, damage)
            self._load(open_file(self._config.directory))

    def _load(self, opened: Opened) -> None:
        config = self._config
        self._connection = opened.connection
        self.unclean = opened.unclean
        self._catalogue = Catalogue()
        self._tail = Tail(config.memory_bytes)
        box = DeadLetterBox(config.dead_letters, config.dead_letter_bytes)
        try:
            with explained(config.directory / FILE):
                self._writer = BatchWriter(opened.connection, self._catalogue, self._tail, box)
        except BaseException:
            opened.connection.close()
            raise
        self._compactor = Compactor(opened.connection, self._catalogue, self._tail)
        self._retention = Retention(opened.connection, self._catalogue, self._tail)
        self._budget = Budget(opened.connection, self._compactor, self._retention)
