"""The embedded store: one SQLite file in one directory, written by one process."""

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TextIO

from pydantic import BaseModel, Field, model_validator

from monitor.domain.cursors import Kind, Piece
from monitor.domain.instants import HOUR
from monitor.domain.records import Batch, Committed
from monitor.errors import StoreError
from monitor.instrument import Instruments
from monitor.store.embedded import cursors
from monitor.store.embedded.catalogue import Catalogue
from monitor.store.embedded.disk import give_back, on_disk
from monitor.store.embedded.engine import Engine
from monitor.store.embedded.events import DeadLetterBox
from monitor.store.embedded.following import Follower
from monitor.store.embedded.minutes import Merge
from monitor.store.embedded.opening import Opened, mark_closed, open_file, own, set_aside
from monitor.store.embedded.outbox import Outbox
from monitor.store.embedded.packing import DamageError
from monitor.store.embedded.reading import StoreReader
from monitor.store.embedded.rescue import Rescued, rescue
from monitor.store.embedded.retention import Keep
from monitor.store.embedded.sessions import FILE, REOPEN, refusals, transaction
from monitor.store.embedded.standby import Standby

logger = logging.getLogger(__name__)

LOST: Final = "lost"
"""The reason of a fault that stays until the next start: something may be missing."""
_DAMAGED: Final = "damaged"
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
        """Open the store; ConfigError where the directory cannot be used or is in use.

        Where it cannot be written for now it opens all the same, refuses commits and tries again.
        """
        store = EmbeddedStore(self)
        if instruments is not None:
            instruments.unclean_starts.inc(store.unclean)
            instruments.store_bytes.set_function(lambda: on_disk(self.directory))
            store.shed_to(lambda level, many: instruments.store_shed.labels(level).inc(many))
            store.faults_to(lambda reason, on: instruments.store_faulty.labels(reason).set(on))
        return store


