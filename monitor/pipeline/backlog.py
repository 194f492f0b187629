"""Batches that wait for the store, in memory and bounded."""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Final

from monitor.domain.records import Batch
from monitor.instrument import Instruments

_READING_BYTES: Final = 20
_RECORD_BYTES: Final = 600
"""Roughly what a record takes in memory beside its text."""


@dataclass(slots=True, kw_only=True)
class Pending:
    """One batch on its way, and who waits for it."""

    batch: Batch
    waiting: list[tuple[asyncio.Future[bool], bool]] = field(default_factory=list)
    """Each with whether it waits for readings."""
    bytes: int = 0

    def done(self) -> None:
        """Tell those who wait that everything is kept."""
        for future, _ in self.waiting:
            _answer(future, kept=True)

    def shed_readings(self) -> int:
        """Refuse the readings, so that who sent them hears of it; how many there were."""
        shed = sum(map(len, self.batch.readings))
        if shed:
            self.batch = replace(self.batch, readings=())
            for future, for_readings in self.waiting:
                if for_readings:
                    _answer(future, kept=False)
        return shed

    def shed_letters(self) -> int:
        """Throw away inputs that could not be read; how many."""
        shed = len(self.batch.dead_letters)
        if shed:
            self.batch = replace(self.batch, dead_letters=())
        return shed


class Backlog:
    """In order of arrival; beyond its bytes readings go first, then dead letters, nothing else."""

    def __init__(self, most_bytes: int, instruments: Instruments) -> None:
        self._most_bytes = most_bytes
        self._instruments = instruments
        self._pending: deque[Pending] = deque()
        self._untold: list[Pending] = []
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def first(self) -> Pending:
        """The one whose turn it is."""
        return self._pending[0]

    def add(self, pending: Pending) -> None:
        """Put a batch at the end."""
        self._weigh(pending)
        self._pending.append(pending)
        self._untold.append(pending)

    def remove_first(self) -> None:
        """The first one is committed."""
        gone = self._pending.popleft()
        self.bytes -= gone.bytes
        if not self._pending:
            self._untold.clear()

    def untold(self) -> Iterator[Pending]:
        """Those that nobody has heard of, each once."""
        untold, self._untold = self._untold, []
        yield from untold

    def fits(self) -> bool:
        """Make it fit, if what may go is enough; the oldest readings first."""
        for kind, shed in (
            ("reading", Pending.shed_readings),
            ("dead_letter", Pending.shed_letters),
        ):
            for pending in self._pending:
                if self.bytes <= self._most_bytes:
                    return True
                many = shed(pending)
                if many:
                    self._instruments.backlog_dropped.labels(kind).inc(many)
                    self._weigh(pending)
        return self.bytes <= self._most_bytes

    def _weigh(self, pending: Pending) -> None:
        weight = weight_of(pending.batch)
        self.bytes += weight - pending.bytes
        pending.bytes = weight


def weight_of(batch: Batch) -> int:
    """Roughly the bytes a batch takes in memory."""
    readings = sum(map(len, batch.readings))
    records = sum(len(getattr(batch, one.name)) for one in fields(batch))
    texts = sum(len(event.text) + len(event.raw) for event in batch.events)
    payloads = sum(len(letter.payload) for letter in batch.dead_letters)
    return readings * _READING_BYTES + records * _RECORD_BYTES + texts + payloads


def _answer(future: asyncio.Future[bool], *, kept: bool) -> None:
    if not future.done():
        future.set_result(kept)
