"""Rows of pages and notices: from records to columns and back."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

from monitor.domain.findings import FindingKey, Severity
from monitor.domain.page import Action, Mark, Notice, NoticeState, Page, PageRecord, PageText, Turn
from monitor.store.embedded.text import storable

PAGE: Final = (
    "id, rule, step, subject, opened, severity, turn, turned, deadline, devices, stops, resolved,"
    " text"
)
RECORD: Final = (
    f"{PAGE}, acknowledged, acknowledged_by, mark, marked_by, marked, reason"  # constants only
)
NOTICE: Final = (
    "id, channel, page, action, key, severity, planned, state, digest, attempts, error, done, body"
)
_SAVE_PAGE: Final = (
    "INSERT INTO pages (rule, step, subject, opened, severity, turn, turned, deadline, devices,"
    " stops, resolved, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (rule, step, subject, opened) DO UPDATE SET severity = excluded.severity,"
    " turn = excluded.turn, turned = excluded.turned, deadline = excluded.deadline,"
    " devices = excluded.devices, stops = excluded.stops, resolved = excluded.resolved,"
    " text = excluded.text RETURNING id"
)


def write_pages(connection: sqlite3.Connection, pages: Iterable[Page]) -> None:
    """Write turns inside the caller's transaction; the same turn again changes nothing."""
    for page in pages:
        (number,) = connection.execute(_SAVE_PAGE, _page_row(page)).fetchone()
        connection.execute(
            "INSERT OR IGNORE INTO page_turns (page, turn, at, severity, resolved, text)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                number,
                page.turn.value,
                page.turned,
                page.severity.value,
                page.resolved,
                _text_json(page.text),
            ),
        )


def _page_row(page: Page) -> tuple[object, ...]:
    return (
        *map(storable, page.key),
        page.opened,
        page.severity.value,
        page.turn.value,
        page.turned,
        page.deadline,
        json.dumps(page.devices),
        page.stops,
        page.resolved,
        _text_json(page.text),
    )


def _text_json(text: PageText) -> str:
    return json.dumps({"title": text.title, "lines": dict(text.lines), "runbook": text.runbook})


def _text(written: str) -> PageText:
    return PageText(**json.loads(written))


def page_of(row: Sequence[Any]) -> Page:
    """A page of the columns PAGE."""
    return Page(
        id=row[0],
        key=FindingKey(*row[1:4]),
        opened=row[4],
        severity=Severity(row[5]),
        turn=Turn(row[6]),
        turned=row[7],
        deadline=row[8],
        devices=tuple(json.loads(row[9])),
        stops=bool(row[10]),
        resolved=row[11],
        text=_text(row[12]),
    )


def record_of(row: Sequence[Any]) -> PageRecord:
    """A page of the columns RECORD, with what people said of it."""
    return PageRecord(
        page=page_of(row),
        acknowledged=row[13],
        acknowledged_by=row[14],
        mark=None if row[15] is None else Mark(row[15]),
        marked_by=row[16],
        marked=row[17],
        reason=row[18],
    )


def _body(notice: Notice) -> str:
    return json.dumps(
        {
            "title": notice.title,
            "text": json.loads(_text_json(notice.text)),
            "finding": list(notice.finding),
            "devices": list(notice.devices),
            "opened": notice.opened,
            "resolved": notice.resolved,
            "deadline": notice.deadline,
            "before": None if notice.before is None else notice.before.value,
        }
    )


def notice_of(row: Sequence[Any]) -> Notice:
    """A notice of the columns NOTICE."""
    body = json.loads(row[12])
    return Notice(
        id=row[0],
        channel=row[1],
        page=row[2],
        action=Action(row[3]),
        key=row[4],
        severity=Severity(row[5]),
        planned=row[6],
        state=NoticeState(row[7]),
        digest=row[8],
        attempts=row[9],
        error=row[10],
        done=row[11],
        title=body["title"],
        text=PageText(**body["text"]),
        finding=FindingKey(*body["finding"]),
        devices=tuple(body["devices"]),
        opened=body["opened"],
        resolved=body["resolved"],
        deadline=body["deadline"],
        before=None if body["before"] is None else Severity(body["before"]),
    )


def insert_notice(connection: sqlite3.Connection, notice: Notice) -> int:
    """Write one inside the caller's transaction; its id comes back."""
    cursor = connection.execute(
        "INSERT INTO notices (channel, page, action, key, severity, planned, state, digest, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            notice.channel,
            notice.page,
            notice.action.value,
            storable(notice.key),
            notice.severity.value,
            notice.planned,
            notice.state.value,
            notice.digest,
            _body(notice),
        ),
    )
    return int(cursor.lastrowid or 0)
