"""Look after a store by hand: how it stands, whether it is sound, copies of it."""

import contextlib
import os
import pwd
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from monitor.domain.cursors import CursorState
from monitor.errors import ConfigError, StoreError
from monitor.store.embedded import cursors, points
from monitor.store.embedded.disk import on_disk, used
from monitor.store.embedded.opening import (
    LOCK,
    check_ours,
    check_readable,
    counter,
    explained,
    own,
    owner_of,
)
from monitor.store.embedded.schema import migrate, version_of
from monitor.store.embedded.sessions import FILE, connect, open_for_writing, refusals, transaction
from monitor.store.embedded.soundness import findings

Progress = Callable[[int, int], None]
"""Done so far, of how many; any unit."""

_PAGES_A_STEP: Final = 1_024
_SAMPLE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelState:
    """How much there is of one level. Instants are seconds since 1970 UTC, None where empty."""

    level: str
    start: int | None
    end: int | None
    rows: int
    bytes: int
    """About: by a sample of the rows, without indexes."""
    shed: int
    """Records that went for want of room, ever; those that were too old do not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState:
    """How a store stands."""

    directory: str
    schema: int
    bytes: int
    """On disk, log included."""
    used: int
    """Of the database; the rest of the file is used again."""
    running: int | None
    """Process that has it open; 0 where its number is not known."""
    untold: str
    """Why nobody can tell whether it is open; empty where somebody can."""
    unclean_shutdowns: int
    levels: tuple[LevelState, ...]
    readers: tuple[CursorState, ...]
    unread: int
    """Readings that went before a reader outside had them."""
    aside: tuple[str, ...]
    """Broken or replaced databases that stand beside it."""


_OF_HOURS: Final = ("MIN(hour) * 3600", "MAX(hour) * 3600 + 3600")
_RECEIVED: Final = ("MIN(received)", "MAX(received)")
_LEVELS: Final = (
    ("seconds", "chunks", *_OF_HOURS, "data", "dropped_readings"),
    ("seconds, not compacted", "batches", "MIN(first)", "MAX(last) + 1", "data", ""),
    ("minutes", "minutes", *_OF_HOURS, "data", "shed_minutes"),
    ("hours", "hours", "MIN(start)", "MAX(start) + 3600", "device || tag || '12345678'", ""),
    ("measurements", "measurements", "MIN(start)", "MAX(end)", "device || tag || reason", ""),
    ("events", "events", *_RECEIVED, "text || raw || events", "shed_events"),
    ("facts", "facts", *_RECEIVED, "subject || value || text", ""),
    ("dead letters", "dead_letters", *_RECEIVED, "payload", "dropped_letters"),
)  # fmt: skip


def status(directory: Path) -> StoreState:
    """How a store stands, also while a service writes it. ConfigError or StoreError."""
    path = directory / FILE
    with _reading(path) as connection:
        check_readable(connection, path)
        running, untold = _running(directory)
        return StoreState(
            directory=str(directory),
            schema=version_of(connection),
            bytes=on_disk(directory),
            used=used(connection),
            running=running,
            untold=untold,
            unclean_shutdowns=counter(connection, "unclean_shutdowns"),
            levels=tuple(_level(connection, *level) for level in _LEVELS),
            readers=tuple(cursors.states(connection)),
            unread=counter(connection, "dropped_unread"),
            aside=tuple(
                sorted(
                    one.name
                    for one in directory.glob(f"{FILE}.*")
                    if not one.name.endswith(("-wal", "-shm"))
                )
            ),
        )


def knows(directory: Path, subject: str) -> bool:
    """Whether a store holds anything about a device, also while a service writes it.

    False where there is no store, or none that can be read.
    """
    try:
        with _reading(directory / FILE) as connection:
            asked = "SELECT 1 FROM facts WHERE subject = ? LIMIT 1"
            return connection.execute(asked, (subject,)).fetchone() is not None
    except (ConfigError, StoreError):
        return False


def _running(directory: Path) -> tuple[int | None, str]:
    try:
        return owner_of(directory), ""
    except StoreError as error:
        return None, str(error)


def _level(connection: sqlite3.Connection, *what: str) -> LevelState:
    name, table, start, end, data, shed = what
    first, last, rows = connection.execute(
        f"SELECT {start}, {end}, COUNT(*) FROM {table}"  # noqa: S608 - constants only
    ).fetchone()
    (size,) = connection.execute(
        f"SELECT AVG(LENGTH(data)) FROM (SELECT {data} AS data FROM {table} LIMIT {_SAMPLE})"  # noqa: S608 - constants only
    ).fetchone()
    return LevelState(
        level=name,
        start=None if first is None else int(first),
        end=None if last is None else int(last),
        rows=rows,
        bytes=int((size or 0) * rows),
        shed=counter(connection, shed) if shed else 0,
    )


def verify(path: Path, progress: Progress = lambda done, of: None) -> list[str]:
    """What is wrong with a database, in words; nothing where it is sound. It is only read.

    ConfigError where it is not ours, StoreError where it cannot be opened.
    """
    with _reading(path) as connection:
        with explained(path):
            version_of(connection)
        return list(findings(connection, progress))


def compact(directory: Path) -> tuple[int, int]:
    """Write the database anew without its free room; bytes before and after.

    ConfigError while a service has it: that one packs and gives back by itself.
    """
    path = directory / FILE
    _existing(path)
    before = on_disk(directory)
    with contextlib.closing(own(directory)), refusals(f"cannot compact {path}"):
        with explained(path):
            check_ours(path)
        connection = open_for_writing(path)
        with contextlib.closing(connection):
            with explained(path):
                migrate(connection)
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before, on_disk(directory)


def backup(
    directory: Path,
    target: Path,
    *,
    force: bool = False,
    progress: Progress = lambda done, of: None,
) -> int:
    """Copy the database as it is at this moment, also while a service writes it; bytes.

    The copy is complete under its name or not there at all. ConfigError where the target is there
    already, unless forced, and always where it is a store's own file, which a service may have
    open; StoreError where it cannot be written.
    """
    if target.exists() and not force:
        raise ConfigError(f"{target} is there already: give another name, or --force")
    if _of_a_store(target, directory):
        raise ConfigError(f"{target} is a store itself: give another name (or see `restore`)")
    part = target.with_name(target.name + ".part")
    try:
        with _reading(directory / FILE) as source:
            _copy(source, part, progress)
        _flushed(part)
        points.reach("backup-before-rename")
        part.replace(target)
        _flushed(target.parent)
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error}") from error
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{part}{suffix}").unlink(missing_ok=True)
    return target.stat().st_size


def _of_a_store(target: Path, directory: Path) -> bool:
    place = target.resolve()
    if place.name not in {LOCK, *(f"{FILE}{suffix}" for suffix in ("", "-wal", "-shm"))}:
        return False
    return place.parent == directory.resolve() or (place.parent / LOCK).exists()


def _copy(source: sqlite3.Connection, part: Path, progress: Progress) -> None:
    part.unlink(missing_ok=True)
    uri = f"{part.absolute().as_uri()}?mode=rwc"
    with refusals(f"cannot write {part}"), contextlib.closing(connect(uri)) as copy:
        part.chmod(0o600)
        # One snapshot for all steps: else every commit of the service would begin it anew.
        source.execute("BEGIN")
        source.execute("SELECT COUNT(*) FROM meta").fetchone()

        def told(_: int, remaining: int, total: int) -> None:
            points.reach("backup-mid")
            progress(total - remaining, total)

        source.backup(copy, pages=_PAGES_A_STEP, progress=told)
        source.execute("ROLLBACK")
        with transaction(copy):
            copy.execute("UPDATE meta SET value = 0 WHERE name = 'running'")
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()


def restore(
    file: Path,
    directory: Path,
    *,
    force: bool = False,
    progress: Progress = lambda done, of: None,
) -> Path | None:
    """Put a backup in the place of a store, after verifying it; where the old one was moved to.

    ConfigError while a service has the store, where there is one already unless forced, and where
    the backup is not sound.
    """
    path = directory / FILE
    _existing(file)
    with contextlib.closing(own(directory)):
        if path.exists() and not force:
            raise ConfigError(f"{path} is there already: --force moves it aside")
        wrong = verify(file, progress)
        if wrong:
            raise ConfigError(f"{file} is not sound, nothing was changed: {wrong[0]}")
        part = directory / f"{FILE}.restoring"
        try:
            _copy_file(file, part)
            _hand_over(part, directory)
            aside = _moved_aside(path)
            part.replace(path)
            _flushed(directory)
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error}") from error
        finally:
            part.unlink(missing_ok=True)
    return aside


def _copy_file(file: Path, part: Path) -> None:
    part.unlink(missing_ok=True)
    with _reading(file) as source:
        _copy(source, part, lambda done, of: None)
    _flushed(part)


def _hand_over(file: Path, directory: Path) -> None:
    """Root restores for whoever runs the service, who could not open a file of root's."""
    if os.geteuid() == 0:
        owner = directory.stat()
        os.chown(file, owner.st_uid, owner.st_gid)


def _moved_aside(path: Path) -> Path | None:
    if not path.exists():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.replaced-{stamp}")
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    return aside


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    _existing(path)
    with (
        refusals(f"cannot read {path}"),
        contextlib.closing(connect(f"{path.absolute().as_uri()}?mode=ro")) as connection,
    ):
        yield connection


def _existing(path: Path) -> None:
    # Not by opening it: closing it again would let go of the locks of this process on it.
    try:
        path.stat()
        readable = os.access(path, os.R_OK)
    except FileNotFoundError as error:
        raise ConfigError(f"{path} is not there") from error
    except PermissionError:
        readable = False
    if not readable:
        raise ConfigError(
            f"{path} may not be read by {_myself()}:"
            " run this as the user of the monitor, or as root"
        )


def _myself() -> str:
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _flushed(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
