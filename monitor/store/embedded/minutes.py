"""The minutes level: what stays of an hour of one series when its seconds go."""

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.domain.readings import MERGED, Series
from monitor.store.embedded.packing import DamageError
from monitor.store.embedded.text import storable

MINUTES: Final = 60
ABSENT: Final = -1
SIXTHS: Final = 6
"""A mean of at most three counts, times this, is a whole number."""

_DEFLATED: Final = 16
_WIDTHS: Final[dict[int, np.dtype[np.unsignedinteger]]] = {
    1: np.dtype("<u1"),
    2: np.dtype("<u2"),
    4: np.dtype("<u4"),
    8: np.dtype("<u8"),
}

Dense = NDArray[np.integer]
"""Counts by second, shape (hours, 3600); -1 where there is no reading."""


class MinuteValues(NamedTuple):
    """Two arrays of one shape, (hours, 60)."""

    values: NDArray[np.int64]
    """Mean of the three highest readings in sixths of a session; -1 where there is none."""
    seconds: NDArray[np.int64]
    """How many seconds had a reading."""


Arrays = tuple[NDArray[np.int64], NDArray[np.int64]]
"""The same two, as they come from measuring."""
Merge = Callable[[str, Mapping[Series, Dense]], Mapping[str, Arrays]]
"""From a device's seconds to the minute values of all its sources together, by tag."""


class StoredMinutes(NamedTuple):
    """One hour of one line."""

    series: Series
    hour: int
    values: MinuteValues


def condensed(dense: Dense) -> MinuteValues:
    """Minute values of dense hours."""
    by_minute = dense.reshape(len(dense), MINUTES, -1)
    top = np.partition(by_minute, (-3, -2, -1), axis=2)[:, :, -3:].astype(np.int64)
    third, second, first = top[:, :, 0], top[:, :, 1], top[:, :, 2]
    values = np.select(
        [third >= 0, second >= 0, first >= 0],
        [2 * (first + second + third), 3 * (first + second), SIXTHS * first],
        ABSENT,
    )
    return MinuteValues(values, (by_minute >= 0).sum(axis=2, dtype=np.int64))


def merged(one: MinuteValues, other: MinuteValues) -> MinuteValues:
    """Both together, where neither's seconds are there any more: the highest, a lower bound."""
    return MinuteValues(
        np.maximum(one.values, other.values), np.maximum(one.seconds, other.seconds)
    )


def encode(values: MinuteValues) -> bytes:
    """One hour: shapes (60,)."""
    shifted = values.values + 1
    top = int(shifted.max())
    width = next(width for width in _WIDTHS if top < 1 << 8 * width)
    plain = shifted.astype(_WIDTHS[width]).tobytes() + values.seconds.astype("<u1").tobytes()
    small = zlib.compress(plain, 6)
    if len(small) < len(plain):
        return bytes([width | _DEFLATED]) + small
    return bytes([width]) + plain


def decode(data: bytes) -> MinuteValues:
    """What `encode` was given; DamageError where it cannot be that."""
    try:
        head, rest = data[0], data[1:]
        width = _WIDTHS[head & ~_DEFLATED]
        wanted = MINUTES * (width.itemsize + 1)
        plain = zlib.decompressobj().decompress(rest, wanted + 1) if head & _DEFLATED else rest
        _check(len(plain), wanted)
        values = np.frombuffer(plain, width, MINUTES)
        seconds = np.frombuffer(plain, np.uint8, MINUTES, MINUTES * width.itemsize)
    except (zlib.error, ValueError, KeyError, IndexError) as error:
        raise DamageError(f"stored minutes cannot be read: {error}") from error
    return MinuteValues(values.astype(np.int64) - 1, seconds.astype(np.int64))


def _check(length: int, wanted: int) -> None:
    if length != wanted:
        raise ValueError(f"{length} bytes instead of {wanted}")


def write(connection: sqlite3.Connection, rows: Iterable[StoredMinutes]) -> None:
    """Write inside the caller's transaction; what is there already is merged in.

    A line of all sources that says the same as one source's is kept as a reference to it.
    """
    rows = sorted(rows, key=lambda row: row.series.source == MERGED)
    numbers = _numbered(connection, {row.series for row in rows})
    alone: dict[tuple[str, int, bytes], int] = {}
    for row in rows:
        line = numbers[row.series]
        data = encode(_with_stored(connection, line, row))
        key = (row.series.device, row.hour, data)
        same = alone.get(key) if row.series.source == MERGED else None
        if row.series.source != MERGED:
            alone[key] = line
        connection.execute(
            "INSERT OR REPLACE INTO minutes (line, hour, same, data) VALUES (?, ?, ?, ?)",
            (line, row.hour, same, data if same is None else b""),
        )


def _with_stored(connection: sqlite3.Connection, line: int, row: StoredMinutes) -> MinuteValues:
    found = connection.execute(_ONE, (line, row.hour)).fetchone()
    return row.values if found is None else merged(decode(found[0]), row.values)


_ONE: Final = (
    "SELECT COALESCE(other.data, minutes.data) FROM minutes LEFT JOIN minutes AS other"
    " ON other.line = minutes.same AND other.hour = minutes.hour"
    " WHERE minutes.line = ? AND minutes.hour = ?"
)


def _numbered(connection: sqlite3.Connection, series: Iterable[Series]) -> dict[Series, int]:
    numbers: dict[Series, int] = {}
    for one in sorted(series):
        kept = tuple(map(storable, one))
        connection.execute(
            "INSERT OR IGNORE INTO lines (device, tag, source) VALUES (?, ?, ?)", kept
        )
        (numbers[one],) = connection.execute(
            "SELECT id FROM lines WHERE device = ? AND tag = ? AND source = ?", kept
        ).fetchone()
    return numbers


_OF_DEVICE: Final = (
    "SELECT lines.tag, lines.source, minutes.hour, COALESCE(other.data, minutes.data)"
    " FROM lines JOIN minutes ON minutes.line = lines.id"
    " LEFT JOIN minutes AS other ON other.line = minutes.same AND other.hour = minutes.hour"
    " WHERE lines.device = ? AND minutes.hour >= ? AND minutes.hour < ?"
)


def read(
    connection: sqlite3.Connection, device: str, hours: range
) -> Mapping[Series, MinuteValues]:
    """Minute values of a device's lines in whole UTC hours; lines without any are left out."""
    found: dict[Series, MinuteValues] = {}
    rows = connection.execute(_OF_DEVICE, (storable(device), hours.start, hours.stop))
    for tag, source, hour, data in rows:
        series = Series(device, tag, source)
        into = found.get(series) or found.setdefault(series, _nothing(len(hours)))
        values = decode(data)
        into.values[hour - hours.start] = values.values
        into.seconds[hour - hours.start] = values.seconds
    return found


def _nothing(hours: int) -> MinuteValues:
    return MinuteValues(
        np.full((hours, MINUTES), ABSENT, np.int64), np.zeros((hours, MINUTES), np.int64)
    )


def hours_of(connection: sqlite3.Connection, device: str, hours: range) -> set[int]:
    """UTC hours of a device of which minutes are kept."""
    return {
        hour
        for (hour,) in connection.execute(
            "SELECT DISTINCT minutes.hour FROM lines JOIN minutes ON minutes.line = lines.id"
            " WHERE lines.device = ? AND minutes.hour >= ? AND minutes.hour < ?",
            (storable(device), hours.start, hours.stop),
        )
    }
