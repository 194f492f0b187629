"""Events of devices, without duplicates, and a bounded number of dead letters."""

import json
import sqlite3
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

from monitor.domain.records import DeadLetter, EventRecord
from monitor.store.embedded.text import storable, whole

DUPLICATE_SECONDS: Final = 600
"""Relays and retransmissions bring a message again within minutes."""

_INSERT: Final = (
    "INSERT INTO events (digest, device, source, received, device_time, effective, clock, counter,"
    " facility, severity, mnemonic, text, events, raw)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SEEN: Final = (
    "SELECT 1 FROM events WHERE digest = ? AND received BETWEEN ? AND ?"
    " AND device = ? AND text = ? AND counter IS ? AND device_time IS ? LIMIT 1"
)
_COLUMNS: Final = (
    "device, source, received, device_time, effective, clock, counter, facility, severity,"
    " mnemonic, text, events, raw"
)


def write_events(connection: sqlite3.Connection, events: Sequence[EventRecord]) -> frozenset[int]:
    """Write inside the caller's transaction; the positions of duplicates come back.

    A duplicate has the device, counter, device time and body of an event received at most ten
    minutes before or after it, in this batch or earlier, over restarts too.
    """
    duplicates = set()
    for position, event in enumerate(events):
        digest = _digest(event)
        if _seen(connection, digest, event):
            duplicates.add(position)
        else:
            connection.execute(_INSERT, _row(digest, event))
    return frozenset(duplicates)


def _seen(connection: sqlite3.Connection, digest: int, event: EventRecord) -> bool:
    around = (event.received - DUPLICATE_SECONDS, event.received + DUPLICATE_SECONDS)
    same = (storable(event.device), storable(event.text), whole(event.counter), event.device_time)
    return connection.execute(_SEEN, (digest, *around, *same)).fetchone() is not None


def _digest(event: EventRecord) -> int:
    key = (storable(event.device), whole(event.counter), event.device_time, storable(event.text))
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), signed=True)


def _row(digest: int, event: EventRecord) -> tuple[str | int | float | bytes | None, ...]:
    return (
        digest,
        storable(event.device),
        storable(event.source),
        event.received,
        event.device_time,
        event.effective,
        event.clock,
        whole(event.counter),
        storable(event.facility),
        event.severity,
        storable(event.mnemonic),
        storable(event.text),
        json.dumps([dict(one) for one in event.events]),
        event.raw,
    )


def read_events(
    connection: sqlite3.Connection, device: str | None, since: float | None, limit: int
) -> list[EventRecord]:
    """The newest events by reception, newest last."""
    where = " AND device = ?" if device is not None else ""
    values = [] if device is None else [storable(device)]
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM events WHERE received >= ?{where}"  # noqa: S608 - constants only
        " ORDER BY received DESC, id DESC LIMIT ?",
        (float("-inf") if since is None else since, *values, limit),
    )
    return [_event(row) for row in reversed(rows.fetchall())]


def _event(row: Sequence[Any]) -> EventRecord:
    names = [name.strip() for name in _COLUMNS.split(",")]
    fields = dict(zip(names, row, strict=True))
    fields["events"] = tuple(json.loads(fields["events"]))
    return EventRecord(**fields)


class DeadLetterBox:
    """Dead letters, the oldest thrown away beyond a number and a size."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes

    def write(self, connection: sqlite3.Connection, letters: Sequence[DeadLetter]) -> None:
        """Write inside the caller's transaction, and make room."""
        if not letters:
            return
        connection.executemany(
            "INSERT INTO dead_letters (source, origin, reason, received, payload)"
            " VALUES (?, ?, ?, ?, ?)",
            [
                (*map(storable, (one.source, one.origin, one.reason)), one.received, one.payload)
                for one in letters
            ],
        )
        self._make_room(connection)

    def _make_room(self, connection: sqlite3.Connection) -> None:
        # The newest are kept as long as number and bytes allow; the newest of all always.
        gone = connection.execute(
            "DELETE FROM dead_letters WHERE id <= (SELECT MAX(id) FROM (SELECT id,"
            " ROW_NUMBER() OVER (ORDER BY id DESC) AS place,"
            " SUM(LENGTH(payload)) OVER (ORDER BY id DESC) AS size FROM dead_letters)"
            " WHERE place > 1 AND (place > ? OR size > ?))",
            (self._most, self._most_bytes),
        ).rowcount
        if gone:
            connection.execute(
                "UPDATE meta SET value = value + ? WHERE name = 'dropped_letters'", (gone,)
            )


def read_dead_letters(connection: sqlite3.Connection, limit: int) -> list[DeadLetter]:
    """The newest, newest last."""
    rows = connection.execute(
        "SELECT source, origin, received, reason, payload FROM dead_letters"
        " ORDER BY id DESC LIMIT ?",
        (limit,),
    )
    return [
        DeadLetter(source=source, origin=origin, received=received, reason=reason, payload=payload)
        for source, origin, received, reason, payload in reversed(rows.fetchall())
    ]
