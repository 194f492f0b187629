PRAGMA application_id = 1129660997;
PRAGMA user_version = 8;
BEGIN TRANSACTION;
CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, who TEXT NOT NULL,
    claimed TEXT NOT NULL, origin TEXT NOT NULL, action TEXT NOT NULL, what TEXT NOT NULL,
    result TEXT NOT NULL, request_id TEXT NOT NULL, UNIQUE (time, action, request_id));
CREATE TABLE batches (number INTEGER PRIMARY KEY, first INTEGER NOT NULL,
    last INTEGER NOT NULL, readings INTEGER NOT NULL, data BLOB NOT NULL);
INSERT INTO "batches" VALUES(2,1700006400,1700006402,3,X'000100000000000000000000000000000000000A54650000000001000000000000000009000000000000000000000000000000');
CREATE TABLE chains (device TEXT NOT NULL, tag TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (device, tag)) WITHOUT ROWID;
INSERT INTO "chains" VALUES('cube-a','CUBE_T_STD',2);
CREATE TABLE chunks (series INTEGER NOT NULL, hour INTEGER NOT NULL,
    seconds INTEGER NOT NULL, codec INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (series, hour));
INSERT INTO "chunks" VALUES(1,472222,120,17,X'7801EDD0B101002008C03040D4FF3FF60B59D2A57BB256EF73F3F74204081020408000010204081020302AF000D35001DE');
INSERT INTO "chunks" VALUES(2,472222,1,20,X'7801EDD0310D00000804B1470252F1BF20000524BDF1C626B7E9BAD321408000010204081020408000010204081020408000010204081020408000010204081020408000010204081020408000010204081020408000010204DE082CF8550084');
CREATE TABLE cursors (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "cursors" VALUES('influx',3);
CREATE TABLE dead_letters (id INTEGER PRIMARY KEY, source TEXT NOT NULL,
    origin TEXT NOT NULL, received REAL NOT NULL, reason TEXT NOT NULL, payload BLOB NOT NULL);
INSERT INTO "dead_letters" VALUES(1,'s','192.0.2.1',1699999200.0,'bad',X'00FF');
CREATE TABLE devices (id TEXT PRIMARY KEY, aliases TEXT NOT NULL, virtual_account TEXT,
    release TEXT, zones TEXT NOT NULL, learned INTEGER NOT NULL, title TEXT, retired_at REAL, replaced_by TEXT) WITHOUT ROWID;
INSERT INTO "devices" VALUES('cube-a','["192.0.2.9"]',NULL,NULL,'{}',1,NULL,NULL,NULL);
CREATE TABLE events (id INTEGER PRIMARY KEY, digest INTEGER NOT NULL, device TEXT NOT NULL,
    source TEXT NOT NULL, received REAL NOT NULL, device_time REAL, effective REAL NOT NULL,
    clock TEXT NOT NULL, counter INTEGER, facility TEXT NOT NULL, severity INTEGER,
    mnemonic TEXT NOT NULL, text TEXT NOT NULL, events TEXT NOT NULL, raw BLOB NOT NULL);
INSERT INTO "events" VALUES(1,2021153406197757582,'cube-a','syslog',1699999201.5,NULL,1699999201.5,'unknown',3,'SMART_LIC',3,'SMART_LIC-3-COMM_FAILED','Communications failure','[{"kind": "communication", "days": 3}]',X'3C3138373EFF20726177');
CREATE TABLE facts (subject TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,
    source TEXT NOT NULL, value TEXT NOT NULL, kind TEXT NOT NULL, received REAL NOT NULL,
    effective REAL NOT NULL, device_time REAL, authenticated INTEGER NOT NULL,
    bound INTEGER NOT NULL, text TEXT NOT NULL, serial INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (subject, name, key, source)) WITHOUT ROWID;
INSERT INTO "facts" VALUES('cube-a','polled','','cli','7','exact',1699999200.0,1699999200.0,NULL,1,0,'',1);
CREATE TABLE hours (device TEXT NOT NULL, tag TEXT NOT NULL, start INTEGER NOT NULL,
    units INTEGER, seconds INTEGER NOT NULL, minutes INTEGER NOT NULL, version INTEGER NOT NULL DEFAULT 1, serial INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (device, tag, start)) WITHOUT ROWID;
INSERT INTO "hours" VALUES('cube-a','CUBE_T_STD',1699999200,216,120,2,1,2);
CREATE TABLE lines (id INTEGER PRIMARY KEY, device TEXT NOT NULL, tag TEXT NOT NULL,
    source TEXT NOT NULL, UNIQUE (device, tag, source));
CREATE TABLE measurements (device TEXT NOT NULL, tag TEXT NOT NULL, start INTEGER NOT NULL,
    version INTEGER NOT NULL, end INTEGER NOT NULL, units INTEGER, count INTEGER,
    coverage REAL NOT NULL, minute_coverage REAL NOT NULL, reason TEXT NOT NULL,
    changed INTEGER NOT NULL, profile TEXT NOT NULL, replaced INTEGER NOT NULL DEFAULT 0, serial INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (device, tag, start, version)) WITHOUT ROWID;
INSERT INTO "measurements" VALUES('cube-a','CUBE_T_STD',1699999200,1,1700028000,216,6,0.5,0.75,'periodic',0,'top3',1,4);
INSERT INTO "measurements" VALUES('cube-a','CUBE_T_STD',1699999200,2,1700028000,252,7,0.5,0.75,'periodic',0,'top3',0,5);
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "meta" VALUES('dropped_letters',0);
INSERT INTO "meta" VALUES('dropped_readings',0);
INSERT INTO "meta" VALUES('dropped_unread',0);
INSERT INTO "meta" VALUES('number',3);
INSERT INTO "meta" VALUES('running',0);
INSERT INTO "meta" VALUES('serial',5);
INSERT INTO "meta" VALUES('unclean_shutdowns',0);
CREATE TABLE minutes (line INTEGER NOT NULL, hour INTEGER NOT NULL, same INTEGER,
    data BLOB NOT NULL, PRIMARY KEY (line, hour));
CREATE TABLE notices (id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL,
    page INTEGER NOT NULL, action TEXT NOT NULL, key TEXT NOT NULL, severity INTEGER NOT NULL,
    planned REAL NOT NULL, state TEXT NOT NULL, digest TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', done REAL,
    body TEXT NOT NULL);
CREATE TABLE origins (device TEXT NOT NULL, tag TEXT NOT NULL, start INTEGER NOT NULL,
    PRIMARY KEY (device, tag)) WITHOUT ROWID;
INSERT INTO "origins" VALUES('cube-a','CUBE_T_STD',1699999200);
CREATE TABLE page_cursors (name TEXT PRIMARY KEY, serial INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE page_turns (serial INTEGER PRIMARY KEY AUTOINCREMENT, page INTEGER NOT NULL,
    turn TEXT NOT NULL, at REAL NOT NULL, severity INTEGER NOT NULL, resolved REAL,
    text TEXT NOT NULL, UNIQUE (page, turn, at));
CREATE TABLE pages (id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, step TEXT NOT NULL,
    subject TEXT NOT NULL, opened REAL NOT NULL, severity INTEGER NOT NULL, turn TEXT NOT NULL,
    turned REAL NOT NULL, deadline REAL, devices TEXT NOT NULL, stops INTEGER NOT NULL,
    resolved REAL, text TEXT NOT NULL, acknowledged REAL, acknowledged_by TEXT NOT NULL DEFAULT '',
    mark TEXT, marked_by TEXT NOT NULL DEFAULT '', marked REAL, reason TEXT NOT NULL DEFAULT '',
    UNIQUE (rule, step, subject, opened));
CREATE TABLE positions (name TEXT NOT NULL, kind TEXT NOT NULL, place INTEGER NOT NULL,
    PRIMARY KEY (name, kind)) WITHOUT ROWID;
INSERT INTO "positions" VALUES('influx','facts',0);
INSERT INTO "positions" VALUES('influx','repeat',1699999200);
INSERT INTO "positions" VALUES('influx','repeat_before',1700006403);
CREATE TABLE rum_files (digest BLOB PRIMARY KEY, name TEXT NOT NULL, received REAL NOT NULL,
    size INTEGER NOT NULL, reports INTEGER NOT NULL, refused INTEGER NOT NULL,
    pieces BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE rum_listings (subject TEXT PRIMARY KEY, first REAL NOT NULL,
    first_highest INTEGER NOT NULL, last REAL NOT NULL, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE rum_notes (subject TEXT NOT NULL, report_id INTEGER NOT NULL, source TEXT NOT NULL,
    state TEXT NOT NULL, seen REAL NOT NULL, first REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (subject, report_id, source, state)) WITHOUT ROWID;
CREATE TABLE rum_pieces (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, data BLOB NOT NULL);
CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, tag TEXT NOT NULL,
    source TEXT NOT NULL, UNIQUE (device, tag, source));
INSERT INTO "series" VALUES(1,'cube-a','CUBE_T_STD','syslog');
INSERT INTO "series" VALUES(2,'cube-b','AGG','cli');
CREATE TABLE silences (id TEXT PRIMARY KEY, start REAL NOT NULL, end REAL NOT NULL,
    by TEXT NOT NULL, reason TEXT NOT NULL, rule TEXT NOT NULL, subject TEXT NOT NULL,
    severity INTEGER, forced INTEGER NOT NULL, created REAL NOT NULL,
    ended_by TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE standings (rule TEXT NOT NULL, step TEXT NOT NULL, subject TEXT NOT NULL,
    since REAL NOT NULL, opened REAL, clear_since REAL, acknowledged REAL, notified REAL,
    resolved REAL, PRIMARY KEY (rule, step, subject)) WITHOUT ROWID;
INSERT INTO "standings" VALUES('ack_overdue','','cube-a',1.0,2.0,NULL,NULL,NULL,NULL);
CREATE TABLE touched (device TEXT NOT NULL, hour INTEGER NOT NULL,
    PRIMARY KEY (device, hour)) WITHOUT ROWID;
INSERT INTO "touched" VALUES('cube-a',472224);
CREATE TABLE windows (id TEXT PRIMARY KEY, subjects TEXT NOT NULL, start REAL NOT NULL,
    end REAL NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, created REAL NOT NULL,
    ended_by TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX batches_by_time ON batches (last, first);
CREATE INDEX chunks_by_hour ON chunks (hour);
CREATE INDEX events_by_digest ON events (digest, received);
CREATE INDEX events_by_device ON events (device, received);
CREATE INDEX measurements_by_end ON measurements (device, tag, replaced, end);
CREATE INDEX measurements_by_time ON measurements (replaced, end);
CREATE INDEX events_by_reception ON events (received);
CREATE INDEX hours_by_serial ON hours (serial);
CREATE INDEX hours_by_start ON hours (start);
CREATE INDEX measurements_by_serial ON measurements (serial);
CREATE INDEX facts_by_serial ON facts (serial);
CREATE INDEX minutes_by_hour ON minutes (hour);
CREATE INDEX pages_open ON pages (id) WHERE resolved IS NULL;
CREATE INDEX notices_waiting ON notices (channel, id) WHERE state = 'waiting';
CREATE INDEX notices_by_page ON notices (channel, page, id);
DELETE FROM "sqlite_sequence";
COMMIT;
