"""Syslog batches that wait to be read: bounded in messages and bytes."""

import asyncio
from collections import deque
from typing import Final

from monitor.wire import SyslogBatch

MOST_FRAMES: Final = 200_000
MOST_BYTES: Final = 64 << 20
"""Beyond either nothing is taken: UDP drops (counted), TCP stops reading."""
_SLICE: Final = 512


class Waiting:
    """A queue that says when it is full and when there is room again."""

    def __init__(self, most_frames: int = MOST_FRAMES, most_bytes: int = MOST_BYTES) -> None:
        self._most = (most_frames, most_bytes)
        self._batches: deque[SyslogBatch] = deque()
        self.frames = 0
        self._bytes = 0
        self._some = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def __bool__(self) -> bool:
        return bool(self._batches)

    def offer(self, batch: SyslogBatch) -> bool:
        """Take a batch, whole; False where it does not fit."""
        frames, size = len(batch.frames), _size(batch)
        if self.frames + frames > self._most[0] or self._bytes + size > self._most[1]:
            self._room.clear()
            return False
        self._batches.append(batch)
        self.frames += frames
        self._bytes += size
        self._some.set()
        return True

    def take(self) -> SyslogBatch:
        """The next messages, a slice at a time so that the loop gets its turn in between."""
        batch = self._batches.popleft()
        if len(batch.frames) > _SLICE:
            self._batches.appendleft(_part(batch, slice(_SLICE, None)))
            batch = _part(batch, slice(_SLICE))
        self.frames -= len(batch.frames)
        self._bytes -= _size(batch)
        if self.frames <= self._most[0] // 2 and self._bytes <= self._most[1] // 2:
            self._room.set()
        if not self._batches:
            self._some.clear()
        return batch

    async def some(self) -> None:
        """Wait until there is something to take."""
        await self._some.wait()

    async def room(self) -> None:
        """Wait, once full, until at most half full."""
        await self._room.wait()


def _size(batch: SyslogBatch) -> int:
    return sum(len(payload) for _, payload in batch.frames)


def _part(batch: SyslogBatch, which: slice) -> SyslogBatch:
    return SyslogBatch(
        transport=batch.transport, received=batch.received, frames=batch.frames[which]
    )
