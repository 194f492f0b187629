"""Origins, hour values and chains of measurements, and the aggregator's questions about them."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from monitor.domain.cursors import VersionedHour, VersionedMeasurement
from monitor.domain.measurement import Chain, HourValue, Measurement, Reason
from monitor.domain.records import Origin
from monitor.store.embedded.serials import serials
from monitor.store.embedded.text import storable

Versions = Literal["latest", "all"]

_COLUMNS: Final = (
    "device, tag, start, end, units, count, coverage, minute_coverage, reason, changed, profile,"
    " version"
)
_INSERT: Final = (
    f"INSERT OR REPLACE INTO measurements ({_COLUMNS}, serial, replaced)"  # noqa: S608 - constants only
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
)
# An hour worked out again to the same value has not changed: nobody need hear of it again.
_INSERT_HOUR: Final = (
    "INSERT INTO hours (device, tag, start, units, seconds, minutes, serial)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (device, tag, start) DO UPDATE SET"
    " units = excluded.units, seconds = excluded.seconds, minutes = excluded.minutes,"
    " serial = excluded.serial, version = version + 1"
    " WHERE (units, seconds, minutes) IS NOT"
    " (excluded.units, excluded.seconds, excluded.minutes)"
)


def write_origins(connection: sqlite3.Connection, origins: Iterable[Origin]) -> None:
    """Write inside the caller's transaction; an origin that is there already stays."""
    connection.executemany(
        "INSERT OR IGNORE INTO origins (device, tag, start) VALUES (?, ?, ?)",
        [(*_key(one), one.start) for one in origins],
    )


def write_hours(connection: sqlite3.Connection, hours: Sequence[HourValue]) -> None:
    """Write inside the caller's transaction; an hour worked out again replaces itself."""
    connection.executemany(
        _INSERT_HOUR,
        [
            (*_key(one), one.start, one.units, one.seconds, one.minutes, serial)
            for one, serial in zip(hours, serials(connection, len(hours)), strict=True)
        ],
    )


def write_chains(connection: sqlite3.Connection, chains: Iterable[Chain]) -> None:
    """Write inside the caller's transaction; older versions from `start` on become replaced."""
    for chain in chains:
        key = _key(chain)
        _replace(connection, (*key, chain.start, chain.version))
        numbers = serials(connection, len(chain.measurements))
        connection.executemany(
            _INSERT,
            [
                (*_row(key, one), serial)
                for one, serial in zip(chain.measurements, numbers, strict=True)
            ],
        )
        connection.execute(
            "INSERT INTO chains (device, tag, version) VALUES (?, ?, ?)"
            " ON CONFLICT (device, tag) DO UPDATE SET version = MAX(version, excluded.version)",
            (*key, chain.version),
        )


def _replace(connection: sqlite3.Connection, before: tuple[str, str, int, int]) -> None:
    gone = connection.execute(
        "SELECT device, tag, start, version FROM measurements"
        " WHERE device = ? AND tag = ? AND start >= ? AND version < ? AND replaced = 0",
        before,
    ).fetchall()
    connection.executemany(
        "UPDATE measurements SET replaced = 1, serial = ?"
        " WHERE device = ? AND tag = ? AND start = ? AND version = ?",
        [(serial, *row) for serial, row in zip(serials(connection, len(gone)), gone, strict=True)],
    )


def _key(one: Origin | HourValue | Chain) -> tuple[str, str]:
    return storable(one.device), storable(one.tag)


def _row(key: tuple[str, str], one: Measurement) -> tuple[str | int | float | None, ...]:
    return (
        *key,
        one.start,
        one.end,
        one.units,
        one.count,
        one.coverage,
        one.minute_coverage,
        one.reason.value,
        one.changed,
        one.profile,
        one.version,
    )


def origin(connection: sqlite3.Connection, device: str, tag: str) -> int | None:
    """Start of the first period of a (device, tag)."""
    row = connection.execute(
        "SELECT start FROM origins WHERE device = ? AND tag = ?", (storable(device), storable(tag))
    ).fetchone()
    return None if row is None else int(row[0])


