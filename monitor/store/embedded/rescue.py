"""Get out of a broken or unwritable database what can still be read."""

import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from monitor.errors import MonitorError
from monitor.store.embedded import minutes, packing
from monitor.store.embedded.packing import DamageError
from monitor.store.embedded.schema import version_of
from monitor.store.embedded.sessions import connect, transaction

logger = logging.getLogger(__name__)

BULK: Final = ("batches", "chunks", "minutes", "events", "dead_letters")
"""Tables that may be large; all others are knowledge, of which the service needs all."""
_ROWS: Final = 500
_BULK_SECONDS: Final = 30.0
"""So long the start waits for bulk; what is not out by then stays in the file set aside."""
_ORDERS: Final = ("", " ORDER BY 1 DESC")
"""From the other end too: what lies behind a broken page is reached from there."""


@dataclass(slots=True, kw_only=True)
class Rescued:
    """What came out."""

    rows: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    """Tables of which something could not be read, or there was no time."""

    def __str__(self) -> str:
        rows = ", ".join(f"{many} {table}" for table, many in self.rows.items() if many)
        lost = f"; not whole: {', '.join(self.broken)}" if self.broken else ""
        return (rows or "nothing") + lost


def rescue(path: Path, into: sqlite3.Connection, *, seconds: float = _BULK_SECONDS) -> Rescued:
    """Copy every row that can be read into a database of our schema that has none of them.

    The file is only read. `into` may fail like any write.
    """
    found = Rescued()
    with contextlib.ExitStack() as stack:
        source = _opened(path, stack)
        if source is None:
            found.broken.append("everything")
            return found
        ends = time.monotonic() + seconds
        for table in _tables(into):
            late = table in BULK and time.monotonic() > ends
            whole = not late and _copy(source, into, table, found, ends if table in BULK else None)
            if not whole:
                found.broken.append(table)
        _raise_number(into)
    return found


def knowledge(path: Path, into: sqlite3.Connection) -> Rescued:
    """Copy everything but the bulk, from a file that can perhaps not even be locked."""
    found = Rescued()
    with contextlib.ExitStack() as stack:
        source = _opened(path, stack)
        for table in _tables(into) if source is not None else ():
            if table not in BULK and source is not None:
                _copy(source, into, table, found, None)
    return found


def _opened(path: Path, stack: contextlib.ExitStack) -> sqlite3.Connection | None:
    if not path.exists():
        return None
    # A directory that is read only has no room for the log's index: then the log is left out.
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        connection = connect(f"{path.absolute().as_uri()}?{mode}")
        stack.callback(connection.close)
        try:
            # Lets a file be read that is shorter than its head says; nothing is written.
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
            version_of(connection)
        except (sqlite3.Error, MonitorError) as error:
            logger.warning("%s cannot be read (%s): %s", path, mode, error)
        else:
            return connection
    return None


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return sorted((name for (name,) in rows), key=lambda name: (name in BULK, name != "meta", name))


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _copy(
    source: sqlite3.Connection,
    into: sqlite3.Connection,
    table: str,
    found: Rescued,
    ends: float | None,
) -> bool:
    try:
        have = _columns(source, table)
    except sqlite3.Error:
        return False
    columns = [one for one in _columns(into, table) if one in have]
    if not columns:
        # Older than this table: nothing is missing.
        return True
    for order in _ORDERS:
        if _copy_in_order(source, into, (table, columns, order), (found, ends)):
            return True
    return False


def _copy_in_order(
    source: sqlite3.Connection,
    into: sqlite3.Connection,
    what: tuple[str, Sequence[str], str],
    how: tuple[Rescued, float | None],
) -> bool:
    table, columns, order = what
    found, ends = how
    sound = _SOUND.get(table)
    named = ", ".join(columns)
    insert = (
        f"INSERT OR {'REPLACE' if table == 'meta' else 'IGNORE'} INTO {table} ({named})"  # noqa: S608 - names of our own schema
        f" VALUES ({', '.join('?' * len(columns))})"
    )
    whole = True
    rows = _read(source, f"SELECT {named} FROM {table}{order}")  # noqa: S608 - names of our own schema
    while True:
        try:
            some = next(rows, None)
        except sqlite3.Error as error:
            logger.warning("table %s cannot be read to its end: %s", table, error)
            return False
        if some is None:
            return whole
        good = [row for row in some if sound is None or sound(dict(zip(columns, row, strict=True)))]
        whole = whole and len(good) == len(some)
        before = into.total_changes
        with transaction(into):
            into.executemany(insert, good)
        found.rows[table] = found.rows.get(table, 0) + into.total_changes - before
        if ends is not None and time.monotonic() > ends:
            return False


def _read(source: sqlite3.Connection, query: str) -> Iterator[list[tuple[Any, ...]]]:
    cursor = source.execute(query)
    while rows := cursor.fetchmany(_ROWS):
        yield rows


def _decodes(check: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], bool]:
    def sound(row: dict[str, Any]) -> bool:
        try:
            check(row)
        except (DamageError, TypeError, OverflowError):
            return False
        return True

    return sound


_SOUND: Final = {
    "batches": _decodes(lambda row: packing.unpack(row["data"], row["readings"])),
    "chunks": _decodes(lambda row: packing.decode(row["codec"], row["data"])),
    "minutes": _decodes(lambda row: row["same"] is not None or minutes.decode(row["data"])),
}


def _raise_number(connection: sqlite3.Connection) -> None:
    """Commits go on behind everything that readers have seen."""
    with transaction(connection):
        connection.execute(
            "UPDATE meta SET value = MAX(value,"
            " COALESCE((SELECT MAX(number) FROM batches), 0),"
            " COALESCE((SELECT MAX(number) FROM cursors), 0)) WHERE name = 'number'"
        )
        connection.execute(
            "UPDATE meta SET value = MAX(value,"
            " COALESCE((SELECT MAX(place) FROM positions WHERE kind NOT LIKE 'repeat%'), 0),"
            " COALESCE((SELECT MAX(serial) FROM hours), 0),"
            " COALESCE((SELECT MAX(serial) FROM measurements), 0),"
            " COALESCE((SELECT MAX(serial) FROM facts), 0)) WHERE name = 'serial'"
        )
