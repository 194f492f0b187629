"""Open the data directory: one writer, the file's schema, what the last run left behind."""

import contextlib
import errno
import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from monitor.errors import ConfigError, StoreError
from monitor.store.embedded.packing import DamageError
from monitor.store.embedded.schema import VERSION, migrate, version_of
from monitor.store.embedded.sessions import (
    FILE,
    connect,
    is_damage,
    open_for_writing,
    reason_of,
    transaction,
)

logger = logging.getLogger(__name__)

LOCK: Final = "lock"
_PASSING: Final = {
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EIO: "io",
}
"""What is no mistake in the configuration, or not for ever."""
_COUNTERS: Final = (
    "number",
    "running",
    "unclean_shutdowns",
    "dropped_readings",
    "dropped_letters",
    "dropped_unread",
    "serial",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file that is ours to write."""

    connection: sqlite3.Connection
    unclean: bool
    """The run before ended without closing."""


def own(directory: Path) -> TextIO:
    """Make the directory and lock it until the returned file is closed.

    The kernel lets go of the lock with the process, however it ends. ConfigError where another
    process has it, or the directory cannot be used; StoreError where that may pass.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (directory / LOCK).open("a+", encoding="ascii")
    except OSError as error:
        if error.errno in _PASSING:
            raise StoreError(f"store directory {directory}: {error}", _PASSING[error.errno]) from (
                error
            )
        raise ConfigError(f"store directory {directory} cannot be used: {error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        owner = _owner(lock)
        lock.close()
        raise ConfigError(
            f"store directory {directory} is in use by another cubemon{owner}:"
            " stop that one, or give this one another directory"
        ) from error
    with contextlib.suppress(OSError):
        # Only for the message to another one: a full disk must not keep us from starting.
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
    return lock


def owner_of(directory: Path) -> int | None:
    """The process that has a directory's store open; 0 where its number is not known.

    StoreError where its lock cannot be read: then nobody can tell.
    """
    try:
        with (directory / LOCK).open(encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                pid = lock.read(20).strip()
                return int(pid) if pid.isdigit() else 0
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{directory / LOCK} cannot be read: {error.strerror}") from error
    return None


def _owner(lock: TextIO) -> str:
    lock.seek(0)
    pid = lock.read(20).strip()
    return f" (process {pid})" if pid.isdigit() else ""


def open_file(directory: Path, *, again: bool = False) -> Opened:
    """Open or create the database, bring its schema up to date, mark it as running.

    `again`: it was this process that had it open.

    ConfigError where it is not ours to use, DamageError where it is broken, StoreError else.
    """
    path = directory / FILE
    with explained(path):
        check_ours(path)
        connection = open_for_writing(path)
        try:
            migrate(connection)
            unclean = _mark_running(connection, again=again)
        except BaseException:
            connection.close()
            raise
    with contextlib.suppress(OSError):
        path.chmod(0o600)
    if unclean:
        logger.warning("%s was not closed by the last run: what was committed is there", path)
    return Opened(connection=connection, unclean=unclean)


def check_ours(path: Path) -> None:
    """ConfigError, before anything is changed, where the file is foreign or too new."""
    if path.exists() and path.stat().st_size:
        with contextlib.closing(connect(f"{path.absolute().as_uri()}?mode=ro")) as connection:
            version_of(connection)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Name the file in what went wrong with it; DamageError where it is broken."""
    try:
        yield
    except sqlite3.Error as error:
        if is_damage(error):
            raise DamageError(f"{path}: {error}") from error
        raise StoreError(f"{path}: {error}", reason_of(error)) from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _mark_running(connection: sqlite3.Connection, *, again: bool) -> bool:
    with transaction(connection):
        connection.executemany(
            "INSERT OR IGNORE INTO meta (name, value) VALUES (?, 0)", [(one,) for one in _COUNTERS]
        )
        unclean = bool(counter(connection, "running")) and not again
        connection.execute("UPDATE meta SET value = 1 WHERE name = 'running'")
        connection.execute(
            "UPDATE meta SET value = value + ? WHERE name = 'unclean_shutdowns'", (unclean,)
        )
    return unclean


def mark_closed(connection: sqlite3.Connection) -> None:
    """The last thing a clean shutdown writes."""
    with transaction(connection):
        connection.execute("UPDATE meta SET value = 0 WHERE name = 'running'")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def counter(connection: sqlite3.Connection, name: str) -> int:
    """A number that is kept over restarts."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return 0 if row is None else int(row[0])


def set_aside(directory: Path, reason: DamageError) -> Path:
    """Move a broken database out of the way, so that the service can start; nothing is deleted."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = directory / f"{FILE}.corrupt-{stamp}"
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            (directory / f"{FILE}{suffix}").rename(f"{aside}{suffix}")
    logger.error("database broken (%s): moved to %s, beginning another one", reason, aside)
    return aside


def check_readable(connection: sqlite3.Connection, path: Path) -> None:
    """ConfigError where a reader cannot use the file as it is."""
    with explained(path):
        found = version_of(connection)
    if found != VERSION:
        raise ConfigError(
            f"{path}: schema {found} is older than this cubemon's ({VERSION}):"
            " start the service once, it brings the file up to date"
        )
