"""Everything that is read from the embedded store, from any thread or another process."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.domain.cursors import CursorState
from monitor.domain.device import Device
from monitor.domain.facts import Fact
from monitor.domain.findings import Standing
from monitor.domain.instants import HOUR
from monitor.domain.measurement import HourValue, Measurement
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import DeadLetter, EventRecord
from monitor.store.embedded import cursors, measurements
from monitor.store.embedded.catalogue import Catalogue
from monitor.store.embedded.disk import on_disk, used
from monitor.store.embedded.events import read_dead_letters, read_events
from monitor.store.embedded.facts import read_devices, read_facts, read_standings
from monitor.store.embedded.measurements import Versions
from monitor.store.embedded.opening import check_readable, counter
from monitor.store.embedded.schema import version_of
from monitor.store.embedded.seconds import Seconds
from monitor.store.embedded.sessions import FILE, Readers
from monitor.store.embedded.tail import Tail


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatistics:
    """How much there is."""

    bytes: int
    """On disk, log included."""
    used: int
    """Bytes that hold something; what `max_bytes` bounds."""
    batches: int
    """Rows that are not compacted."""
    waiting: int
    """Readings in them."""
    oldest_batch: int | None
    """Lowest second in them, since 1970 UTC."""
    chunks: int
    series: int
    events: int
    measurements: int
    dead_letters: int
    number: int
    """Of the last commit."""
    dropped_readings: int
    """Taken by the disk cap, ever."""
    dropped_unread: int
    """Of these, readings that a reader outside had not confirmed."""
    dropped_letters: int
    schema_version: int
    unclean_shutdowns: int


class StoreReader:
    """A store that is only read. Methods may be called from any thread.

    Every method raises StoreError where the file cannot be read; times are seconds since 1970 UTC.
    """

    def __init__(self, directory: Path, catalogue: Catalogue, tail: Tail | None) -> None:
        self.directory = directory
        self._readers = Readers(directory / FILE)
        self._seconds = Seconds(self._readers, catalogue, tail)

    def check(self) -> None:
        """ConfigError where the file is not ours, or of another version than this program."""
        with self._readers.snapshot() as connection:
            check_readable(connection, self.directory / FILE)

    def close(self) -> None:
        """Let go of the file."""
        self._readers.close()

    # The aggregator's questions

    def origin(self, device: str, tag: str) -> int | None:
        """Start of the first period of a (device, tag), None before its first reading."""
        with self._readers.snapshot() as connection:
            return measurements.origin(connection, device, tag)

    def checkpoint(self, device: str, tag: str, at: int) -> Measurement | None:
        """The newest measurement of the latest version that ended at or before `at`."""
        with self._readers.snapshot() as connection:
            return measurements.checkpoint(connection, device, tag, at)

    def latest_version(self, device: str, tag: str) -> int:
        """The highest version of a chain committed for a (device, tag), 0 where there is none."""
        with self._readers.snapshot() as connection:
            return measurements.latest_version(connection, device, tag)

    def hours(self, device: str, tag: str, start: int, end: int) -> Sequence[HourValue]:
        """Hour values that begin in [start, end), in order."""
        with self._readers.snapshot() as connection:
            return measurements.hours(connection, device, tag, start, end)

    def dense(self, device: str, start: int, hours: int) -> Mapping[Series, NDArray[np.int32]]:
        """Counts of a device's series shaped (hours, 3600), -1 where there is no reading.

        A series without any reading in the range is left out.
        """
        return self._seconds.dense((device,), start, hours)

    def dense_many(
        self, devices: Sequence[str], start: int, hours: int
    ) -> Mapping[Series, NDArray[np.int32]]:
        """`dense` of several devices at once."""
        return self._seconds.dense(devices, start, hours)

    def touched(self) -> Sequence[tuple[str, int]]:
        """(device, start of a UTC hour) with readings that have not been worked out."""
        with self._readers.snapshot() as connection:
            rows = connection.execute("SELECT device, hour FROM touched ORDER BY hour, device")
            return [(device, hour * HOUR) for device, hour in rows]

    def tags(self, device: str) -> Sequence[str]:
        """Tags of which the device has, or had, readings; in alphabetical order."""
        return sorted({series.tag for series in self._seconds.series(device)})

    # What others read

    def facts(self) -> Iterator[Fact]:
        """Every filed fact."""
        with self._readers.snapshot() as connection:
            return iter(list(read_facts(connection)))

    def standings(self) -> Sequence[Standing]:
        """The times of every finding key."""
        with self._readers.snapshot() as connection:
            return read_standings(connection)

    def devices(self) -> Sequence[Device]:
        """The devices that were remembered."""
        with self._readers.snapshot() as connection:
            return read_devices(connection)

    def series(self, device: str | None = None) -> Sequence[Series]:
        """The stored series, of a device or all."""
        return self._seconds.series(device)

    def readings(
        self,
        *,
        device: str | None = None,
        tag: str | None = None,
        source: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> Iterator[ReadingColumns]:
        """Readings in [start, end), some hours at a time, each in one short read transaction.

        One reading per series and second, the highest.
        """
        asked = {"device": device, "tag": tag, "source": source}
        wanted = {key: value for key, value in asked.items() if value is not None}
        return self._seconds.readings(wanted, start, end)

    def latest_readings(self) -> Mapping[Series, tuple[int, int]]:
        """(second, count) of the newest reading of every series."""
        return self._seconds.latest()

    def measurements(
        self,
        *,
        device: str | None = None,
        tag: str | None = None,
        start: int | None = None,
        end: int | None = None,
        versions: Versions = "latest",
        limit: int | None = None,
    ) -> Sequence[Measurement]:
        """The newest `limit` that overlap [start, end), ordered by their end."""
        with self._readers.snapshot() as connection:
            return measurements.read_measurements(
                connection, (device, tag), (start, end), versions, limit
            )

    def events(
        self, *, device: str | None = None, since: float | None = None, limit: int = 1_000
    ) -> Sequence[EventRecord]:
        """The newest `limit` events received at or after `since`, in order of reception."""
        with self._readers.snapshot() as connection:
            return read_events(connection, device, since, limit)

    def dead_letters(self, limit: int = 100) -> Sequence[DeadLetter]:
        """The newest inputs that could not be read, in order."""
        with self._readers.snapshot() as connection:
            return read_dead_letters(connection, limit)

    def cursors(self) -> Sequence[CursorState]:
        """How far each reader outside has come."""
        with self._readers.snapshot() as connection:
            return cursors.states(connection)

    def statistics(self) -> StoreStatistics:
        """How much there is; counts rows, so not for every second."""
        with self._readers.snapshot() as connection:

            def one(query: str) -> int:
                return int(connection.execute(f"SELECT {query}").fetchone()[0] or 0)

            oldest = connection.execute("SELECT MIN(first) FROM batches").fetchone()[0]
            return StoreStatistics(
                bytes=on_disk(self.directory),
                used=used(connection),
                batches=one("COUNT(*) FROM batches"),
                waiting=one("SUM(readings) FROM batches"),
                oldest_batch=oldest,
                chunks=one("COUNT(*) FROM chunks"),
                series=one("COUNT(*) FROM series"),
                events=one("COUNT(*) FROM events"),
                measurements=one("COUNT(*) FROM measurements"),
                dead_letters=one("COUNT(*) FROM dead_letters"),
                number=counter(connection, "number"),
                dropped_readings=counter(connection, "dropped_readings"),
                dropped_unread=counter(connection, "dropped_unread"),
                dropped_letters=counter(connection, "dropped_letters"),
                schema_version=version_of(connection),
                unclean_shutdowns=counter(connection, "unclean_shutdowns"),
            )
