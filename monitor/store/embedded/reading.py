"""Everything that is read from the embedded store, from any thread or another process."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.domain.audit import AuditRecord
from monitor.domain.cursors import CursorState
from monitor.domain.device import Device
from monitor.domain.facts import Fact
from monitor.domain.findings import Standing
from monitor.domain.instants import HOUR, MINUTE
from monitor.domain.levels import LevelSpan
from monitor.domain.maintenance import Window
from monitor.domain.measurement import HourValue, Measurement
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import DeadLetter, EventRecord
from monitor.domain.rum import RumFile, RumListing, RumNote, RumPiece
from monitor.domain.silences import Silence
from monitor.store.embedded import cursors, levels, measurements, minutes, rum
from monitor.store.embedded.audit import read_audit
from monitor.store.embedded.catalogue import Catalogue
from monitor.store.embedded.disk import on_disk, used
from monitor.store.embedded.events import read_dead_letters, read_events
from monitor.store.embedded.facts import read_devices, read_facts, read_standings
from monitor.store.embedded.measurements import Versions
from monitor.store.embedded.minutes import MINUTES, MinuteValues
from monitor.store.embedded.opening import check_readable, counter
from monitor.store.embedded.schema import version_of
from monitor.store.embedded.seconds import Seconds
from monitor.store.embedded.sessions import FILE, Readers
from monitor.store.embedded.silences import read_silences, read_windows
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
    """Gone for want of room, ever."""
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

    def minutes(self, device: str, start: int, hours: int) -> Mapping[Series, MinuteValues]:
        """Minute values of hours whose seconds are gone: two arrays shaped (hours, 60).

        `start` is any whole minute since 1970 UTC. By source, each exact for itself; the source
        `MERGED` is all of them together, as they were measured, also for the aggregate. Series
        without any in the range are left out.
        """
        first, last = start // HOUR, -(-(start + hours * HOUR) // HOUR)
        skip = (start - first * HOUR) // MINUTE
        with self._readers.snapshot() as connection:
            found = minutes.read(connection, device, range(first, last))
        return {
            series: MinuteValues(*(_cut(one, skip, hours) for one in values))
            for series, values in found.items()
        }

    def levels(self, device: str, start: int, end: int) -> Sequence[LevelSpan]:
        """At which level the whole UTC hours around [start, end) are still kept: spans, rising."""
        hours = range(start // HOUR, -(-end // HOUR))
        with self._readers.snapshot() as connection:
            return levels.spans(connection, device, hours)

    def sealed(self, device: str, starts: Collection[int]) -> Collection[int]:
        """Those of the hours that were measured and whose seconds are gone, wholly or partly.

        `starts` are seconds since 1970 UTC, also of hours that are shifted by whole minutes.
        """
        parts = {start: (start // HOUR, (start + HOUR - 1) // HOUR) for start in starts}
        asked = {hour for pair in parts.values() for hour in pair}
        with self._readers.snapshot() as connection:
            gone = levels.sealed(connection, device, asked)
        return {start for start, pair in parts.items() if not gone.isdisjoint(pair)}

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

    def audit(self, before: int | None, limit: int) -> Sequence[tuple[int, AuditRecord]]:
        """(number, record) of the newest `limit` with numbers below `before`, newest first."""
        with self._readers.snapshot() as connection:
            return read_audit(connection, before, limit)

    def windows(self, most: int = 1_000) -> list[Window]:
        """Maintenance windows, latest end first."""
        with self._readers.snapshot() as connection:
            return read_windows(connection, most)

    def silences(self, most: int = 1_000) -> list[Silence]:
        """Silences, latest end first."""
        with self._readers.snapshot() as connection:
            return read_silences(connection, most)

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

    def rum_notes(self) -> Sequence[RumNote]:
        """What was said of usage reports, by subject and report."""
        with self._readers.snapshot() as connection:
            return rum.read_notes(connection)

    def rum_listings(self) -> Sequence[RumListing]:
        """When each router listed all of its usage reports."""
        with self._readers.snapshot() as connection:
            return rum.read_listings(connection)

    def rum_files(self) -> Sequence[RumFile]:
        """The files of usage reports that were brought, oldest first."""
        with self._readers.snapshot() as connection:
            return rum.read_files(connection)

    def rum_file(self, digest: str) -> bytes | None:
        """The bytes of such a file; None where there is none of that SHA-256 (hexadecimal)."""
        with self._readers.snapshot() as connection:
            return rum.read_file(connection, digest)

    def rum_piece(self, digest: str) -> RumPiece | None:
        """The bytes of one report in such a file; None where there is none of that SHA-256."""
        with self._readers.snapshot() as connection:
            return rum.read_piece(connection, digest)

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


def _cut(values: NDArray[np.int64], skip: int, hours: int) -> NDArray[np.int64]:
    return values.reshape(-1)[skip : skip + hours * MINUTES].reshape(hours, MINUTES)
