"""Connections to the database file: how they are set up, shared among threads and refused."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from monitor.errors import StoreError

FILE: Final = "cubemon.db"
_WAIT_SECONDS: Final = 2.0
_PAGE: Final = 8_192
"""Packed rows of some kilobytes leave less of a page empty than with 4 KiB."""
_WAL_LIMIT: Final = 64 * 1024 * 1024
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The one connection that writes: WAL, and every commit is on disk when it returns."""
    connection = _connect(f"{path.absolute().as_uri()}?mode=rwc")
    try:
        connection.execute(f"PRAGMA page_size = {_PAGE}")
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        if not pages:
            # Only a new file takes this; an old one is written anew by `cubemon store compact`.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    return _connect(f"{path.absolute().as_uri()}?mode=ro")


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri,
        uri=True,
        timeout=_WAIT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, as against busy, full or forbidden."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGED


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors (a full disk among them).
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def refusals(what: str) -> Iterator[None]:
    """Turn errors of SQLite into StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{what}: {error}") from error


class Readers:
    """Read connections, lent to one thread at a time; as many as are used at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """One short read transaction: everything read in it is of one moment."""
        with refusals(f"cannot read {self._path}"):
            connection = self._lend()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._return(connection)

    def close(self) -> None:
        """Close them; a connection that is still lent is closed when it comes back."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for connection in free:
            connection.close()

    def _lend(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise StoreError(f"{self._path} is closed")
            if self._free:
                return self._free.pop()
        return open_for_reading(self._path)

    def _return(self, connection: sqlite3.Connection) -> None:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        with self._lock:
            if not self._closed:
                self._free.append(connection)
                return
        connection.close()
