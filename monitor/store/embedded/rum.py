"""Usage reports: notes and listings folded as they come, files kept in pieces, byte for byte.

A file that is saved again holds mostly the reports it held before, so pieces are kept once.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any, Final

from monitor.domain.rum import (
    RumFile,
    RumKey,
    RumListing,
    RumMeasurement,
    RumNote,
    RumPiece,
    RumRecords,
    RumSheet,
    RumSource,
    RumState,
    fold,
    joined,
)
from monitor.errors import StoreError
from monitor.store.embedded.text import storable

TABLES: Final = """
-- What was said of usage reports, `body` being JSON.
CREATE TABLE rum_notes (subject TEXT NOT NULL, report_id INTEGER NOT NULL, source TEXT NOT NULL,
    state TEXT NOT NULL, seen REAL NOT NULL, first REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (subject, report_id, source, state)) WITHOUT ROWID;
CREATE TABLE rum_listings (subject TEXT PRIMARY KEY, first REAL NOT NULL,
    first_highest INTEGER NOT NULL, last REAL NOT NULL, count INTEGER NOT NULL) WITHOUT ROWID;
-- Files as they were brought: `pieces` are the SHA-256 digests of their bytes, in order.
CREATE TABLE rum_pieces (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, data BLOB NOT NULL);
CREATE TABLE rum_files (digest BLOB PRIMARY KEY, name TEXT NOT NULL, received REAL NOT NULL,
    size INTEGER NOT NULL, reports INTEGER NOT NULL, refused INTEGER NOT NULL,
    pieces BLOB NOT NULL) WITHOUT ROWID;
"""
"""The tables, for a migration."""

_DIGEST: Final = 32
_FILED: Final = frozenset({"subject", "report_id", "source", "state", "seen", "first"})
_FILES: Final = "digest, name, received, size, reports, refused, pieces"


def write_rum(connection: sqlite3.Connection, records: Sequence[RumRecords]) -> None:
    """Write inside the caller's transaction; what is there already is folded with it."""
    for one in records:
        _write_notes(connection, one.notes)
        for listing in one.listings:
            _write_listing(connection, listing)
        connection.executemany(
            "INSERT OR IGNORE INTO rum_pieces (digest, data) VALUES (?, ?)",
            [(bytes.fromhex(piece.digest), piece.data) for piece in one.pieces],
        )
        connection.executemany(
            f"INSERT OR IGNORE INTO rum_files ({_FILES}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constants only
            [_file_row(file) for file in one.files],
        )


def _write_notes(connection: sqlite3.Connection, notes: Sequence[RumNote]) -> None:
    sheet: RumSheet = {}
    for key in {note.filed for note in notes}:
        row = connection.execute(
            "SELECT subject, report_id, source, state, seen, first, body FROM rum_notes"
            " WHERE subject = ? AND report_id = ? AND source = ? AND state = ?",
            _key(key),
        ).fetchone()
        if row is not None:
            sheet[key] = _note(row)
    connection.executemany(
        "INSERT OR REPLACE INTO rum_notes (subject, report_id, source, state, seen, first, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(*_key(one.filed), one.seen, one.first, _body(one)) for one in fold(sheet, notes)],
    )


def _write_listing(connection: sqlite3.Connection, listing: RumListing) -> None:
    row = connection.execute(
        "SELECT subject, first, first_highest, last, count FROM rum_listings WHERE subject = ?",
        (storable(listing.subject),),
    ).fetchone()
    after = joined(None if row is None else _listing(row), listing)
    connection.execute(
        "INSERT OR REPLACE INTO rum_listings (subject, first, first_highest, last, count)"
        " VALUES (?, ?, ?, ?, ?)",
        (storable(after.subject), after.first, after.first_highest, after.last, after.count),
    )


def _key(key: RumKey) -> tuple[str, int, str, str]:
    return storable(key.subject), key.report_id, key.source.value, key.state.value


def _body(note: RumNote) -> str:
    said = {name: value for name, value in asdict(note).items() if name not in _FILED and value}
    return json.dumps(said)


def _note(row: Sequence[Any]) -> RumNote:
    subject, report_id, source, state, seen, first, body = row
    said = json.loads(body)
    measured = tuple(RumMeasurement(**one) for one in said.pop("measurements", ()))
    return RumNote(
        subject=subject,
        report_id=report_id,
        source=RumSource(source),
        state=RumState(state),
        seen=seen,
        first=first,
        measurements=measured,
        **said,
    )


def _listing(row: Sequence[Any]) -> RumListing:
    subject, first, first_highest, last, count = row
    return RumListing(
        subject=subject, first=first, first_highest=first_highest, last=last, count=count
    )


def _file_row(file: RumFile) -> tuple[bytes | str | float, ...]:
    return (
        bytes.fromhex(file.digest),
        storable(file.name),
        file.received,
        file.size,
        file.reports,
        file.refused,
        b"".join(bytes.fromhex(digest) for digest in file.pieces),
    )


def read_notes(connection: sqlite3.Connection) -> list[RumNote]:
    """Every note, by subject and report."""
    rows = connection.execute(
        "SELECT subject, report_id, source, state, seen, first, body FROM rum_notes"
        " ORDER BY subject, report_id, source, state"
    )
    return [_note(row) for row in rows]


def read_listings(connection: sqlite3.Connection) -> list[RumListing]:
    """When each router listed its reports."""
    rows = connection.execute(
        "SELECT subject, first, first_highest, last, count FROM rum_listings ORDER BY subject"
    )
    return [_listing(row) for row in rows]


def read_files(connection: sqlite3.Connection) -> list[RumFile]:
    """The files, oldest first; their pieces are left out."""
    rows = connection.execute(
        f"SELECT {_FILES} FROM rum_files ORDER BY received, digest"  # noqa: S608 - constants only
    )
    return [
        RumFile(
            digest=digest.hex(),
            name=name,
            received=received,
            size=size,
            reports=reports,
            refused=refused,
        )
        for digest, name, received, size, reports, refused, _ in rows
    ]


def read_file(connection: sqlite3.Connection, digest: str) -> bytes | None:
    """The bytes of a file as they were brought; None where there is none of that digest.

    StoreError where what is stored is not what was brought.
    """
    row = connection.execute(
        "SELECT pieces FROM rum_files WHERE digest = ?", (bytes.fromhex(digest),)
    ).fetchone()
    if row is None:
        return None
    order = [row[0][at : at + _DIGEST] for at in range(0, len(row[0]), _DIGEST)]
    data = b"".join(_pieces(connection, order))
    if sha256(data).hexdigest() != digest:
        raise StoreError(f"the stored file {digest} is damaged")
    return data


def _pieces(connection: sqlite3.Connection, order: Iterable[bytes]) -> Iterable[bytes]:
    for digest in order:
        row = connection.execute(
            "SELECT data FROM rum_pieces WHERE digest = ?", (digest,)
        ).fetchone()
        yield b"" if row is None else row[0]


def read_piece(connection: sqlite3.Connection, digest: str) -> RumPiece | None:
    """One piece; None where there is none of that digest."""
    row = connection.execute(
        "SELECT data FROM rum_pieces WHERE digest = ?", (bytes.fromhex(digest),)
    ).fetchone()
    return None if row is None else RumPiece(digest=digest, data=row[0])
