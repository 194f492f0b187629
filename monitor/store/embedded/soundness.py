"""Whether a database is sound: SQLite's own check, and what must hold among our rows."""

import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import Any, Final

from monitor.store.embedded import minutes, packing
from monitor.store.embedded.opening import counter
from monitor.store.embedded.packing import DamageError

Progress = Callable[[int, int], None]

_MOST: Final = 20
"""Findings of one kind that are told."""
_ROWS: Final = 1_000

_QUERIES: Final = (
    (
        "chunk of series {0}, hour {1}: no such series",
        "SELECT series, hour FROM chunks WHERE series NOT IN (SELECT id FROM series)",
    ),
    (
        "minutes of line {0}, hour {1}: no such line",
        "SELECT line, hour FROM minutes WHERE line NOT IN (SELECT id FROM lines)",
    ),
    (
        "minutes of line {0}, hour {1} stand for line {2}, which has none",
        (
            "SELECT line, hour, same FROM minutes AS one WHERE same IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM minutes AS other WHERE other.line = one.same AND other.hour = one.hour"
            " AND other.same IS NULL)"
        ),
    ),
    (
        "batch {0} is newer than the last commit",
        "SELECT number FROM batches WHERE number > (SELECT value FROM meta WHERE name = 'number')",
    ),
    (
        "reader {0} stands at commit {1}, behind the last one",
        (
            "SELECT name, number FROM cursors"
            " WHERE number > (SELECT value FROM meta WHERE name = 'number')"
        ),
    ),
    (
        "reader {0} stands at {1} {2}, behind the last change",
        (
            "SELECT name, kind, place FROM positions WHERE kind NOT LIKE 'repeat%'"
            " AND place > (SELECT value FROM meta WHERE name = 'serial')"
        ),
    ),
    (
        "measurement of {0} {1} at {2}: version {3} is newer than its chain",
        (
            "SELECT m.device, m.tag, m.start, m.version FROM measurements AS m"
            " LEFT JOIN chains AS c ON c.device = m.device AND c.tag = m.tag"
            " WHERE m.version > COALESCE(c.version, 0)"
        ),
    ),
    (
        "measurement of {0} {1} at {2} ends before it begins",
        "SELECT device, tag, start FROM measurements WHERE end <= start",
    ),
    (
        "measurement of {0} {1} at {2} is from before the origin",
        (
            "SELECT m.device, m.tag, m.start FROM measurements AS m JOIN origins AS o"
            " ON o.device = m.device AND o.tag = m.tag WHERE m.start < o.start AND m.replaced = 0"
        ),
    ),
)


def findings(connection: sqlite3.Connection, progress: Progress) -> Iterator[str]:
    """What is wrong, in words. Reads everything once."""
    broken = [
        str(word) for (word,) in connection.execute(f"PRAGMA quick_check({_MOST})") if word != "ok"
    ]
    if broken:
        # What follows would only stumble over the same pages.
        yield from broken
        return
    yield from _undecodable(connection, progress)
    for words, query in _QUERIES:
        if _tables_of(connection, query):
            for row in connection.execute(f"{query} LIMIT {_MOST}"):
                yield words.format(*row)
    yield from islice(_overlaps(connection), _MOST)


def _tables_of(connection: sqlite3.Connection, query: str) -> bool:
    """Whether the tables are there: a backup may be of an older schema."""
    try:
        connection.execute(f"EXPLAIN {query}").fetchall()
    except sqlite3.OperationalError:
        return False
    return counter(connection, "number") >= 0


_DECODED: Final[dict[str, tuple[str, Callable[..., object]]]] = {
    "batches": ("number, '', data, readings", packing.unpack),
    "chunks": ("series, hour, data, codec", lambda data, codec: packing.decode(codec, data)),
    "minutes": (
        "line, hour, data, same",
        lambda data, same: None if same is not None else minutes.decode(data),
    ),
}


def _undecodable(connection: sqlite3.Connection, progress: Progress) -> Iterator[str]:
    many = {table: _count(connection, table) for table in _DECODED}
    done, total = 0, sum(many.values())
    for table, (columns, check) in _DECODED.items():
        if not many[table]:
            continue
        cursor = connection.execute(f"SELECT {columns} FROM {table}")  # noqa: S608 - constants only
        while rows := cursor.fetchmany(_ROWS):
            yield from (wrong for row in rows if (wrong := _wrong(table, row, check)))
            done += len(rows)
            progress(done, total)


def _count(connection: sqlite3.Connection, table: str) -> int:
    try:
        return int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 - constants only
    except sqlite3.OperationalError:
        return 0


def _wrong(table: str, row: tuple[Any, ...], check: Callable[..., object]) -> str | None:
    try:
        check(*row[2:])
    except (DamageError, TypeError) as error:
        return f"{table} {row[0]} {row[1]}: {error}"
    return None


def _overlaps(connection: sqlite3.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT device, tag, start, end FROM measurements WHERE replaced = 0"
        " ORDER BY device, tag, start, end"
    )
    for (device, tag, _, end), (*name, start, _) in pairwise(rows):
        if [device, tag] == name and start < end:
            yield f"measurements of {device} {tag} overlap at {start}"
