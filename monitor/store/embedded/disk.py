"""The disk budget: beyond it seconds go, then minutes, then events; nothing else ever."""

import contextlib
import logging
import math
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from monitor.domain.levels import Level
from monitor.store.embedded.compaction import Compactor
from monitor.store.embedded.packing import SECONDS
from monitor.store.embedded.retention import Retention, Seal
from monitor.store.embedded.sessions import FILE, transaction

logger = logging.getLogger(__name__)

EVENTS: Final = "events"
_EVER: Final = 2**62
_PAGES_A_STEP: Final = 256
_LEAST_FREE: Final = 1_024
"""Pages; fewer are kept, for the next hour needs them again."""
_FREE_SHARE: Final = 8
_STILL: Final = 0.9
"""Above this share of the budget it is the same shortage, and said once."""


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


class Budget:
    """Keeps the database within its bytes; used by the writer thread only."""

    def __init__(
        self, connection: sqlite3.Connection, compactor: Compactor, retention: Retention
    ) -> None:
        self._connection = connection
        self._compactor = compactor
        self._retention = retention
        self._over = False
        self.shed: Callable[[str, int], None] = lambda level, many: None
        """Told of records that went for want of room, by level."""

    def step(self, max_bytes: int) -> int:
        """Let some of the oldest go where more than `max_bytes` are used; 0 where none did.

        What goes is counted over restarts. Measurements, hours and facts stay, even beyond the
        budget.
        """
        held = used(self._connection)
        if held <= max_bytes:
            self._over = self._over and held > max_bytes * _STILL
            return 0
        done = self._seconds() or self._minutes() or self._events()
        if not self._over:
            self._over = True
            end = "the oldest go" if done else "nothing is left that may go"
            logger.warning("the store's budget is used up (%d of %d bytes): %s", held, max_bytes,
                           end)  # fmt: skip
        return done

    def _seconds(self) -> int:
        (chunk,) = self._connection.execute("SELECT MIN(hour) FROM chunks").fetchone()
        (row,) = self._connection.execute("SELECT MIN(last) / 3600 FROM batches").fetchone()
        if row is not None and (chunk is None or row < chunk):
            # Also what readers outside have not passed: they are given it again by time.
            return self._compactor.force((row + 1) * SECONDS)
        if chunk is None:
            return 0
        sealed = self._retention.seal(_EVER) or self._retention.seal(_EVER, forced=True)
        if sealed is None:
            return 0
        self._count(sealed)
        return sealed.lines

    def _count(self, sealed: Seal) -> None:
        (place,) = self._connection.execute(
            "SELECT MIN(place) FROM positions WHERE kind = 'repeat'"
        ).fetchone()
        with transaction(self._connection):
            self._add("dropped_readings", sealed.readings)
            self._add("dropped_unread", sealed.since(_EVER if place is None else place))
        self.shed(Level.SECONDS, sealed.readings)

    def _minutes(self) -> int:
        (oldest,) = self._connection.execute("SELECT MIN(hour) FROM minutes").fetchone()
        gone = 0 if oldest is None else self._retention.drop_minutes(oldest + 1)
        return self._gone(Level.MINUTES, gone)

    def _events(self) -> int:
        return self._gone(EVENTS, self._retention.drop_events(math.inf))

    def _gone(self, level: str, many: int) -> int:
        if many:
            with transaction(self._connection):
                self._add(f"shed_{level}", many)
            self.shed(level, many)
        return many

    def _add(self, name: str, many: int) -> None:
        self._connection.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (name, many),
        )


def give_back(connection: sqlite3.Connection) -> int:
    """Return some free pages to the disk where many are free; how many comes back."""
    pages, free, kind = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "auto_vacuum")
    )
    if kind != _INCREMENTAL or free <= max(_LEAST_FREE, pages // _FREE_SHARE):
        return 0
    connection.execute(f"PRAGMA incremental_vacuum({_PAGES_A_STEP})").fetchall()
    return _PAGES_A_STEP


_INCREMENTAL: Final = 2
