"""What the pipeline needs of a store; the store itself is chosen in the composition root."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from monitor.domain.device import Device
from monitor.domain.facts import Fact
from monitor.domain.findings import Standing
from monitor.domain.measurement import Measurement
from monitor.domain.readings import Series
from monitor.domain.records import Batch, Committed


class Log(Protocol):
    """Where accepted records go. Called from one writer thread only."""

    def commit(self, batch: Batch) -> Committed:
        """Write all of the batch or nothing; raise StoreError where it could not be written."""
        ...

    def compact(self, now: float) -> int:
        """Tidy up in one bounded step; the number of rows tidied comes back, 0 when done."""
        ...


class Memory(Protocol):
    """What is read back once at the start."""

    def facts(self) -> Iterable[Fact]: ...
    def standings(self) -> Iterable[Standing]: ...
    def devices(self) -> Iterable[Device]: ...
    def latest_readings(self) -> Mapping[Series, tuple[int, int]]: ...
    def measurements(self, *, limit: int) -> Iterable[Measurement]: ...
