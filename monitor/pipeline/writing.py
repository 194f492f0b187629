"""Group commits: what arrives within a few milliseconds goes into one transaction.

The store is called from one writer thread. Batches that the store refuses wait in memory and are
tried again with growing pauses; listeners hear of them meanwhile, so that judging goes on. What
waits is bounded: beyond it readings are refused, then reading stops and senders wait.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from monitor.domain.records import Batch, Committed
from monitor.errors import StoreError
from monitor.instrument import Instruments
from monitor.pipeline.backlog import Backlog, Pending
from monitor.pipeline.ports import Log

logger = logging.getLogger(__name__)

GROUP_SECONDS: Final = 0.02
_MOST_PARTS: Final = 2_000
"""So many batches may wait for a commit before reading stops."""
_MOST_EVENTS: Final = 2_000
"""So many events, too: the writer's thread hardly gets its turn while the loop reads on."""
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_SAY_AGAIN: Final = 60.0
"""Seconds between two log lines about the same refusal."""
BACKLOG_BYTES: Final = 256 * 1024 * 1024

BeforeCommit = Callable[[Batch], Batch]
AfterCommit = Callable[[Batch, Committed], None]
Meanwhile = Callable[[Batch], None]
Marks = Sequence[tuple[str, int]]


@dataclass(slots=True)
class _Group:
    """What waits for the next commit."""

    parts: list[Batch] = field(default_factory=list)
    events: int = 0
    waiting: list[tuple[asyncio.Future[bool], bool]] = field(default_factory=list)
    """Who waits, and whether for readings."""

    @property
    def full(self) -> bool:
        """Reading should stop until this is committed."""
        return len(self.parts) >= _MOST_PARTS or self.events >= _MOST_EVENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusing:
    """The store takes nothing."""

    since: float
    """Seconds since 1970 UTC."""
    reason: str
    """A word for a metric label: full, io, read_only, ..."""
    error: str