class EmbeddedStore(StoreReader):
    """Read and move cursors from any thread; the rest from one writer thread."""

    def __init__(self, config: EmbeddedStoreConfig) -> None:
        self._config = config
        self._writing = threading.Lock()
        self._lock: TextIO | None = None
        self._engine: Engine | None = None
        self._standby: Standby | None = None
        self._before: Engine | None = None
        """What was given up, until there is another: it knows what was committed."""
        self._suspect = ""
        """Reason of an error that may be of the connection or the file: it is opened again."""
        self._broken: Path | None = None
        """A file set aside of which the readable rows are to be taken over."""
        self._merge: Merge | None = None
        self._shed: Callable[[str, int], None] = lambda level, many: None
        self._faulty: Callable[[str, int], None] = lambda reason, on: None
        self._followed: dict[str, Collection[Kind]] = {}
        self.unclean = False
        """The run before ended without `close`."""
        self.corrupt: Path | None = None
        """Where a broken database was moved when another one was begun."""
        self.away: StoreError | None = None
        """Why the database could not be opened yet."""
        super().__init__(config.directory, Catalogue(), None)
        self._begin()

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
        with self._work("write") as engine:
            return engine.writer.commit(batch)

    def compact(self, now: float) -> int:
        """One short step of tidying up: pack rows of closed hours, keep to ages and budget.

        Returns how much was done (rows, pages); call again until it is 0. Raises StoreError.
        """
        before = int((now - self._config.compact_after_seconds) // HOUR) * HOUR
        with self._work("compact") as engine:
            return (
                engine.compactor.step(before)
                or engine.retention.step(now, self._config.retention.keep())
                or engine.budget.step(self._config.max_bytes)
                or give_back(engine.connection)
            )

    @property
    def engine(self) -> Engine:
        """The open database; StoreError while there is none."""
        if self._engine is None:
            raise StoreError(f"{self.directory / FILE} is not open", "unreachable")
        return self._engine

    def shed_to(self, listener: Callable[[str, int], None]) -> None:
        """Tell a listener of records that go for want of room: level and how many."""
        self._shed = listener
        self._tell_parts()

    def merge_with(self, merge: Merge) -> None:
        """Say how the sources of a device are put together when its seconds become minutes."""
        self._merge = merge
        self._tell_parts()

    def faults_to(self, listener: Callable[[str, int], None]) -> None:
        """Tell a listener, by reason, that the store is faulty now, or is no longer."""
        self._faulty = listener
        if self.corrupt is not None:
            listener(LOST, 1)
        if self.away is not None:
            listener(self.away.reason, 1)

    def follow(self, name: str, kinds: Collection[Kind]) -> Follower:
        """Register a reader of some kinds under a name, or find it again.

        What was stored before its first registration is given to it too. Rows of readings are not
        compacted until every registered reader has confirmed them.
        """
        self._followed[name] = kinds
        if self.away is None:
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
        self._followed.pop(name, None)
        with self._cursors() as connection:
            cursors.forget(connection, name)

    @property
    def outbox(self) -> Outbox:
        """Pages and notices. From any thread."""
        return Outbox(self._cursors, self._readers.snapshot)

    @contextlib.contextmanager
    def _cursors(self) -> Iterator[sqlite3.Connection]:
        with self._work("write") as engine, transaction(engine.connection):
            yield engine.connection

    def close(self) -> None:
        """Close cleanly; a second call does nothing."""
        with self._writing:
            if self._closed:
                return
            self._closed = True
            super().close()
            self._forget_standby()
            try:
                if self._engine is not None:
                    with refusals(f"cannot close {self.directory / FILE}"):
                        mark_closed(self._engine.connection)
            finally:
                self._release()

    _closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Opening, and opening again

    def _begin(self) -> None:
        try:
            self._open()
        except StoreError as error:
            self.away = error
            self._standby = Standby(self.directory)
            self._readers.turn_to(self._standby.uri)
            logger.error(  # noqa: TRY400 - the store's message says it all
                "%s: starting without it; nothing is kept until it can be written", error
            )
        except BaseException:
            self._release()
            raise

    @contextlib.contextmanager
    def _work(self, what: str) -> Iterator[Engine]:
        """The open database, for one call; what it raises tells whether to open it again."""
        with self._writing:
            try:
                with refusals(f"cannot {what} {self.directory / FILE}"):
                    yield self._ready()
            except StoreError as error:
                self._suspect = error.reason if error.reason in REOPEN else ""
                raise

    def _ready(self) -> Engine:
        if self._closed:
            raise StoreError(f"cannot write {self.directory / FILE}: it is closed", "closed")
        if self._engine is None or self._suspect:
            self._open()
        return self.engine

    def _open(self) -> None:
        self._before, self._engine = self._engine or self._before, None
        if self._before is not None:
            self._before.close()
        if self._lock is None:
            self._lock = own(self.directory)
        if self._suspect == _DAMAGED and self._before is not None:
            self._set_aside(DamageError("it is damaged"))
        try:
            engine = self._started()
        except DamageError as damage:
            self._set_aside(damage)
            engine = self._started()
        if self._before is not None and self.corrupt is not None:
            # What was known must not depend on what could be read of a broken file.
            engine.writer.commit(Batch(facts=self._before.writer.filed()))
        self._engine, self._before, self._suspect = engine, None, ""
        self._take_over(engine)

    def _started(self) -> Engine:
        again = self._before is not None or self._broken is not None
        opened = open_file(self.directory, again=again)
        self.unclean = self.unclean or opened.unclean
        if self._broken is not None:
            logger.error("taken over from %s: %s", self._broken, _rescued(self._broken, opened))
            self._broken = None
        config = self._config
        box = DeadLetterBox(config.dead_letters, config.dead_letter_bytes)
        path = self.directory / FILE
        return Engine.start(opened.connection, path, config.memory_bytes, box)

    def _set_aside(self, damage: DamageError) -> None:
        self._readers.turn_to()
        self.corrupt = self._broken = set_aside(self.directory, damage)
        self._suspect = ""
        self._faulty(LOST, 1)

    def _take_over(self, engine: Engine) -> None:
        self._seconds.turn_to(engine.catalogue, engine.tail)
        self._readers.turn_to()
        self._tell_parts()
        self._forget_standby()
        if self.away is not None:
            logger.warning("%s can be written again", self.directory / FILE)
            self._faulty(self.away.reason, 0)
            self.away = None
        for name, kinds in self._followed.items():
            with transaction(engine.connection):
                cursors.register(engine.connection, name, kinds)

    def _tell_parts(self) -> None:
        if self._engine is not None:
            self._engine.retention.merge = self._merge
            self._engine.budget.shed = self._shed

    def _forget_standby(self) -> None:
        if self._standby is not None:
            self._standby.close()
            self._standby = None

    def _release(self) -> None:
        if self._engine is not None:
            self._engine.close()
        if self._lock is not None:
            self._lock.close()


def _rescued(broken: Path, opened: Opened) -> Rescued:
    try:
        return rescue(broken, opened.connection)
    except BaseException:
        opened.connection.close()
        raise
