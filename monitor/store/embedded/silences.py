"""Maintenance windows and silences, with who set them and why; kept after their end."""

import json
import sqlite3
from collections.abc import Iterable

from monitor.domain.findings import Severity
from monitor.domain.maintenance import Window
from monitor.domain.silences import Silence
from monitor.store.embedded.text import storable


def write_windows(connection: sqlite3.Connection, windows: Iterable[Window]) -> None:
    """Write inside the caller's transaction; the last word on an id stays."""
    connection.executemany(
        "INSERT OR REPLACE INTO windows (id, subjects, start, end, by, reason, created, ended_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                one.id,
                json.dumps(one.subjects),
                one.start,
                one.end,
                storable(one.by),
                storable(one.reason),
                one.created,
                storable(one.ended_by),
            )
            for one in windows
        ],
    )


def read_windows(connection: sqlite3.Connection, most: int) -> list[Window]:
    """The last that end, latest end first."""
    rows = connection.execute(
        "SELECT id, subjects, start, end, by, reason, created, ended_by FROM windows"
        " ORDER BY end DESC, id LIMIT ?",
        (most,),
    )
    return [
        Window(
            id=row[0],
            subjects=tuple(json.loads(row[1])),
            start=row[2],
            end=row[3],
            by=row[4],
            reason=row[5],
            created=row[6],
            ended_by=row[7],
        )
        for row in rows
    ]


def write_silences(connection: sqlite3.Connection, silences: Iterable[Silence]) -> None:
    """Write inside the caller's transaction; the last word on an id stays."""
    connection.executemany(
        "INSERT OR REPLACE INTO silences (id, start, end, by, reason, rule, subject, severity,"
        " forced, created, ended_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                one.id,
                one.start,
                one.end,
                storable(one.by),
                storable(one.reason),
                storable(one.rule),
                storable(one.subject),
                None if one.severity is None else one.severity.value,
                one.forced,
                one.created,
                storable(one.ended_by),
            )
            for one in silences
        ],
    )


def read_silences(connection: sqlite3.Connection, most: int) -> list[Silence]:
    """The last that end, latest end first."""
    rows = connection.execute(
        "SELECT id, start, end, by, reason, rule, subject, severity, forced, created, ended_by"
        " FROM silences ORDER BY end DESC, id LIMIT ?",
        (most,),
    )
    return [
        Silence(
            id=row[0],
            start=row[1],
            end=row[2],
            by=row[3],
            reason=row[4],
            rule=row[5],
            subject=row[6],
            severity=None if row[7] is None else Severity(row[7]),
            forced=bool(row[8]),
            created=row[9],
            ended_by=row[10],
        )
        for row in rows
    ]