class Writer:
    """Collect batches, commit them together, tell those who wait."""

    def __init__(
        self,
        log: Log,
        instruments: Instruments,
        *,
        group_seconds: float = GROUP_SECONDS,
        backlog_bytes: int = BACKLOG_BYTES,
    ) -> None:
        self._log = log
        self._group_seconds = group_seconds
        self.instruments = instruments
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._group = _Group()
        self._backlog = Backlog(backlog_bytes, instruments)
        self._retry = _Retry()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._room = asyncio.Event()
        self._room.set()
        self.commits = 0
        """Commits so far: it rises as long as there is progress."""
        self.refusing: Refusing | None = None
        """Set while the store takes nothing."""
        self.before: list[BeforeCommit] = []
        """Called on the loop with each batch in turn; what they add is in the same commit."""
        self.after: list[AfterCommit] = []
        """Called on the loop after each commit, in order."""
        self.meanwhile: list[Meanwhile] = []
        """Called on the loop with what the store has refused so far, once, before its commit."""
        self.still_worked: Callable[[Marks], Marks] = lambda marks: marks
        """Drops marks whose hour got readings after it was read for measuring."""

    def away(self, error: StoreError) -> None:
        """Say that the store takes nothing before anything was tried: it could not be opened."""
        self.refusing = Refusing(since=time.time(), reason=error.reason, error=str(error))

    def add(self, batch: Batch) -> None:
        """Put a batch into the next commit."""
        self._group.parts.append(batch)
        self._group.events += len(batch.events)
        if self._group.full:
            self._room.clear()
        self._idle.clear()
        self._wake.set()

    async def commit(self, batch: Batch) -> bool:
        """Put a batch into the next commit and wait until it has happened.

        False where its readings were not taken: the store refuses, and memory for them is full.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._group.waiting.append((done, any(map(len, batch.readings))))
        self.add(batch)
        return await done

    async def run(self) -> None:
        """Commit group after group until cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(self._group_seconds)
            self._wake.clear()
            self._take()
            await self._flush()
            self._make_room()
            if not self._backlog and not self._group.parts:
                self._idle.set()

    async def idle(self) -> None:
        """Wait until everything added so far is committed."""
        await self._idle.wait()

    async def room(self) -> None:
        """Wait while too much waits for a commit: the store lags or refuses."""
        await self._room.wait()

    async def compact(self, now: float) -> int:
        """Let the store tidy up, in the writer thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._log.compact, now)

    def close(self) -> None:
        """End the writer thread."""
        self._thread.shutdown(wait=True)

    def _take(self) -> None:
        """Make one batch of what has arrived."""
        group, self._group = self._group, _Group()
        if group.parts:
            batch = _merged(group.parts)
            for completed in self.before:
                batch = completed(batch)
            self._backlog.add(Pending(batch=batch, waiting=group.waiting))
        if self.refusing:
            self._tell()
        self._make_room()

    async def _flush(self) -> None:
        """Commit what waits, in order, until the store refuses."""
        if self._retry.resting:
            return
        while self._backlog:
            pending = self._backlog.first
            worked = self.still_worked(pending.batch.worked)
            pending.batch = replace(pending.batch, worked=worked)
            try:
                committed = await self._persist(pending.batch)
            except StoreError as error:
                self._refused(error)
                return
            self._backlog.remove_first()
            self._accepted()
            self._settle(pending, committed)

    async def _persist(self, batch: Batch) -> Committed:
        loop = asyncio.get_running_loop()
        with self.instruments.commit_seconds.time():
            return await loop.run_in_executor(self._thread, self._log.commit, batch)

    def _settle(self, pending: Pending, committed: Committed) -> None:
        self.commits += 1
        self._count(committed, pending.batch)
        for listener in self.after:
            listener(pending.batch, committed)
        pending.done()

    def _refused(self, error: StoreError) -> None:
        self.instruments.commit_failures.inc()
        if self.refusing is None or self.refusing.reason != error.reason:
            since = time.time() if self.refusing is None else self.refusing.since
            self._show_faulty(error.reason)
            self.refusing = Refusing(since=since, reason=error.reason, error=str(error))
        if self._retry.to_be_said():
            logger.error(
                "commit refused, trying again; %d batches (%d bytes) wait in memory: %s",
                len(self._backlog), self._backlog.bytes, error,
            )  # fmt: skip
        asyncio.get_running_loop().call_later(self._retry.pause(), self._wake.set)
        self._tell()
        self._make_room()

    def _accepted(self) -> None:
        if self.refusing is None:
            return
        seconds = time.time() - self.refusing.since
        logger.warning("the store takes commits again, after %.1f s", seconds)
        self._show_faulty(None)
        self.refusing = None
        self._retry = _Retry()

    def _show_faulty(self, reason: str | None) -> None:
        if self.refusing is not None:
            self.instruments.store_faulty.labels(self.refusing.reason).set(0)
        if reason is not None:
            self.instruments.store_faulty.labels(reason).set(1)

    def _tell(self) -> None:
        for pending in self._backlog.untold():
            for listener in self.meanwhile:
                listener(pending.batch)

    def _make_room(self) -> None:
        if self._backlog.fits() and not self._group.full:
            self._room.set()
        else:
            self._room.clear()

    def _count(self, committed: Committed, batch: Batch) -> None:
        count = self.instruments.committed
        count.labels(record="reading").inc(committed.readings)
        count.labels(record="event").inc(committed.events)
        count.labels(record="fact").inc(len(batch.facts))
        count.labels(record="dead_letter").inc(len(batch.dead_letters))
        self.instruments.duplicates.inc(len(committed.duplicates))


class _Retry:
    """Growing pauses between tries, and how often a refusal is said."""

    def __init__(self) -> None:
        self._next = _FIRST_PAUSE
        self._until = 0.0
        self._said: float | None = None

    @property
    def resting(self) -> bool:
        """Whether the pause is not over yet."""
        return time.monotonic() < self._until

    def pause(self) -> float:
        """Begin the next pause; its seconds."""
        pause, self._next = self._next, min(self._next * 2, _LONGEST_PAUSE)
        self._until = time.monotonic() + pause
        return pause

    def to_be_said(self) -> bool:
        """Whether it is time to log again."""
        now = time.monotonic()
        if self._said is not None and now - self._said < _SAY_AGAIN:
            return False
        self._said = now
        return True


def _merged(parts: Sequence[Batch]) -> Batch:
    columns: dict[str, Any] = {
        part.name: [item for batch in parts for item in getattr(batch, part.name)]
        for part in fields(Batch)
    }
    return Batch(**columns)
