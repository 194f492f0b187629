"""What is read back from any database outside; how its points are asked for is its own matter."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence

from monitor.domain.cursors import VersionedHour, VersionedMeasurement
from monitor.domain.facts import FactKey
from monitor.domain.readings import ReadingColumns
from monitor.store.line import rows
from monitor.store.line.points import FACT, HOUR, MEASUREMENT
from monitor.store.line.rows import Row, Sample


class LineReader(ABC):
    """A database that tells samples and rows in [start, end), chosen by tags."""

    @abstractmethod
    def _samples(self, between: tuple[int, int], tags: Mapping[str, str]) -> Iterator[Sample]: ...

    @abstractmethod
    def _rows(
        self, measurement: str, between: tuple[int, int], tags: Mapping[str, str]
    ) -> Iterator[Row]: ...

    def readings(self, start: int, end: int, **tags: str) -> Iterator[ReadingColumns]:
        """Readings in [start, end), some at a time; `device`, `tag`, `source` choose series."""
        return rows.columns(self._samples((start, end), tags))

    def measurements(self, start: int, end: int, **tags: str) -> Sequence[VersionedMeasurement]:
        """Measurements that begin in [start, end), all versions."""
        return rows.measurements(self._rows(MEASUREMENT, (start, end), tags))

    def hours(self, start: int, end: int, **tags: str) -> Sequence[VersionedHour]:
        """Hours that begin in [start, end), the highest version of each."""
        return rows.hours(self._rows(HOUR, (start, end), tags))

    def facts(
        self, start: int, end: int, **tags: str
    ) -> Mapping[FactKey, Sequence[tuple[int, float | None]]]:
        """Values of facts effective in [start, end)."""
        return rows.facts(self._rows(FACT, (start, end), tags))
