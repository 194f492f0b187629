"""Tables of the embedded store, as migrations: each entry leads from one schema to the next."""

import sqlite3
from typing import Final

from monitor.errors import ConfigError
from monitor.store.embedded.audit import AUDIT_TABLE
from monitor.store.embedded.points import reach
from monitor.store.embedded.rum import TABLES as RUM_TABLES
from monitor.store.embedded.sessions import transaction

APPLICATION_ID: Final = 0x43554245
"""`CUBE` in the file's header, so that another program's database is never taken for ours."""

_FIRST: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
-- One row per commit that has readings, first and last being its lowest and highest second.
CREATE TABLE batches (number INTEGER PRIMARY KEY, first INTEGER NOT NULL,
    last INTEGER NOT NULL, readings INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX batches_by_time ON batches (last, first);
CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, tag TEXT NOT NULL,
    source TEXT NOT NULL, UNIQUE (device, tag, source));
-- One UTC hour (hours since 1970) of one series.
CREATE TABLE chunks (series INTEGER NOT NULL, hour INTEGER NOT NULL,
    seconds INTEGER NOT NULL, codec INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (series, hour));
CREATE INDEX chunks_by_hour ON chunks (hour);
CREATE TABLE touched (device TEXT NOT NULL, hour INTEGER NOT NULL,
    PRIMARY KEY (device, hour)) WITHOUT ROWID;
CREATE TABLE events (id INTEGER PRIMARY KEY, digest INTEGER NOT NULL, device TEXT NOT NULL,
    source TEXT NOT NULL, received REAL NOT NULL, device_time REAL, effective REAL NOT NULL,
    clock TEXT NOT NULL, counter INTEGER, facility TEXT NOT NULL, severity INTEGER,
    mnemonic TEXT NOT NULL, text TEXT NOT NULL, events TEXT NOT NULL, raw BLOB NOT NULL);
CREATE INDEX events_by_digest ON events (digest, received);
CREATE INDEX events_by_device ON events (device, received);
CREATE TABLE facts (subject TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,
    source TEXT NOT NULL, value TEXT NOT NULL, kind TEXT NOT NULL, received REAL NOT NULL,
    effective REAL NOT NULL, device_time REAL, authenticated INTEGER NOT NULL,
    bound INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (subject, name, key, source)) WITHOUT ROWID;
CREATE TABLE dead_letters (id INTEGER PRIMARY KEY, source TEXT NOT NULL,
    origin TEXT NOT NULL, received REAL NOT NULL, reason TEXT NOT NULL, payload BLOB NOT NULL);
CREATE TABLE origins (device TEXT NOT NULL, tag TEXT NOT NULL, start INTEGER NOT NULL,
    PRIMARY KEY (device, tag)) WITHOUT ROWID;
CREATE TABLE hours (device TEXT NOT NULL, tag TEXT NOT NULL, start INTEGER NOT NULL,
    units INTEGER, seconds INTEGER NOT NULL, minutes INTEGER NOT NULL,
    PRIMARY KEY (device, tag, start)) WITHOUT ROWID;
CREATE TABLE chains (device TEXT NOT NULL, tag TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (device, tag)) WITHOUT ROWID;
CREATE TABLE measurements (device TEXT NOT NULL, tag TEXT NOT NULL, start INTEGER NOT NULL,
    version INTEGER NOT NULL, end INTEGER NOT NULL, units INTEGER, count INTEGER,
    coverage REAL NOT NULL, minute_coverage REAL NOT NULL, reason TEXT NOT NULL,
    changed INTEGER NOT NULL, profile TEXT NOT NULL, replaced INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (device, tag, start, version)) WITHOUT ROWID;
CREATE INDEX measurements_by_end ON measurements (device, tag, replaced, end);
CREATE TABLE standings (rule TEXT NOT NULL, step TEXT NOT NULL, subject TEXT NOT NULL,
    since REAL NOT NULL, opened REAL, clear_since REAL, acknowledged REAL, notified REAL,
    resolved REAL, PRIMARY KEY (rule, step, subject)) WITHOUT ROWID;
CREATE TABLE devices (id TEXT PRIMARY KEY, aliases TEXT NOT NULL, virtual_account TEXT,
    release TEXT, zones TEXT NOT NULL, learned INTEGER NOT NULL) WITHOUT ROWID;
