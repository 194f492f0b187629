"""Points of the line protocol from pieces of the log. The schema is in docs/outside-databases.md.

A point is written again with the same series and time, so the database keeps it once. What may
change of one thing is kept apart by its version, and otherwise only rises: whoever keeps several
values of one second may take the highest.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.domain.cursors import Piece, VersionedHour, VersionedMeasurement
from monitor.domain.facts import Fact, FactName
from monitor.domain.measurement import UNITS_PER_SESSION
from monitor.domain.readings import ReadingColumns
from monitor.store.line.text import tag

READING: Final = "cube_reading"
HOUR: Final = "cube_hour"
MEASUREMENT: Final = "cube_measurement"
FACT: Final = "cube_fact"

TAGGED: Final = frozenset(
    {
        FactName.OUT_OF_COMPLIANCE,
        FactName.USAGE_COUNT,
        FactName.DYNAMIC_USAGE_COUNT,
        FactName.REQUESTED_COUNT,
        FactName.RECENT_COUNT,
    }
)
"""Facts whose key is a licence tag. Other facts with a key are not written: their keys are instants
or words of devices, and each would begin a series."""

_EARLIEST: Final = -(1 << 33)
_LATEST: Final = 1 << 33
"""Databases hold nanoseconds in 64 bits: about 1698 to 2242 fits all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What cannot be written at all."""

    reason: str
    line: str
    points: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Lines, with what was checked before sending and found to be no point."""

    lines: Sequence[str]
    refused: Sequence[Refused]


def points(piece: Piece) -> Points:
    """The lines of a piece, in its order."""
    lines: list[str] = []
    refused: list[Refused] = []
    for columns in piece.readings:
        _readings(columns, lines, refused)
    rest = [
        *map(_hour, piece.hours),
        *map(_measurement, piece.measurements),
        *(_fact(one) for one in piece.facts if is_written(one)),
    ]
    for at, parts in rest:
        try:
            lines.append(_line(at, *parts))
        except ValueError as error:
            refused.append(Refused(reason=str(error), line=repr((at, *parts))))
    return Points(lines=lines, refused=refused)


def _readings(columns: ReadingColumns, lines: list[str], refused: list[Refused]) -> None:
    heads = []
    for series in columns.series:
        try:
            heads.append(_head(READING, series._asdict()) + " sessions=")
        except ValueError as error:
            heads.append("")
            refused.append(Refused(reason=str(error), line=repr(series)[:_LONGEST_SHOWN]))
    rows = zip(columns.which, columns.seconds, columns.counts, strict=True)
    if all(heads) and _within(columns.seconds):
        lines += [f"{heads[which]}{count}i {second}" for which, second, count in rows]
        return
    for which, second, count in rows:
        if not _EARLIEST < second < _LATEST:
            line = f"{heads[which]}{count}i {second}"
            refused.append(Refused(reason="no database holds this time", line=line))
        elif heads[which]:
            lines.append(f"{heads[which]}{count}i {second}")


_LONGEST_SHOWN: Final = 2_000


def _within(seconds: Sequence[int]) -> bool:
    return not seconds or (min(seconds) > _EARLIEST and max(seconds) < _LATEST)


Parts = tuple[str, dict[str, str], dict[str, float | None]]


def _hour(one: VersionedHour) -> tuple[int, Parts]:
    value = one.value
    tags = {"device": value.device, "tag": value.tag, "version": str(one.version)}
    fields: dict[str, float | None] = {
        "units": value.units,
        "sessions": _sessions(value.units),
        "seconds": value.seconds,
        "minutes": value.minutes,
    }
    return value.start, (HOUR, tags, fields)


def _measurement(one: VersionedMeasurement) -> tuple[int, Parts]:
    measured = one.measurement
    tags = {
        "device": measured.device,
        "tag": measured.tag,
        "version": str(measured.version),
        "reason": measured.reason.value,
        "profile": measured.profile,
    }
    fields: dict[str, float | None] = {
        "end": measured.end,
        "units": measured.units,
        "sessions": _sessions(measured.units),
        "count": measured.count,
        "coverage": float(measured.coverage),
        "minute_coverage": float(measured.minute_coverage),
        "changed": int(measured.changed),
        "replaced": int(one.replaced),
    }
    return measured.start, (MEASUREMENT, tags, fields)


def _sessions(units: int | None) -> float | None:
    return None if units is None else units / UNITS_PER_SESSION


def is_written(fact: Fact) -> bool:
    """Numbers and instants, and that there is none; no words, no keys that are no licence tags."""
    return not isinstance(fact.value, str) and (not fact.key or fact.name in TAGGED)


def _fact(fact: Fact) -> tuple[int, Parts]:
    tags = {"device": fact.subject, "name": fact.name.value, "source": fact.source}
    if fact.key:
        tags["tag"] = fact.key
    none = fact.value is None
    value = None if none else float(fact.value or 0)
    return math.floor(fact.effective), (FACT, tags, {"value": value, "none": int(none)})


def _head(measurement: str, tags: dict[str, str]) -> str:
    # In order, as InfluxDB wants series for speed.
    return ",".join([measurement, *(f"{name}={tag(text)}" for name, text in sorted(tags.items()))])


def _line(at: int, measurement: str, tags: dict[str, str], fields: dict[str, float | None]) -> str:
    if not _EARLIEST < at < _LATEST:
        raise ValueError("no database holds this time")
    return f"{_head(measurement, tags)} {','.join(_fields(fields))} {at}"


def _fields(fields: dict[str, float | None]) -> Iterator[str]:
    for name, value in fields.items():
        if value is None:
            continue
        if not math.isfinite(value):
            raise ValueError(f"{name} is not a finite number")
        yield f"{name}={value}i" if isinstance(value, int) else f"{name}={value!r}"
