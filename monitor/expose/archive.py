"""What showing asks of a store: reading back what was kept."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from monitor.domain.measurement import Measurement
from monitor.domain.readings import ReadingColumns
from monitor.domain.records import EventRecord


class Archive(Protocol):
    """Called in worker threads, each call from its start to its end in one thread.

    `start`, `end` and `since` are whole seconds since 1970 UTC; None leaves a side open.
    """

    def measurements(
        self,
        *,
        device: str | None,
        tag: str | None,
        start: int | None,
        end: int | None,
        limit: int,
    ) -> Iterable[Measurement]:
        """The newest `limit` that overlap [start, end), by time."""
        ...

    def readings(
        self, *, device: str, tag: str | None, source: str | None, start: int, end: int
    ) -> Iterator[ReadingColumns]:
        """Readings with `start <= second < end`, in batches of any order."""
        ...

    def events(self, *, device: str | None, since: int | None, limit: int) -> Iterable[EventRecord]:
        """The newest `limit` messages received since, by time."""
        ...
