"""How long each level is kept: what is older goes, in short steps between commits."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.domain.instants import DAY, HOUR
from monitor.domain.readings import MERGED, Series
from monitor.store.embedded import minutes, packing, points
from monitor.store.embedded.catalogue import Catalogue
from monitor.store.embedded.minutes import Merge, StoredMinutes
from monitor.store.embedded.opening import counter
from monitor.store.embedded.sessions import transaction
from monitor.store.embedded.tail import Tail

_SERIES_A_STEP: Final = 32
_ROWS_A_STEP: Final = 1_024
_EVENTS_A_STEP: Final = 256

SECONDS_FLOOR: Final = "seconds_floor"
MINUTES_FLOOR: Final = "minutes_floor"
HOURS_FLOOR: Final = "hours_floor"
"""Names in `meta`: the first hour since 1970 of which the level is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """For how many days each level is kept."""

    seconds: int = 8
    minutes: int = 100
    hours: int = 3 * 365 + 1
    measurements: int = 3 * 365 + 1
    events: int = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Seconds that went, and what stays of them."""

    hour: int
    lines: int
    by_second: NDArray[np.int64]
    """Readings of each second of the hour."""

    @property
    def readings(self) -> int:
        """All of them."""
        return int(self.by_second.sum())

    def since(self, second: int) -> int:
        """Readings of that second (since 1970 UTC) and later ones."""
        return int(self.by_second[max(0, second - self.hour * HOUR) :].sum())


# What a reader outside has not been given yet stays.
_OLD_HOURS: Final = (
    "DELETE FROM hours WHERE (device, tag, start) IN (SELECT device, tag, start FROM hours"
    " WHERE start < ? AND serial <= COALESCE((SELECT MIN(place) FROM positions WHERE kind = ?),"
    " 4611686018427387904) ORDER BY start LIMIT ?)"
)
# The newest of a chain stays whatever its age: the next one is compared with it.
_OLD_MEASUREMENTS: Final = (
    "DELETE FROM measurements WHERE (device, tag, start, version) IN"
    " (SELECT device, tag, start, version FROM measurements AS one WHERE end < ?"
    " AND serial <= COALESCE((SELECT MIN(place) FROM positions WHERE kind = ?),"
    " 4611686018427387904)"
    " AND EXISTS (SELECT 1 FROM measurements AS later"
    " WHERE later.device = one.device AND later.tag = one.tag AND later.replaced = 0"
    " AND later.end > one.end) LIMIT ?)"
)
_OLD_EVENTS: Final = (
    "DELETE FROM events WHERE id IN"
    " (SELECT id FROM events WHERE received < ? ORDER BY received LIMIT ?)"
)
_OLD_LETTERS: Final = (
    "DELETE FROM dead_letters WHERE id IN"
    " (SELECT id FROM dead_letters WHERE received < ? ORDER BY id LIMIT ?)"
)
_OLD_MINUTES: Final = (
    "DELETE FROM minutes WHERE rowid IN"
    " (SELECT rowid FROM minutes WHERE hour < ? ORDER BY hour LIMIT ?)"
)


class Retention:
    """Works in the writer thread between commits; every step is one short transaction."""

    def __init__(self, connection: sqlite3.Connection, catalogue: Catalogue, tail: Tail) -> None:
        self._connection = connection
        self._catalogue = catalogue
        self._tail = tail
        self.merge: Merge | None = None
        """Minute values of all sources together; without it only each source's own are kept."""

    def step(self, now: float, keep: Keep) -> int:
        """Rows that went; 0 where nothing is too old."""
        return (
            self._seconds(int(now - keep.seconds * DAY) // HOUR)
            or self.drop_minutes(int(now - keep.minutes * DAY) // HOUR)
            or self._old(_OLD_HOURS, int(now - keep.hours * DAY), ("hours", _ROWS_A_STEP))
            or self._old(
                _OLD_MEASUREMENTS,
                int(now - keep.measurements * DAY),
                ("measurements", _ROWS_A_STEP),
            )
            or self.drop_events(now - keep.events * DAY)
        )

    def seal(self, before: int, *, forced: bool = False) -> Seal | None:
        """Let seconds of the oldest hour before `before` go, for some devices; minutes stay.

        Not before they were measured, unless forced.
        """
        found = self._oldest(before, forced=forced)
        if found is None:
            return None
        hour, numbers = found
        lines = {number: self._line(number, hour) for number in numbers}
        rows = self._condensed(hour, lines)
        with transaction(self._connection):
            minutes.write(self._connection, rows)
            self._connection.executemany(
                "DELETE FROM chunks WHERE series = ? AND hour = ?",
                [(number, hour) for number in numbers],
            )
            raise_floor(self._connection, SECONDS_FLOOR, hour + 1)
            points.reach("retention-before-commit")
        points.reach("retention-mid")
        if hour in self._tail.known():
            # Memory holds them too: what is left of this hour is read from the database.
            self._tail.spill([hour])
        by_second = np.count_nonzero(np.stack(list(lines.values())), axis=0)
        return Seal(hour=hour, lines=len(numbers), by_second=by_second)

    def drop_minutes(self, before: int) -> int:
        """Let minutes of hours before this one go."""
        connection = self._connection
        (oldest,) = connection.execute("SELECT MIN(hour) FROM minutes").fetchone()
        if oldest is None or oldest >= before:
            return 0
        with transaction(connection):
            gone = connection.execute(_OLD_MINUTES, (before, _ROWS_A_STEP)).rowcount
            (left,) = connection.execute("SELECT MIN(hour) FROM minutes").fetchone()
            raise_floor(
                connection, MINUTES_FLOOR, before if left is None else min(before, left + 1)
            )
        return gone

    def drop_events(self, before: float) -> int:
        """Let events and dead letters received before this go."""
        connection = self._connection
        gone = 0
        for query, table in ((_OLD_EVENTS, "events"), (_OLD_LETTERS, "dead_letters")):
            (oldest,) = connection.execute(
                f"SELECT MIN(received) FROM {table}"  # noqa: S608 - constants only
            ).fetchone()
            if oldest is not None and oldest < before:
                with transaction(connection):
                    gone += connection.execute(query, (before, _EVENTS_A_STEP)).rowcount
        return gone

    def _seconds(self, before: int) -> int:
        # What a reader has not passed, or is being given again, stays.
        (row,) = self._connection.execute("SELECT MIN(first) FROM batches").fetchone()
        (place,) = self._connection.execute(
            "SELECT MIN(place) FROM positions WHERE kind = 'repeat'"
        ).fetchone()
        held = [second // HOUR for second in (row, place) if second is not None]
        sealed = self.seal(min([before, *held]))
        return 0 if sealed is None else sealed.lines

    def _old(self, query: str, before: int, of: tuple[str, int]) -> int:
        kind, most = of
        column = {"hours": "start", "measurements": "end"}[kind]
        (oldest,) = self._connection.execute(
            f"SELECT MIN({column}) FROM {kind}"  # noqa: S608 - constants only
        ).fetchone()
        if oldest is None or oldest >= before:
            return 0
        with transaction(self._connection):
            gone = self._connection.execute(query, (before, kind, most)).rowcount
            if kind == "hours" and gone:
                raise_floor(self._connection, HOURS_FLOOR, -(-before // HOUR))
        return gone

    def _oldest(self, before: int, *, forced: bool) -> tuple[int, list[int]] | None:
        """The oldest hour that may go, and series in it: all of a device or none."""
        waiting = "" if forced else f" AND NOT EXISTS ({_MARKED})"
        row = self._connection.execute(
            f"SELECT hour FROM chunks WHERE hour < ?{waiting} ORDER BY hour LIMIT 1",  # noqa: S608 - constants only
            (before,),
        ).fetchone()
        if row is None:
            return None
        numbers = [
            number
            for (number,) in self._connection.execute(
                f"SELECT series FROM chunks WHERE hour = ?{waiting}",  # noqa: S608 - constants only
                row,
            )
        ]
        return row[0], self._whole_devices(numbers)

    def _whole_devices(self, numbers: Sequence[int]) -> list[int]:
        by_device: dict[str, list[int]] = {}
        for number in numbers:
            by_device.setdefault(self._catalogue[number].device, []).append(number)
        chosen: list[int] = []
        for device in sorted(by_device):
            if chosen and len(chosen) + len(by_device[device]) > _SERIES_A_STEP:
                break
            chosen += by_device[device]
        return chosen

    def _line(self, number: int, hour: int) -> NDArray[np.integer]:
        codec, data = self._connection.execute(
            "SELECT codec, data FROM chunks WHERE series = ? AND hour = ?", (number, hour)
        ).fetchone()
        return packing.decode(codec, data)

    def _condensed(
        self, hour: int, lines: Mapping[int, NDArray[np.integer]]
    ) -> list[StoredMinutes]:
        dense = {
            self._catalogue[number]: line.astype(np.int32)[None, :] - 1
            for number, line in lines.items()
        }
        rows = [_row(series, hour, minutes.condensed(one)) for series, one in dense.items()]
        if self.merge is not None:
            for device in sorted({series.device for series in dense}):
                mine = {series: one for series, one in dense.items() if series.device == device}
                rows += _merged_rows(self.merge, device, hour, mine)
        return rows


_MARKED: Final = (
    "SELECT 1 FROM series JOIN touched ON touched.device = series.device"
    " WHERE series.id = chunks.series AND touched.hour = chunks.hour"
)


def _merged_rows(
    merge: Merge, device: str, hour: int, dense: Mapping[Series, NDArray[np.integer]]
) -> list[StoredMinutes]:
    return [
        _row(Series(device, tag, MERGED), hour, minutes.MinuteValues(*arrays))
        for tag, arrays in merge(device, dense).items()
        if bool((arrays[0] >= 0).any())
    ]


def _row(series: Series, hour: int, values: minutes.MinuteValues) -> StoredMinutes:
    alone = minutes.MinuteValues(values.values[0], values.seconds[0])
    return StoredMinutes(series, hour, alone)


def raise_floor(connection: sqlite3.Connection, name: str, hour: int) -> None:
    """A level is no longer whole before this hour; inside the caller's transaction."""
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = MAX(value, excluded.value)",
        (name, hour),
    )


def floor_of(connection: sqlite3.Connection, name: str) -> int:
    """The first hour since 1970 of which a level is whole."""
    return counter(connection, name)
