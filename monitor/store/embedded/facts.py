"""The fact sheet, devices and standings: what the service knew when it last ran."""

import json
import sqlite3
from collections import ChainMap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKey, FactKind, FactName, fold
from monitor.domain.findings import FindingKey, Standing
from monitor.store.embedded.serials import serials
from monitor.store.embedded.text import storable

_FACT_COLUMNS: Final = (
    "subject, name, key, source, value, kind, received, effective, device_time, authenticated,"
    " bound, text"
)


class FactSheet:
    """The filed facts, in memory too, so that a commit writes only those that are newer."""

    def __init__(self) -> None:
        self._filed: dict[FactKey, Fact] = {}

    def load(self, connection: sqlite3.Connection) -> None:
        """Take over what the database holds."""
        self._filed = {fact.filed: fact for fact in read_facts(connection)}

    def write(self, connection: sqlite3.Connection, facts: Iterable[Fact]) -> dict[FactKey, Fact]:
        """Write the newer ones inside the caller's transaction; they come back."""
        newer: dict[FactKey, Fact] = {}
        fold(ChainMap(newer, self._filed), map(_storable, facts))
        connection.executemany(
            f"INSERT OR REPLACE INTO facts ({_FACT_COLUMNS}, serial)"  # noqa: S608 - constants only
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (*_fact_row(one), serial)
                for one, serial in zip(newer.values(), serials(connection, len(newer)), strict=True)
            ],
        )
        return newer

    def filed(self) -> list[Fact]:
        """All of them."""
        return list(self._filed.values())

    def committed(self, newer: dict[FactKey, Fact]) -> None:
        """Remember what is now in the database."""
        self._filed.update(newer)


def _storable(fact: Fact) -> Fact:
    words = (fact.subject, fact.key, fact.source, fact.text)
    if all(map(str.isascii, words)):
        return fact
    return replace(
        fact,
        subject=storable(fact.subject),
        key=storable(fact.key),
        source=storable(fact.source),
        text=storable(fact.text),
    )


def _fact_row(fact: Fact) -> tuple[object, ...]:
    return (
        fact.subject,
        fact.name.value,
        fact.key,
        fact.source,
        json.dumps(fact.value),
        fact.kind.value,
        fact.received,
        fact.effective,
        fact.device_time,
        fact.authenticated,
        fact.bound,
        fact.text,
    )


def read_facts(connection: sqlite3.Connection) -> Iterator[Fact]:
    """Every filed fact. A name that only a newer version knows is left out."""
    known = set(FactName)
    rows = connection.execute(f"SELECT {_FACT_COLUMNS} FROM facts")  # noqa: S608 - constants only
    return (_fact(row) for row in rows if row[1] in known)


def facts_after(connection: sqlite3.Connection, serial: int, most: int) -> tuple[list[Fact], int]:
    """At most so many that changed after a serial, in the order of changing; the last serial."""
    known = set(FactName)
    rows = connection.execute(
        f"SELECT {_FACT_COLUMNS}, serial FROM facts"  # noqa: S608 - constants only
        " WHERE serial > ? ORDER BY serial LIMIT ?",
        (serial, most),
    ).fetchall()
    found = [_fact(row[:-1]) for row in rows if row[1] in known]
    return found, rows[-1][-1] if rows else serial


def _fact(row: Sequence[Any]) -> Fact:
    fields = dict(zip(_FACT_COLUMNS.split(", "), row, strict=True))
    return Fact(
        **fields
        | {
            "name": FactName(fields["name"]),
            "value": json.loads(fields["value"]),
            "kind": FactKind(fields["kind"]),
            "authenticated": bool(fields["authenticated"]),
            "bound": bool(fields["bound"]),
        }
    )


def write_standings(connection: sqlite3.Connection, standings: Iterable[Standing]) -> None:
    """Write inside the caller's transaction; the last word on a key stays."""
    connection.executemany(
        "INSERT OR REPLACE INTO standings (rule, step, subject, since, opened, clear_since,"
        " acknowledged, notified, resolved) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*map(storable, one.key), *_times(one)) for one in standings],
    )


def _times(one: Standing) -> tuple[float | None, ...]:
    return (
        one.since,
        one.opened,
        one.clear_since,
        one.acknowledged,
        one.notified,
        one.resolved,
    )


def read_standings(connection: sqlite3.Connection) -> list[Standing]:
    """The times of every finding key."""
    rows = connection.execute(
        "SELECT rule, step, subject, since, opened, clear_since, acknowledged, notified, resolved"
        " FROM standings ORDER BY rule, step, subject"
    )
    return [
        Standing(
            key=FindingKey(*row[:3]),
            since=row[3],
            opened=row[4],
            clear_since=row[5],
            acknowledged=row[6],
            notified=row[7],
            resolved=row[8],
        )
        for row in rows
    ]


def write_devices(connection: sqlite3.Connection, devices: Iterable[Device]) -> None:
    """Write inside the caller's transaction; the last word on an id stays."""
    connection.executemany(
        "INSERT OR REPLACE INTO devices (id, aliases, virtual_account, release, zones, learned,"
        " title, retired_at, replaced_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                storable(one.id),
                json.dumps(sorted(one.aliases)),
                _storable_or_none(one.virtual_account),
                _storable_or_none(one.release),
                json.dumps(one.zones),
                one.learned,
                _storable_or_none(one.title),
                one.retired_at,
                _storable_or_none(one.replaced_by),
            )
            for one in devices
        ],
    )


def _storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def read_devices(connection: sqlite3.Connection) -> list[Device]:
    """The devices that were remembered."""
    rows = connection.execute(
        "SELECT id, aliases, virtual_account, release, zones, learned, title, retired_at,"
        " replaced_by FROM devices ORDER BY id"
    )
    return [
        Device(
            id=row[0],
            aliases=frozenset(json.loads(row[1])),
            virtual_account=row[2],
            release=row[3],
            zones=json.loads(row[4]),
            learned=bool(row[5]),
            title=row[6],
            retired_at=row[7],
            replaced_by=row[8],
        )
        for row in rows
    ]
