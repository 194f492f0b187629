"""The outbox: pages, the log of their turns, and the notices that channels send of them.

Turns are written in the transaction of the standings they come from. A channel plans its notices
and moves its cursor over the turns in one transaction, so none is lost and none planned twice.
"""

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final

from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.domain.page import (
    Mark,
    Notice,
    NoticeState,
    PageFigures,
    PageRecord,
    PageTurn,
)
from monitor.store.embedded.page_rows import (
    NOTICE,
    PAGE,
    RECORD,
    insert_notice,
    notice_of,
    page_of,
    record_of,
)
from monitor.store.embedded.text import storable

Connect = Callable[[], AbstractContextManager[sqlite3.Connection]]

_MONTH: Final = 30 * DAY
_KEEP_NOTICES: Final = 90 * DAY
_KEEP_PAGES: Final = 400 * DAY


class Outbox:
    """Pages and notices, from any thread; every method raises StoreError."""

    def __init__(self, writing: Connect, reading: Connect) -> None:
        self._writing = writing
        self._reading = reading

    # Pages

    def open_pages(self) -> list[PageRecord]:
        """Those that are not resolved, in the order of their ids."""
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {RECORD} FROM pages WHERE resolved IS NULL ORDER BY id"  # noqa: S608 - constants only
            ).fetchall()
        return [record_of(row) for row in rows]

    def page(self, number: int) -> PageRecord | None:
        """One by its id."""
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT {RECORD} FROM pages WHERE id = ?",  # noqa: S608 - constants only
                (number,),
            ).fetchone()
        return None if row is None else record_of(row)

    def pages(self, *, limit: int, offset: int) -> tuple[int, list[PageRecord]]:
        """All of them, newest first: how many there are, and one part."""
        with self._reading() as connection:
            (total,) = connection.execute("SELECT COUNT(*) FROM pages").fetchone()
            rows = connection.execute(
                f"SELECT {RECORD} FROM pages ORDER BY id DESC LIMIT ? OFFSET ?",  # noqa: S608 - constants only
                (limit, offset),
            ).fetchall()
        return total, [record_of(row) for row in rows]

    def acknowledge(self, number: int, by: str, at: float) -> PageRecord | None:
        """Somebody has taken an open page; the first one stays. None where it is not open."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE pages SET acknowledged = ?, acknowledged_by = ?"
                " WHERE id = ? AND acknowledged IS NULL AND resolved IS NULL",
                (at, storable(by), number),
            )
        record = self.page(number)
        return record if record is not None and record.page.resolved is None else None

    def mark(self, number: int, mark: Mark, by: str, reason: str, at: float) -> PageRecord | None:
        """Say what a page was; the last word stays. None where there is none of that id."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE pages SET mark = ?, marked_by = ?, marked = ?, reason = ? WHERE id = ?",
                (mark.value, storable(by), at, storable(reason), number),
            )
        return self.page(number)

    def figures(self, now: float, devices: int) -> PageFigures:
        """Critical pages opened in the last 30 days, and what was said of them."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT COUNT(*), TOTAL(mark = 'false'), TOTAL(mark = 'real'),"
                " TOTAL(mark IS NULL AND acknowledged IS NULL AND resolved IS NOT NULL)"
                " FROM pages WHERE opened > ? AND id IN"
                " (SELECT page FROM page_turns WHERE severity = ?)",
                (now - _MONTH, Severity.CRITICAL.value),
            ).fetchone()
        pages, wrong, real, unmarked = map(int, row)
        return PageFigures(
            pages=pages,
            marked_false=wrong,
            marked_real=real,
            unmarked=unmarked,
            devices=devices,
            rate=wrong * 100 / devices if devices else None,
        )

    # The log of turns

    def turns_after(self, serial: int, most: int) -> list[PageTurn]:
        """Turns after a serial, in the order of commits; each page as it was at its turn."""
        columns = ", ".join(
            {
                "severity": "t.severity",
                "turn": "t.turn",
                "turned": "t.at",
                "resolved": "t.resolved",
                "text": "t.text",
            }.get(name, f"p.{name}")
            for name in PAGE.split(", ")
        )
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {columns}, t.serial FROM page_turns t JOIN pages p ON p.id = t.page"  # noqa: S608 - constants only
                " WHERE t.serial > ? ORDER BY t.serial LIMIT ?",
                (serial, most),
            ).fetchall()
        return [PageTurn(serial=row[-1], page=page_of(row[:-1])) for row in rows]

    def cursor(self, channel: str) -> int:
        """Where a channel's reading goes on; a new channel begins at the end of the log."""
        with self._writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO page_cursors (name, serial)"
                " SELECT ?, COALESCE(MAX(serial), 0) FROM page_turns",
                (channel,),
            )
            row = connection.execute(
                "SELECT serial FROM page_cursors WHERE name = ?", (channel,)
            ).fetchone()
        return int(row[0])

    # Notices

    def plan(self, channel: str, upto: int, notices: Sequence[Notice]) -> list[int]:
        """Put notices into the queue and move the channel's cursor, together; ids come back."""
        with self._writing() as connection:
            ids = [insert_notice(connection, notice) for notice in notices]
            connection.execute(
                "UPDATE page_cursors SET serial = MAX(serial, ?) WHERE name = ?", (upto, channel)
            )
        return ids

    def told(self, channel: str, states: Collection[NoticeState]) -> dict[int, Notice]:
        """Page id -> the last notice of it to a channel, where it is a trigger."""
        marks = ", ".join("?" for _ in states)
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {NOTICE} FROM notices WHERE id IN (SELECT MAX(id) FROM notices"  # noqa: S608 - constants only
                f" WHERE channel = ? AND page > 0 AND state IN ({marks}) GROUP BY page)"
                " AND action = 'trigger'",
                (channel, *(state.value for state in states)),
            ).fetchall()
        return {row[2]: notice_of(row) for row in rows}

    def waiting(self, channel: str, most: int) -> list[Notice]:
        """What is to be sent, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {NOTICE} FROM notices WHERE channel = ? AND state = 'waiting'"  # noqa: S608 - constants only
                " ORDER BY id LIMIT ?",
                (channel, most),
            ).fetchall()
        return [notice_of(row) for row in rows]

    def bundle(self, digest: Notice, members: Collection[int]) -> Notice:
        """Put a digest into the queue; it tells its members, which wait until it is sent."""
        with self._writing() as connection:
            number = insert_notice(connection, digest)
            connection.executemany(
                "UPDATE notices SET digest = ? WHERE id = ?",
                [(storable(digest.key), member) for member in members],
            )
            row = connection.execute(
                f"SELECT {NOTICE} FROM notices WHERE id = ?",  # noqa: S608 - constants only
                (number,),
            ).fetchone()
        return notice_of(row)

    def digest(self, channel: str, key: str) -> Notice | None:
        """The last digest told under a key."""
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT {NOTICE} FROM notices WHERE channel = ? AND page = 0 AND key = ?"  # noqa: S608 - constants only
                " AND action = 'trigger' ORDER BY id DESC LIMIT 1",
                (channel, key),
            ).fetchone()
        return None if row is None else notice_of(row)

    def settle(self, states: Mapping[int, NoticeState], at: float, error: str = "") -> None:
        """What became of notices, all of them together."""
        with self._writing() as connection:
            connection.executemany(
                "UPDATE notices SET state = ?, done = ?, error = ?, attempts = attempts + 1"
                " WHERE id = ?",
                [(state.value, at, storable(error), number) for number, state in states.items()],
            )

    def failed(self, number: int, error: str) -> None:
        """It was tried once more, in vain."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE notices SET attempts = attempts + 1, error = ? WHERE id = ?",
                (storable(error), number),
            )

    def notices(
        self, *, channel: str | None, state: NoticeState | None, limit: int, offset: int
    ) -> tuple[int, list[Notice]]:
        """Newest first: how many there are, and one part."""
        where = " WHERE (? IS NULL OR channel = ?) AND (? IS NULL OR state = ?)"
        word = None if state is None else state.value
        asked = (channel, channel, word, word)
        with self._reading() as connection:
            (total,) = connection.execute(
                f"SELECT COUNT(*) FROM notices{where}",  # noqa: S608 - constants only
                asked,
            ).fetchone()
            rows = connection.execute(
                f"SELECT {NOTICE} FROM notices{where} ORDER BY id DESC LIMIT ? OFFSET ?",  # noqa: S608 - constants only
                (*asked, limit, offset),
            ).fetchall()
        return total, [notice_of(row) for row in rows]

    def waits(self, channel: str) -> tuple[int, float | None]:
        """How many notices of a channel wait, and when the oldest of them was planned."""
        with self._reading() as connection:
            many, oldest = connection.execute(
                "SELECT COUNT(*), MIN(planned) FROM notices"
                " WHERE channel = ? AND state = 'waiting'",
                (channel,),
            ).fetchone()
        return int(many), oldest

    def tidy(self, now: float) -> None:
        """Forget what nobody asks for any more; open pages and waiting notices never."""
        closed = "(SELECT id FROM pages WHERE resolved IS NOT NULL AND resolved < ?)"
        with self._writing() as connection:
            connection.execute(
                f"DELETE FROM notices WHERE state != 'waiting' AND page IN {closed}",  # noqa: S608 - constants only
                (now - _KEEP_NOTICES,),
            )
            connection.execute(
                "DELETE FROM notices WHERE state != 'waiting' AND page = 0 AND done < ?",
                (now - _KEEP_NOTICES,),
            )
            for table, column in (("page_turns", "page"), ("pages", "id")):
                connection.execute(
                    f"DELETE FROM {table} WHERE {column} IN {closed}",  # noqa: S608 - constants only
                    (now - _KEEP_PAGES,),
                )
