"""`/measurements` and `/events`: what the store kept about devices."""

from itertools import islice

from fastapi import APIRouter, Response

from monitor.expose.archive import Archive
from monitor.expose.routes.asking import Limit, Moment, Name, second
from monitor.expose.views.usage import EventsView, MeasurementsView, event_view, measurement_view
from monitor.expose.views.view import written


class History:
    """Answers from the archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["usage"])
        router.add_api_route(
            "/measurements",
            self.measurements,
            response_model=MeasurementsView,
            summary="Measured usage",
        )
        router.add_api_route(
            "/events", self.events, response_model=EventsView, summary="Kept messages"
        )
        return router

    def measurements(
        self,
        device: Name = None,
        tag: Name = None,
        start: Moment = None,
        end: Moment = None,
        limit: Limit = 1_000,
    ) -> Response:
        """Recorded licence measurements, the latest version of each."""
        found = self._archive.measurements(
            device=device,
            tag=tag,
            start=second(start, "start"),
            end=second(end, "end"),
            limit=limit + 1,
        )
        views = [measurement_view(each) for each in islice(found, limit + 1)]
        return written(MeasurementsView(truncated=len(views) > limit, measurements=views[-limit:]))

    def events(self, device: Name = None, since: Moment = None, limit: Limit = 100) -> Response:
        """Messages of devices that were kept, with what was read from them."""
        found = self._archive.events(device=device, since=second(since, "since"), limit=limit + 1)
        views = [event_view(each) for each in islice(found, limit + 1)]
        return written(EventsView(truncated=len(views) > limit, events=views[-limit:]))
