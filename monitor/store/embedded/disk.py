"""The disk cap: beyond it the oldest seconds go, and nothing else ever."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Final

from monitor.store.embedded.packing import SECONDS
from monitor.store.embedded.sessions import FILE, transaction
from monitor.store.embedded.tail import Tail

_CHUNKS_A_STEP: Final = 512
_ROWS_A_STEP: Final = 256


def on_disk(directory: Path) -> int:
    """Bytes of the database and its log."""
    total = 0
    for one in directory.glob(f"{FILE}*"):
        # The log comes and goes.
        with contextlib.suppress(FileNotFoundError):
            total += one.stat().st_size
    return total


def used(connection: sqlite3.Connection) -> int:
    """Bytes of the database that hold something; the rest of the file is used again first."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def trim(connection: sqlite3.Connection, tail: Tail, max_bytes: int) -> int:
    """Drop some of the oldest seconds where more than `max_bytes` are used.

    The number of chunks or rows comes back, 0 where nothing was dropped. What is dropped is counted
    in readings, over restarts.
    """
    if used(connection) <= max_bytes:
        return 0
    (chunk,) = connection.execute("SELECT MIN(hour) FROM chunks").fetchone()
    (row,) = connection.execute("SELECT MIN(last) / 3600 FROM batches").fetchone()
    if chunk is None and row is None:
        return 0
    if row is None or (chunk is not None and chunk <= row):
        return _drop_chunks(connection, chunk)
    return _drop_rows(connection, tail, row)


def _drop_chunks(connection: sqlite3.Connection, hour: int) -> int:
    chosen = "SELECT series FROM chunks WHERE hour = ? ORDER BY series LIMIT ?"
    values = (hour, _CHUNKS_A_STEP)
    with transaction(connection):
        _count(
            connection,
            f"SELECT SUM(seconds) FROM chunks WHERE hour = ? AND series IN ({chosen})",  # noqa: S608 - constants only
            (hour, *values),
        )
        return connection.execute(
            f"DELETE FROM chunks WHERE hour = ? AND series IN ({chosen})",  # noqa: S608 - constants only
            (hour, *values),
        ).rowcount


def _drop_rows(connection: sqlite3.Connection, tail: Tail, hour: int) -> int:
    chosen = "SELECT number FROM batches WHERE last < ? ORDER BY last LIMIT ?"
    values = ((hour + 1) * SECONDS, _ROWS_A_STEP)
    with transaction(connection):
        _count(
            connection,
            f"SELECT SUM(readings) FROM batches WHERE number IN ({chosen})",  # noqa: S608 - constants only
            values,
        )
        _count(
            connection,
            f"SELECT SUM(readings) FROM batches WHERE number IN ({chosen})"  # noqa: S608 - constants only
            " AND number > (SELECT MIN(number) FROM cursors)",
            values,
            "dropped_unread",
        )
        dropped = connection.execute(
            f"DELETE FROM batches WHERE number IN ({chosen})",  # noqa: S608 - constants only
            values,
        ).rowcount
    # Memory holds the dropped rows too: what is left of these hours is read from the database.
    tail.spill(one for one in tail.known() if one <= hour)
    return dropped


def _count(
    connection: sqlite3.Connection,
    query: str,
    values: tuple[int, ...],
    name: str = "dropped_readings",
) -> None:
    (readings,) = connection.execute(query, values).fetchone()
    connection.execute("UPDATE meta SET value = value + ? WHERE name = ?", (readings or 0, name))
