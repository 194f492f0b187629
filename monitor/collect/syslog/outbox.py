"""Messages of all TCP connections on their way to the intake, and the back-pressure on them.

What one turn of the loop read goes out as one batch. Where the intake is full the batch stays here,
nothing more is read from any connection, and TCP makes the senders wait; nothing is dropped.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from monitor.wire import Intake, SyslogBatch

_TRANSPORT: Final = "tcp"
_MOST_PER_BATCH: Final = 4096


class Outbox:
    """Hands messages on in order; `stop` and `go` end and resume reading."""

    def __init__(self, intake: Intake, stop: Callable[[], None], go: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._intake = intake
        self._stop = stop
        self._go = go
        self._frames: list[tuple[str, bytes]] = []
        self._received = 0.0
        self._full = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def full(self) -> bool:
        """True while the intake has no room."""
        return self._full.is_set()

    def add(self, source: str, messages: Sequence[bytes]) -> None:
        """Send `messages` of `source` with the next batch."""
        if not messages:
            return
        if not self._frames:
            self._received = time.time()
            self._empty.clear()
            self._loop.call_soon(self.flush)
        self._frames += [(source, message) for message in messages]
        if len(self._frames) >= _MOST_PER_BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand on what there is; where the intake is full, keep it and stop reading."""
        while self._frames and not self.full:
            batch = SyslogBatch(
                transport=_TRANSPORT,
                received=self._received,
                frames=self._frames[:_MOST_PER_BATCH],
            )
            if self._intake.syslog(batch):
                del self._frames[:_MOST_PER_BATCH]
            else:
                self._full.set()
                self._stop()
        if not self._frames:
            self._empty.set()

    async def run(self) -> None:
        """Wait for room whenever the intake was full, then go on; until cancelled."""
        while True:
            await self._full.wait()
            await self._intake.room()
            self._full.clear()
            self.flush()
            if not self.full:
                self._go()

    async def empty(self) -> None:
        """Wait until everything has been handed on."""
        await self._empty.wait()
