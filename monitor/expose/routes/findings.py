"""`/findings`: what is wrong, worst first."""

from bisect import bisect_right
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from monitor.domain.findings import Severity
from monitor.domain.state import FleetSnapshot, OpenFinding
from monitor.expose.routes.asking import Cursor, Limit, Name, Offset, after, cursor_of
from monitor.expose.views.finding import FindingsView, finding_view, rank, worst_first
from monitor.expose.views.view import moment, written

Word = Literal["info", "warning", "critical"]


class Findings:
    """Answers from the newest snapshot."""

    def __init__(self, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._snapshot = snapshot

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["fleet"])
        router.add_api_route(
            "/findings", self.all, response_model=FindingsView, summary="What is wrong"
        )
        return router

    def all(
        self,
        severity: Annotated[Word, Query(description="This severity and worse ones.")] = "info",
        subject: Name = None,
        device: Name = None,
        limit: Limit = 1_000,
        offset: Offset = 0,
        cursor: Cursor = None,
    ) -> Response:
        """Findings with why, evidence, what to type next; inhibited ones come last, marked."""
        fleet = self._snapshot()
        least = Severity[severity.upper()]
        found = [
            each
            for each in worst_first(fleet)
            if each.finding.severity >= least and _wanted(each, subject, device)
        ]
        if place := after(cursor, bool, int, float, str, str, str):
            offset = bisect_right(found, (*place[:3], tuple(place[3:])), key=rank)
        shown = found[offset : offset + limit]
        return written(
            FindingsView(
                now=moment(fleet.now),
                total=len(found),
                offset=offset,
                next=_place(shown[-1]) if offset + limit < len(found) else None,
                findings=[finding_view(each, fleet.now) for each in shown],
            )
        )


def _place(found: OpenFinding) -> str:
    inhibited, severity, deadline, key = rank(found)
    return cursor_of(inhibited, severity, float(deadline), *key)


def _wanted(found: OpenFinding, subject: str | None, device: str | None) -> bool:
    finding = found.finding
    if subject is not None and finding.subject != subject:
        return False
    return device is None or device in (finding.subject, *finding.devices)