def latest_version(connection: sqlite3.Connection, device: str, tag: str) -> int:
    """The highest version of a chain of this (device, tag), 0 where there is none."""
    row = connection.execute(
        "SELECT version FROM chains WHERE device = ? AND tag = ?", (storable(device), storable(tag))
    ).fetchone()
    return 0 if row is None else int(row[0])


def checkpoint(
    connection: sqlite3.Connection, device: str, tag: str, at: int
) -> Measurement | None:
    """The newest measurement of the latest version that ended at or before `at`."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM measurements"  # noqa: S608 - constants only
        " WHERE device = ? AND tag = ? AND replaced = 0 AND end <= ? ORDER BY end DESC LIMIT 1",
        (storable(device), storable(tag), at),
    ).fetchone()
    return None if row is None else _measurement(row)


def hours(
    connection: sqlite3.Connection, device: str, tag: str, start: int, end: int
) -> list[HourValue]:
    """Hour values that begin in [start, end), in order."""
    rows = connection.execute(
        "SELECT start, units, seconds, minutes FROM hours"
        " WHERE device = ? AND tag = ? AND start >= ? AND start < ? ORDER BY start",
        (storable(device), storable(tag), start, end),
    )
    return [
        HourValue(device=device, tag=tag, start=at, units=units, seconds=seconds, minutes=minutes)
        for at, units, seconds, minutes in rows
    ]


def read_measurements(
    connection: sqlite3.Connection,
    of: tuple[str | None, str | None],
    between: tuple[int | None, int | None],
    versions: Versions,
    limit: int | None,
) -> list[Measurement]:
    """Those that overlap the range, the newest `limit`, ordered by end, newest last."""
    asked = {
        "device = ?": None if of[0] is None else storable(of[0]),
        "tag = ?": None if of[1] is None else storable(of[1]),
        "end > ?": between[0],
        "start < ?": between[1],
        "replaced = ?": 0 if versions == "latest" else None,
    }
    wanted = {clause: value for clause, value in asked.items() if value is not None}
    where = " AND ".join(wanted) or "TRUE"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM measurements WHERE {where}"  # noqa: S608 - constants only
        " ORDER BY end DESC, device DESC, tag DESC, version DESC LIMIT ?",
        (*wanted.values(), -1 if limit is None else limit),
    )
    return [_measurement(row) for row in reversed(rows.fetchall())]


def measurements_after(
    connection: sqlite3.Connection, serial: int, most: int
) -> tuple[list[VersionedMeasurement], int]:
    """At most so many that changed after a serial, in the order of changing; the last serial."""
    rows = connection.execute(
        f"SELECT {_COLUMNS}, replaced, serial FROM measurements"  # noqa: S608 - constants only
        " WHERE serial > ? ORDER BY serial LIMIT ?",
        (serial, most),
    ).fetchall()
    found = [VersionedMeasurement(_measurement(row[:-2]), bool(row[-2])) for row in rows]
    return found, rows[-1][-1] if rows else serial


def hours_after(
    connection: sqlite3.Connection, serial: int, most: int
) -> tuple[list[VersionedHour], int]:
    """At most so many that changed after a serial, in the order of changing; the last serial."""
    rows = connection.execute(
        "SELECT device, tag, start, units, seconds, minutes, version, serial FROM hours"
        " WHERE serial > ? ORDER BY serial LIMIT ?",
        (serial, most),
    ).fetchall()
    found = [
        VersionedHour(
            HourValue(
                device=row[0],
                tag=row[1],
                start=row[2],
                units=row[3],
                seconds=row[4],
                minutes=row[5],
            ),
            row[6],
        )
        for row in rows
    ]
    return found, rows[-1][-1] if rows else serial


def _measurement(row: Sequence[Any]) -> Measurement:
    names = [name.strip() for name in _COLUMNS.split(",")]
    fields = dict(zip(names, row, strict=True))
    fields["reason"] = Reason(fields["reason"])
    fields["changed"] = bool(fields["changed"])
    return Measurement(**fields)
