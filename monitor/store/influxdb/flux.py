"""The Flux queries by which points are read back. What comes from outside is quoted."""

from collections.abc import Mapping
from typing import Final

from monitor.domain.instants import rfc3339
from monitor.store.line.points import READING
from monitor.store.line.text import coded

_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def quoted(text: str) -> str:
    """A Flux string, in which nothing is evaluated."""
    return '"' + text.translate(_ESCAPES).replace("${", "\\${") + '"'


def readings(bucket: str, between: tuple[int, int], tags: Mapping[str, str]) -> str:
    """Readings of some series in [start, end), as _time, _value and their tags."""
    wanted = {"_measurement": READING, "_field": "sessions"}
    wanted |= {name: coded(text) for name, text in tags.items()}
    return (
        f"{_from(bucket, between)}"
        f"  |> filter(fn: (r) => {_all(wanted)})\n"
        '  |> keep(columns: ["_time", "_value", "device", "tag", "source"])\n'
    )


def rows(bucket: str, measurement: str, between: tuple[int, int], tags: Mapping[str, str]) -> str:
    """Whole points of a measurement in [start, end), a column for each field."""
    wanted = {"_measurement": measurement}
    wanted |= {name: coded(text) for name, text in tags.items()}
    # Fields of different types cannot share a column until they are pivoted.
    return (
        f"{_from(bucket, between)}"
        f"  |> filter(fn: (r) => {_all(wanted)})\n"
        "  |> toFloat()\n"
        '  |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")\n'
        '  |> drop(columns: ["_start", "_stop", "_measurement"])\n'
    )


def _from(bucket: str, between: tuple[int, int]) -> str:
    start, end = map(rfc3339, between)
    return f"from(bucket: {quoted(bucket)})\n  |> range(start: {start}, stop: {end})\n"


def _all(wanted: Mapping[str, str]) -> str:
    return " and ".join(f"r.{name} == {quoted(text)}" for name, text in wanted.items())
