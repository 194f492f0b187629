"""Group commits: what arrives within a few milliseconds goes into one transaction.

The store is called from one writer thread. A batch that the store refuses is kept and tried again
with growing pauses; meanwhile the intake fills up, TCP senders wait and UDP drops are counted.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from typing import Any, Final

from monitor.domain.records import Batch, Committed
from monitor.errors import StoreError
from monitor.instrument import Instruments
from monitor.pipeline.ports import Log

logger = logging.getLogger(__name__)

GROUP_SECONDS: Final = 0.02
_MOST_PARTS: Final = 2_000
"""So many batches may wait for a commit before reading stops."""
_MOST_EVENTS: Final = 2_000
"""So many events, too: the writer's thread hardly gets its turn while the loop reads on."""
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0

BeforeCommit = Callable[[Batch], Batch]
AfterCommit = Callable[[Batch, Committed], None]
Marks = Sequence[tuple[str, int]]


@dataclass(slots=True)
class _Group:
    """What waits for the next commit."""

    parts: list[Batch] = field(default_factory=list)
    events: int = 0
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Reading should stop until this is committed."""
        return len(self.parts) >= _MOST_PARTS or self.events >= _MOST_EVENTS


class Writer:
    """Collect batches, commit them together, tell those who wait."""

    def __init__(
        self, log: Log, instruments: Instruments, *, group_seconds: float = GROUP_SECONDS
    ) -> None:
        self._log = log
        self._group_seconds = group_seconds
        self.instruments = instruments
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._group = _Group()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._room = asyncio.Event()
        self._room.set()
        self.commits = 0
        """Commits so far: it rises as long as there is progress."""
        self.before: list[BeforeCommit] = []
        """Called on the loop with each batch in turn; what they add is in the same commit."""
        self.after: list[AfterCommit] = []
        """Called on the loop after each commit, in order."""
        self.still_worked: Callable[[Marks], Marks] = lambda marks: marks
        """Drops marks whose hour got readings after it was read for measuring."""

    def add(self, batch: Batch) -> None:
        """Put a batch into the next commit."""
        self._group.parts.append(batch)
        self._group.events += len(batch.events)
        if self._group.full:
            self._room.clear()
        self._idle.clear()
        self._wake.set()

    async def commit(self, batch: Batch) -> None:
        """Put a batch into the next commit and wait until it has happened."""
        done = asyncio.get_running_loop().create_future()
        self._group.waiting.append(done)
        self.add(batch)
        await done

    async def run(self) -> None:
        """Commit group after group until cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(self._group_seconds)
            await self._commit_group()

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

    async def _commit_group(self) -> None:
        group, self._group = self._group, _Group()
        self._wake.clear()
        self._room.set()
        batch = _merged(group.parts, self.still_worked)
        for completed in self.before:
            batch = completed(batch)
        committed = await self._persist(batch)
        self.commits += 1
        self._count(committed, batch)
        for listener in self.after:
            listener(batch, committed)
        for done in group.waiting:
            if not done.done():
                done.set_result(None)
        if not self._group.parts:
            self._idle.set()

    async def _persist(self, batch: Batch) -> Committed:
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE
        while True:
            try:
                with self.instruments.commit_seconds.time():
                    return await loop.run_in_executor(self._thread, self._log.commit, batch)
            except StoreError as error:
                self.instruments.commit_failures.inc()
                logger.error("commit refused, trying again: %s", error)  # noqa: TRY400 - the store's message says it all
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _count(self, committed: Committed, batch: Batch) -> None:
        count = self.instruments.committed
        count.labels(record="reading").inc(committed.readings)
        count.labels(record="event").inc(committed.events)
        count.labels(record="fact").inc(len(batch.facts))
        count.labels(record="dead_letter").inc(len(batch.dead_letters))
        self.instruments.duplicates.inc(len(committed.duplicates))


def _merged(parts: Sequence[Batch], still_worked: Callable[[Marks], Marks]) -> Batch:
    columns: dict[str, Any] = {
        part.name: [item for batch in parts for item in getattr(batch, part.name)]
        for part in fields(Batch)
    }
    columns["worked"] = still_worked(columns["worked"])
    return Batch(**columns)
