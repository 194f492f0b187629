"""The audit log: rows are added, none is ever changed or removed."""

import sqlite3
from collections.abc import Iterable
from typing import Final

from monitor.domain.audit import AuditRecord
from monitor.store.embedded.text import storable

AUDIT_TABLE: Final = """
-- Who changed what by hand, when and from where..
CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, who TEXT NOT NULL,
    claimed TEXT NOT NULL, origin TEXT NOT NULL, action TEXT NOT NULL, what TEXT NOT NULL,
    result TEXT NOT NULL, request_id TEXT NOT NULL, UNIQUE (time, action, request_id))
"""
_COLUMNS: Final = "time, who, claimed, origin, action, what, result, request_id"


def write_audit(connection: sqlite3.Connection, records: Iterable[AuditRecord]) -> None:
    """Write inside the caller's transaction; one that is there already changes nothing."""
    connection.executemany(
        f"INSERT OR IGNORE INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - columns are ours
        [
            (
                one.time,
                *map(storable, (one.who, one.claimed, one.origin, one.action, one.what)),
                *map(storable, (one.result, one.request_id)),
            )
            for one in records
        ],
    )


def read_audit(
    connection: sqlite3.Connection, before: int | None, limit: int
) -> list[tuple[int, AuditRecord]]:
    """The newest with numbers below `before`, newest first."""
    rows = connection.execute(
        f"SELECT id, {_COLUMNS} FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?",  # noqa: S608 - columns are ours
        ((1 << 62) if before is None else before, limit),
    )
    return [
        (
            row[0],
            AuditRecord(
                time=row[1],
                who=row[2],
                claimed=row[3],
                origin=row[4],
                action=row[5],
                what=row[6],
                result=row[7],
                request_id=row[8],
            ),
        )
        for row in rows
    ]
