"""`GET /readings`: readings of one device over a bounded time, as columns or as JSON lines."""

import json
import threading
from collections import defaultdict
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response

from monitor.domain.instants import DAY, rfc3339
from monitor.domain.readings import ReadingColumns, Series
from monitor.expose.archive import Archive
from monitor.expose.problem import Problem, describe
from monitor.expose.routes.asking import Name, second
from monitor.expose.views.usage import ReadingsView, series_view
from monitor.expose.views.view import written

LONGEST_DAYS: Final = 31
MOST_READINGS: Final = 500_000
MOST_AT_ONCE: Final = 2
"""So many queries at once, as each may need a hundred megabytes."""
_PATIENCE_SECONDS: Final = 5.0
LINES: Final = "application/x-ndjson"
_TIME = "RFC 3339 with its zone, or seconds since 1970 UTC."
_Kept = defaultdict[Series, dict[int, int]]


class Readings:
    """Answers from the archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._turn = threading.BoundedSemaphore(MOST_AT_ONCE)

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["usage"])
        router.add_api_route(
            "/readings",
            self.between,
            summary="Readings of a time",
            response_model=ReadingsView,
            responses={
                int(HTTPStatus.OK): {"content": {LINES: {"schema": {"type": "string"}}}},
                **describe(
                    HTTPStatus.BAD_REQUEST,
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    HTTPStatus.SERVICE_UNAVAILABLE,
                ),
            },
        )
        return router

    def between(
        self,
        device: Annotated[str, Query(max_length=255)],
        start: Annotated[str, Query(max_length=64, description=_TIME)],
        end: Annotated[str, Query(max_length=64, description=f"Not included. {_TIME}")],
        tag: Name = None,
        source: Name = None,
        shape: Annotated[Literal["columns", "lines"], Query(alias="format")] = "columns",
    ) -> Response:
        """Readings of one device: at most 31 days and 500,000 readings, else 413.

        `format=lines` answers JSON lines as `POST /api/v1/readings` takes them.
        """
        first, last = _range(start, end)
        if not self._turn.acquire(timeout=_PATIENCE_SECONDS):
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many queries for readings at once")
        try:
            kept = self._collect(device=device, tag=tag, source=source, start=first, end=last)
        finally:
            self._turn.release()
        if shape == "lines":
            return Response(_lines(kept), media_type=LINES)
        return written(ReadingsView(series=[series_view(*item) for item in sorted(kept.items())]))

    def _collect(
        self, *, device: str, tag: str | None, source: str | None, start: int, end: int
    ) -> _Kept:
        kept: _Kept = defaultdict(dict)
        for batch in self._archive.readings(
            device=device, tag=tag, source=source, start=start, end=end
        ):
            _keep(kept, batch)
            if sum(map(len, kept.values())) > MOST_READINGS:
                raise Problem(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"more than {MOST_READINGS:,} readings; ask for a shorter time or one tag",
                )
        return kept


def _range(start: str, end: str) -> tuple[int, int]:
    first, last = second(start, "start"), second(end, "end")
    if first is None or last is None or first >= last:
        raise Problem(HTTPStatus.BAD_REQUEST, "end: must be later than start")
    if last - first > LONGEST_DAYS * DAY:
        raise Problem(HTTPStatus.BAD_REQUEST, f"end: at most {LONGEST_DAYS} days after start")
    return first, last


def _keep(kept: _Kept, batch: ReadingColumns) -> None:
    columns = [kept[series] for series in batch.series]
    for which, at, count in zip(batch.which, batch.seconds, batch.counts, strict=True):
        column = columns[which]
        known = column.get(at)
        if known is None or count > known:
            column[at] = count


def _lines(kept: _Kept) -> str:
    return "".join(
        f'{_head(series)}{rfc3339(at)}", "count": {count}}}\n'
        for series, counts in sorted(kept.items())
        for at, count in sorted(counts.items())
    )


def _head(series: Series) -> str:
    return f'{json.dumps(series._asdict())[:-1]}, "time": "'
