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
    connection = connect(f"{path.absolute().as_uri()}?mode=rwc")
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


def connect(uri: str) -> sqlite3.Connection:
    """A connection that begins its transactions itself."""
    return sqlite3.connect(
        uri,
        uri=True,
        timeout=_WAIT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )


_REASONS: Final = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_IOERR: "io",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
REOPEN: Final = frozenset({"io", "read_only", "unreachable", "damaged", "refused"})
"""After these the file may be another one, or the connection useless: it is opened again."""


def reason_of(error: sqlite3.Error) -> str:
    """A word for the kind of an error."""
    code = getattr(error, "sqlite_errorcode", None)
    return "refused" if code is None else _REASONS.get(code & 0xFF, "refused")


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
        raise StoreError(f"{what}: {error}", reason_of(error)) from error


class Readers:
    """Read connections, lent to one thread at a time; as many as are used at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._uri = _reading(path)
        self._free: list[sqlite3.Connection] = []
        self._lent_of = 0
        """Which file is meant: rises when another one is."""
        self._lock = threading.Lock()
        self._closed = False

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """One short read transaction: everything read in it is of one moment."""
        with refusals(f"cannot read {self._path}"):
            connection, lent_of = self._lend()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._return(connection, lent_of)

    def turn_to(self, uri: str | None = None) -> None:
        """Read another database from now on; without `uri` the one of the path, opened anew."""
        with self._lock:
            self._uri = uri or _reading(self._path)
            self._lent_of += 1
            free, self._free = self._free, []
        for connection in free:
            connection.close()

    def close(self) -> None:
        """Close them; a connection that is still lent is closed when it comes back."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for connection in free:
            connection.close()

    def _lend(self) -> tuple[sqlite3.Connection, int]:
        with self._lock:
            if self._closed:
                raise StoreError(f"{self._path} is closed")
            if self._free:
                return self._free.pop(), self._lent_of
            uri, lent_of = self._uri, self._lent_of
        return connect(uri), lent_of

    def _return(self, connection: sqlite3.Connection, lent_of: int) -> None:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        with self._lock:
            if not self._closed and lent_of == self._lent_of:
                self._free.append(connection)
                return
        connection.close()


def _reading(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro"
