"""At which level a device's past is still kept, hour by hour."""

import sqlite3
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Final

from monitor.domain.levels import Level, LevelSpan
from monitor.store.embedded import minutes
from monitor.store.embedded.packing import SECONDS
from monitor.store.embedded.retention import HOURS_FLOOR, MINUTES_FLOOR, SECONDS_FLOOR, floor_of
from monitor.store.embedded.text import storable

_CHUNKS: Final = (
    "SELECT DISTINCT chunks.hour FROM series JOIN chunks ON chunks.series = series.id"
    " WHERE series.device = ? AND chunks.hour >= ? AND chunks.hour < ?"
)
_HOURS: Final = (
    "SELECT DISTINCT start / 3600 FROM hours WHERE device = ? AND start >= ? AND start < ?"
)


def spans(connection: sqlite3.Connection, device: str, hours: range) -> list[LevelSpan]:
    """The levels of whole UTC hours, spans of one level each, rising, without gaps."""
    found: list[LevelSpan] = []
    for level, run in groupby(_levels(connection, device, hours), key=lambda one: one[1]):
        same = [hour for hour, _ in run]
        found.append(LevelSpan(level, same[0] * SECONDS, (same[-1] + 1) * SECONDS))
    return found


def _levels(
    connection: sqlite3.Connection, device: str, hours: range
) -> Iterator[tuple[int, Level]]:
    kept = minutes.hours_of(connection, device, hours)
    seconds, of_minutes, of_hours = (
        floor_of(connection, name) for name in (SECONDS_FLOOR, MINUTES_FLOOR, HOURS_FLOOR)
    )
    old = range(hours.start, min(hours.stop, seconds))
    late = _set(connection, _CHUNKS, (storable(device), old.start, old.stop)) - kept
    for hour in hours:
        if hour in kept:
            yield hour, Level.MINUTES
        elif hour >= seconds or hour in late:
            yield hour, Level.SECONDS
        elif hour >= of_minutes:
            yield hour, Level.MINUTES
        else:
            yield hour, Level.HOURS if hour >= of_hours else Level.MEASUREMENTS


def sealed(connection: sqlite3.Connection, device: str, hours: Collection[int]) -> set[int]:
    """Those of the UTC hours that were measured and whose seconds are gone, in whole or in part.

    Late readings of them are kept, but alone they would say too little.
    """
    if not hours or min(hours) >= floor_of(connection, SECONDS_FLOOR):
        return set()
    around = range(min(hours), max(hours) + 1)
    gone = minutes.hours_of(connection, device, around)
    floor = min(around.stop, floor_of(connection, MINUTES_FLOOR))
    measured = (storable(device), around.start * SECONDS, floor * SECONDS)
    return (gone | _set(connection, _HOURS, measured)).intersection(hours)


def _set(connection: sqlite3.Connection, query: str, values: tuple[str, int, int]) -> set[int]:
    return {hour for (hour,) in connection.execute(query, values)}
