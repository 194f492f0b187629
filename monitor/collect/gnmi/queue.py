"""Notifications that wait for the store, within one budget of bytes over all devices."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
from enum import Enum
from typing import Final

from monitor.instrument import TelemetryInstruments

OVERHEAD: Final = 400
"""Bytes that a waiting frame costs besides its payload."""
_SHARE: Final = 8
"""One device holds at most this part of the budget, so that it does not crowd out the others."""


class Kind(Enum):
    """Which message the payload is."""

    SUBSCRIBED = "SubscribeResponse"
    GOT = "GetResponse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One message of a device as it came: nothing of it has been read."""

    device: str
    received: float
    payload: bytes
    kind: Kind = Kind.SUBSCRIBED
    authenticated: bool
    begins: bool = False
    sample_seconds: float = 0.0
    lost: int = 0

    @property
    def size(self) -> int:
        """What it counts against the budget."""
        return len(self.payload) + OVERHEAD


class FrameQueue:
    """First in, first out. What finds no room is dropped and counted for its device."""

    def __init__(self, budget: int, instruments: TelemetryInstruments) -> None:
        self._budget = budget
        self._instruments = instruments
        self._frames: deque[Frame] = deque()
        self._held: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self._begun: set[str] = set()
        self._some = asyncio.Event()
        self.bytes = 0
        """Bytes of all frames that were taken in and not yet settled."""
        self.dropped = 0

    def offer(self, frame: Frame) -> bool:
        """Take a frame in; False where it was dropped."""
        if not self._fits(frame):
            self._drop(frame)
            return False
        if frame.device in self._lost or frame.device in self._begun:
            frame = self._marked(frame)
        self._frames.append(frame)
        self._count(frame, frame.size)
        self._some.set()
        return True

    async def take(self, most_bytes: int) -> list[Frame]:
        """The next frames, at least one; they count until `settle`."""
        while not self._frames:
            self._some.clear()
            await self._some.wait()
        taken: list[Frame] = []
        size = 0
        while self._frames and (not taken or size + self._frames[0].size <= most_bytes):
            taken.append(self._frames.popleft())
            size += taken[-1].size
        return taken

    def settle(self, frames: list[Frame]) -> None:
        """Frames are with the store: their room is free again."""
        for frame in frames:
            self._count(frame, -frame.size)

    def _fits(self, frame: Frame) -> bool:
        if self.bytes + frame.size > self._budget:
            return False
        held = self._held[frame.device]
        return not held or held + frame.size <= self._budget // _SHARE

    def _drop(self, frame: Frame) -> None:
        self.dropped += 1
        self._lost[frame.device] += 1
        if frame.begins:
            self._begun.add(frame.device)
        self._instruments.dropped.labels(device=frame.device).inc()

    def _marked(self, frame: Frame) -> Frame:
        return Frame(
            device=frame.device,
            received=frame.received,
            payload=frame.payload,
            kind=frame.kind,
            authenticated=frame.authenticated,
            begins=self._begins(frame),
            sample_seconds=frame.sample_seconds,
            lost=self._lost.pop(frame.device, 0),
        )

    def _begins(self, frame: Frame) -> bool:
        begun = frame.device in self._begun
        self._begun.discard(frame.device)
        return frame.begins or begun

    def _count(self, frame: Frame, size: int) -> None:
        self.bytes += size
        self._held[frame.device] += size
        if not self._held[frame.device]:
            del self._held[frame.device]
        self._instruments.queue.set(self.bytes)
