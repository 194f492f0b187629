"""How far each reader outside the service has come: durable, one row a reader and kind.

Readings are followed commit by commit (table `cursors`, which compaction waits for), everything
else by the serial of its last change (table `positions`). Older readings are repeated by time:
`repeat` is the next second, `repeat_before` the end.
"""

import sqlite3
from collections.abc import Collection
from typing import Final

from monitor.domain.cursors import CursorState, Kind, Piece
from monitor.store.embedded.opening import counter
from monitor.store.embedded.seconds import bounds

REPEAT: Final = "repeat"
REPEAT_BEFORE: Final = "repeat_before"

_SERIALS: Final = {
    Kind.HOURS: "SELECT MIN(serial) FROM hours WHERE start >= ?",
    Kind.MEASUREMENTS: "SELECT MIN(serial) FROM measurements WHERE end >= ?",
    Kind.FACTS: "SELECT MIN(serial) FROM facts WHERE effective >= ?",
}
_WAITING: Final = (
    "SELECT (SELECT COUNT(*) FROM hours WHERE serial > :hours)"
    " + (SELECT COUNT(*) FROM measurements WHERE serial > :measurements)"
    " + (SELECT COUNT(*) FROM facts WHERE serial > :facts)"
)
_EVER: Final = 2**62
_SET: Final = "INSERT OR REPLACE INTO positions (name, kind, place) VALUES (?, ?, ?)"


def register(connection: sqlite3.Connection, name: str, kinds: Collection[Kind]) -> None:
    """Begin kinds that are new with everything there is; drop those not wanted any more."""
    known = positions(connection, name)
    for kind in _SERIALS:
        if kind not in kinds:
            connection.execute("DELETE FROM positions WHERE name = ? AND kind = ?", (name, kind))
        elif kind not in known:
            connection.execute(_SET, (name, kind, 0))
    if Kind.READINGS not in kinds:
        _forget_readings(connection, name)
    elif position(connection, name) is None:
        connection.execute(
            "INSERT INTO cursors (name, number) VALUES (?, ?)",
            (name, counter(connection, "number")),
        )
        _repeat(connection, name, -_EVER)


def forget(connection: sqlite3.Connection, name: str) -> None:
    """Remove a reader."""
    _forget_readings(connection, name)
    connection.execute("DELETE FROM positions WHERE name = ?", (name,))


def _forget_readings(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("DELETE FROM cursors WHERE name = ?", (name,))
    connection.execute(
        "DELETE FROM positions WHERE name = ? AND kind IN (?, ?)", (name, REPEAT, REPEAT_BEFORE)
    )


def _repeat(connection: sqlite3.Connection, name: str, start: int) -> None:
    known = bounds(connection)
    before = positions(connection, name)
    end = max(known.stop, before.get(REPEAT_BEFORE, known.stop))
    first = min(max(start, known.start), before.get(REPEAT, _EVER))
    if first < end:
        connection.executemany(_SET, [(name, REPEAT, first), (name, REPEAT_BEFORE, end)])


def overtake(connection: sqlite3.Connection, chosen: str, values: tuple[int, ...]) -> None:
    """Let readers have by time what they have not passed of some rows, which go.

    `chosen` selects the numbers of the rows; inside the caller's transaction.
    """
    names = connection.execute("SELECT name, number FROM cursors").fetchall()
    for name, number in names:
        first, last = connection.execute(
            f"SELECT MIN(first), MAX(last) FROM batches WHERE number > ? AND number IN ({chosen})",  # noqa: S608 - constants only
            (number, *values),
        ).fetchone()
        if first is not None:
            before = positions(connection, name)
            start = min(first, before.get(REPEAT, _EVER))
            end = max(last + 1, before.get(REPEAT_BEFORE, -_EVER))
            connection.executemany(_SET, [(name, REPEAT, start), (name, REPEAT_BEFORE, end)])


def rewind(connection: sqlite3.Connection, name: str, to: int) -> bool:
    """Set every kind back to a second; False where there is no such reader."""
    known = positions(connection, name)
    number = position(connection, name)
    for kind, query in _SERIALS.items():
        (first,) = connection.execute(query, (to,)).fetchone()
        if kind in known and first is not None:
            connection.execute(_SET, (name, kind, min(known[kind], first - 1)))
    if number is not None:
        _repeat(connection, name, to)
    return number is not None or bool(known)


def advance(connection: sqlite3.Connection, name: str, piece: Piece) -> None:
    """Move on, unless somebody has moved the cursor since the piece was read."""
    if piece.repeated:
        _advance_repeat(connection, name, piece)
    elif piece.kind is Kind.READINGS:
        connection.execute(
            "UPDATE cursors SET number = ? WHERE name = ? AND number = ?",
            (piece.upto, name, piece.since),
        )
    else:
        _move(connection, name, piece.kind, piece)


def _advance_repeat(connection: sqlite3.Connection, name: str, piece: Piece) -> None:
    _move(connection, name, REPEAT, piece)
    known = positions(connection, name)
    if known.get(REPEAT, 0) >= known.get(REPEAT_BEFORE, _EVER):
        connection.execute(
            "DELETE FROM positions WHERE name = ? AND kind IN (?, ?)", (name, REPEAT, REPEAT_BEFORE)
        )


def _move(connection: sqlite3.Connection, name: str, kind: str, piece: Piece) -> None:
    connection.execute(
        "UPDATE positions SET place = ? WHERE name = ? AND kind = ? AND place = ?",
        (piece.upto, name, kind, piece.since),
    )


def position(connection: sqlite3.Connection, name: str) -> int | None:
    """Number of the last commit whose readings are confirmed; None for who reads none."""
    row = connection.execute("SELECT number FROM cursors WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def positions(connection: sqlite3.Connection, name: str) -> dict[str, int]:
    """The places of everything else, by kind."""
    return dict(
        connection.execute("SELECT kind, place FROM positions WHERE name = ?", (name,)).fetchall()
    )


def states(connection: sqlite3.Connection) -> list[CursorState]:
    """How far all have come, by name."""
    names = connection.execute(
        "SELECT name FROM cursors UNION SELECT name FROM positions ORDER BY name"
    ).fetchall()
    return [state(connection, name) for (name,) in names]


def state(connection: sqlite3.Connection, name: str) -> CursorState:
    """How far one has come; cheap enough for every second."""
    number = position(connection, name)
    known = positions(connection, name)
    asked = {kind.value: known.get(kind, _EVER) for kind in _SERIALS}
    (waiting,) = connection.execute(_WAITING, asked).fetchone()
    after = (_EVER if number is None else number,)
    oldest = connection.execute(
        "SELECT last FROM batches WHERE number > ? ORDER BY number LIMIT 1", after
    ).fetchone()
    (last,) = connection.execute("SELECT MAX(number) FROM batches").fetchone()
    return CursorState(
        name=name,
        number=number,
        behind=0 if oldest is None or number is None else last - number,
        oldest=None if oldest is None else oldest[0],
        waiting=waiting,
        repeating=(known[REPEAT], known[REPEAT_BEFORE]) if REPEAT in known else None,
    )