"""
_SECOND: Final = """
-- Readers outside the service (exporters, a message stream) and how far each has come.
CREATE TABLE cursors (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX measurements_by_time ON measurements (replaced, end);
CREATE INDEX events_by_reception ON events (received);
"""
_THIRD: Final = """
-- What operators decided about devices: another name, out of use, which one took its place.
ALTER TABLE devices ADD COLUMN title TEXT;
ALTER TABLE devices ADD COLUMN retired_at REAL;
ALTER TABLE devices ADD COLUMN replaced_by TEXT;
"""
_FOURTH: Final = """
-- How far readers have come with what is no commit of readings, `serial` or a second as the kind
-- says. A row takes the next serial each time it changes.
CREATE TABLE positions (name TEXT NOT NULL, kind TEXT NOT NULL, place INTEGER NOT NULL,
    PRIMARY KEY (name, kind)) WITHOUT ROWID;
ALTER TABLE hours ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE hours ADD COLUMN serial INTEGER NOT NULL DEFAULT 0;
ALTER TABLE measurements ADD COLUMN serial INTEGER NOT NULL DEFAULT 0;
ALTER TABLE facts ADD COLUMN serial INTEGER NOT NULL DEFAULT 0;
UPDATE hours SET serial = place FROM (SELECT device AS d, tag AS t, start AS s,
    ROW_NUMBER() OVER (ORDER BY start, device, tag) AS place FROM hours)
    WHERE device = d AND tag = t AND start = s;
UPDATE measurements SET serial = place FROM (SELECT device AS d, tag AS t, start AS s,
    version AS v, ROW_NUMBER() OVER (ORDER BY end, device, tag, version) AS place
    FROM measurements) WHERE device = d AND tag = t AND start = s AND version = v;
UPDATE facts SET serial = place FROM (SELECT subject AS s, name AS n, key AS k, source AS o,
    ROW_NUMBER() OVER (ORDER BY effective, subject, name, key, source) AS place FROM facts)
    WHERE subject = s AND name = n AND key = k AND source = o;
INSERT OR REPLACE INTO meta (name, value) SELECT 'serial', COUNT(*) FROM
    (SELECT 1 FROM hours UNION ALL SELECT 1 FROM measurements UNION ALL SELECT 1 FROM facts);
CREATE INDEX hours_by_serial ON hours (serial);
CREATE INDEX hours_by_start ON hours (start);
CREATE INDEX measurements_by_serial ON measurements (serial);
CREATE INDEX facts_by_serial ON facts (serial);
"""
_FIFTH: Final = """
-- What stays of an hour when its seconds go: 60 minute values and their seconds. Source `*` is all
-- sources together. `same` is the line whose values it shares, its own data being empty then.
CREATE TABLE lines (id INTEGER PRIMARY KEY, device TEXT NOT NULL, tag TEXT NOT NULL,
    source TEXT NOT NULL, UNIQUE (device, tag, source));
CREATE TABLE minutes (line INTEGER NOT NULL, hour INTEGER NOT NULL, same INTEGER,
    data BLOB NOT NULL, PRIMARY KEY (line, hour));
CREATE INDEX minutes_by_hour ON minutes (hour);
"""
_PAGING: Final = """
-- Pages, the log of their turns with how far each channel has read it, and what channels send.
CREATE TABLE pages (id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, step TEXT NOT NULL,
    subject TEXT NOT NULL, opened REAL NOT NULL, severity INTEGER NOT NULL, turn TEXT NOT NULL,
    turned REAL NOT NULL, deadline REAL, devices TEXT NOT NULL, stops INTEGER NOT NULL,
    resolved REAL, text TEXT NOT NULL, acknowledged REAL, acknowledged_by TEXT NOT NULL DEFAULT '',
    mark TEXT, marked_by TEXT NOT NULL DEFAULT '', marked REAL, reason TEXT NOT NULL DEFAULT '',
    UNIQUE (rule, step, subject, opened));
CREATE INDEX pages_open ON pages (id) WHERE resolved IS NULL;
CREATE TABLE page_turns (serial INTEGER PRIMARY KEY AUTOINCREMENT, page INTEGER NOT NULL,
    turn TEXT NOT NULL, at REAL NOT NULL, severity INTEGER NOT NULL, resolved REAL,
    text TEXT NOT NULL, UNIQUE (page, turn, at));
CREATE TABLE page_cursors (name TEXT PRIMARY KEY, serial INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE notices (id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL,
    page INTEGER NOT NULL, action TEXT NOT NULL, key TEXT NOT NULL, severity INTEGER NOT NULL,
    planned REAL NOT NULL, state TEXT NOT NULL, digest TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', done REAL,
    body TEXT NOT NULL);
CREATE INDEX notices_waiting ON notices (channel, id) WHERE state = 'waiting';
CREATE INDEX notices_by_page ON notices (channel, page, id);
CREATE TABLE windows (id TEXT PRIMARY KEY, subjects TEXT NOT NULL, start REAL NOT NULL,
    end REAL NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, created REAL NOT NULL,
    ended_by TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE silences (id TEXT PRIMARY KEY, start REAL NOT NULL, end REAL NOT NULL,
    by TEXT NOT NULL, reason TEXT NOT NULL, rule TEXT NOT NULL, subject TEXT NOT NULL,
    severity INTEGER, forced INTEGER NOT NULL, created REAL NOT NULL,
    ended_by TEXT NOT NULL) WITHOUT ROWID;
"""
MIGRATIONS: Final = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, RUM_TABLES, _PAGING, AUDIT_TABLE)
VERSION: Final = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """Schema version of an open file, 0 where it is empty; ConfigError if foreign or newer."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
    if tables and application != APPLICATION_ID:
        raise ConfigError("it is the database of another program; give another directory")
    if version > VERSION:
        raise ConfigError(
            f"it was written by a newer cubemon (schema {version}, this one knows {VERSION}):"
            " install that version again, or give another directory"
        )
    return int(version)


def migrate(connection: sqlite3.Connection) -> int:
    """Bring the file to our schema, each step in a transaction; the version before comes back."""
    found = version_of(connection)
    for number, script in enumerate(MIGRATIONS[found:], start=found + 1):
        with transaction(connection):
            for statement in script.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number}")
            reach("migration-before-commit")
        reach("migration-mid")
    return found
