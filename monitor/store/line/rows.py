"""What is read back from a database outside, as the records it was written from."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from monitor.domain.cursors import VersionedHour, VersionedMeasurement
from monitor.domain.facts import FactKey, FactName
from monitor.domain.measurement import HourValue, Measurement, Reason
from monitor.domain.readings import ReadingColumns, Series
from monitor.store.line.text import plain

_AT_ONCE: Final = 100_000


class Row(NamedTuple):
    """One point: its tags as stored, its second, its fields."""

    tags: Mapping[str, str]
    at: int
    fields: Mapping[str, float]


class Sample(NamedTuple):
    """One reading."""

    series: Series
    at: int
    sessions: int


def columns(samples: Iterable[Sample]) -> Iterator[ReadingColumns]:
    """Samples as columns, a bounded number at a time."""
    block = _Block()
    for sample in samples:
        block.add(sample)
        if len(block.seconds) >= _AT_ONCE:
            yield block.columns()
            block = _Block()
    if block.seconds:
        yield block.columns()


class _Block:
    def __init__(self) -> None:
        self._places: dict[Series, int] = {}
        self._which = array("I")
        self.seconds = array("q")
        self._counts = array("q")

    def add(self, sample: Sample) -> None:
        self._which.append(self._places.setdefault(sample.series, len(self._places)))
        self.seconds.append(sample.at)
        self._counts.append(sample.sessions)

    def columns(self) -> ReadingColumns:
        return ReadingColumns(
            series=list(self._places),
            which=self._which,
            seconds=self.seconds,
            counts=self._counts,
        )


def series_of(tags: Mapping[str, str]) -> Series:
    """The series of a reading's tags."""
    return Series(*(plain(tags[name]) for name in Series._fields))


def measurements(rows: Iterable[Row]) -> list[VersionedMeasurement]:
    """All versions, by device, tag, start and version."""
    found = [
        VersionedMeasurement(
            Measurement(
                device=plain(tags["device"]),
                tag=plain(tags["tag"]),
                start=at,
                end=int(fields["end"]),
                units=_whole(fields, "units"),
                count=_whole(fields, "count"),
                coverage=fields["coverage"],
                minute_coverage=fields["minute_coverage"],
                reason=Reason(tags["reason"]),
                changed=bool(fields["changed"]),
                profile=plain(tags["profile"]),
                version=int(tags["version"]),
            ),
            bool(fields["replaced"]),
        )
        for tags, at, fields in rows
    ]
    return sorted(found, key=_order)


def _order(one: VersionedMeasurement) -> tuple[str, str, int, int]:
    measured = one.measurement
    return measured.device, measured.tag, measured.start, measured.version


def hours(rows: Iterable[Row]) -> list[VersionedHour]:
    """The highest version of each hour, by device, tag and start."""
    found: dict[tuple[str, str, int], VersionedHour] = {}
    for tags, at, fields in rows:
        value = HourValue(
            device=plain(tags["device"]),
            tag=plain(tags["tag"]),
            start=at,
            units=_whole(fields, "units"),
            seconds=int(fields["seconds"]),
            minutes=int(fields["minutes"]),
        )
        one = VersionedHour(value, int(tags["version"]))
        key = (value.device, value.tag, at)
        if key not in found or one.version > found[key].version:
            found[key] = one
    return [found[key] for key in sorted(found)]


def facts(rows: Iterable[Row]) -> dict[FactKey, Sequence[tuple[int, float | None]]]:
    """(second, value) of each fact in order; None where the device said that there is none."""
    found: dict[FactKey, list[tuple[int, float | None]]] = {}
    for tags, at, fields in rows:
        key = FactKey(
            plain(tags["device"]),
            FactName(tags["name"]),
            plain(tags["tag"]) if "tag" in tags else "",
            plain(tags["source"]),
        )
        found.setdefault(key, []).append((at, fields.get("value")))
    return {key: sorted(values, key=lambda one: one[0]) for key, values in found.items()}


def _whole(fields: Mapping[str, float], name: str) -> int | None:
    return int(fields[name]) if name in fields else None
