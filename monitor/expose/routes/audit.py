"""`/audit`: who changed what by hand, newest first."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Response

from monitor.domain.audit import AuditRecord
from monitor.expose.routes.asking import Cursor, Limit, after, cursor_of
from monitor.expose.views.view import View, moment, written

ReadAudit = Callable[[int | None, int], Sequence[tuple[int, AuditRecord]]]
"""(below this number, at most so many) -> (number, record), newest first."""


class AuditView(View):
    """One writing call or reload."""

    number: int
    time: str | None
    who: str
    """Name of the token; `local` where none is needed, `signal` for what a signal asked for."""
    claimed: str
    """Whom the caller says to act for; nobody checked it."""
    origin: str
    """Address it came from."""
    action: str
    what: str
    result: str
    """HTTP status, `done`, or why not."""
    request_id: str


class AuditListView(View):
    """Records, newest first."""

    records: list[AuditView]
    next: str | None = None
    """`cursor` of the next page; null at the end."""


class Audit:
    """Answers from the store, in worker threads."""

    def __init__(self, read: ReadAudit) -> None:
        self._read = read

    def router(self) -> APIRouter:
        """Its route."""
        router = APIRouter(tags=["monitor"])
        router.add_api_route(
            "/audit", self.all, response_model=AuditListView, summary="Who changed what"
        )
        return router

    def all(self, limit: Limit = 100, cursor: Cursor = None) -> Response:
        """Writing calls and reloads: who, when, from where, what, and what came of it."""
        before = after(cursor, int)
        found = self._read(None if before is None else before[0], limit + 1)
        shown = found[:limit]
        more = cursor_of(shown[-1][0]) if len(found) > limit else None
        return written(AuditListView(records=[_view(*one) for one in shown], next=more))


def _view(number: int, record: AuditRecord) -> AuditView:
    return AuditView(
        number=number,
        time=moment(record.time),
        who=record.who,
        claimed=record.claimed,
        origin=record.origin,
        action=record.action,
        what=record.what,
        result=record.result,
        request_id=record.request_id,
    )
