"""The monitor about itself: alive, ready, /metrics, and a page for people."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from monitor.domain.state import FleetSnapshot
from monitor.expose.metrics import CONTENT_TYPE, MetricsPage
from monitor.expose.overview import overview
from monitor.expose.problem import answer, describe


class Own:
    """`/-/healthy` and `/-/ready` need no thread, so they answer however busy the others are."""

    def __init__(
        self,
        *,
        snapshot: Callable[[], FleetSnapshot],
        ready: Callable[[], str | None],
        page: MetricsPage,
    ) -> None:
        self._snapshot = snapshot
        self._ready = ready
        self._page = page

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["monitor"])
        plain = PlainTextResponse
        router.add_api_route("/-/healthy", self.healthy, response_class=plain, summary="Alive?")
        router.add_api_route(
            "/-/ready",
            self.is_ready,
            summary="Ready?",
            response_class=plain,
            responses=describe(HTTPStatus.SERVICE_UNAVAILABLE),
        )
        router.add_api_route("/metrics", self.metrics, response_class=plain, summary="Metrics")
        router.add_api_route("/", self.people, response_class=HTMLResponse, include_in_schema=False)
        return router

    async def healthy(self) -> Response:
        """200 while the process answers at all."""
        return PlainTextResponse("healthy\n")

    async def is_ready(self) -> Response:
        """200 when listeners and store are up; 503 with the reason before, and while draining."""
        reason = self._ready()
        if reason is not None:
            return answer(HTTPStatus.SERVICE_UNAVAILABLE, reason)
        return PlainTextResponse("ready\n")

    def metrics(self) -> Response:
        """Prometheus text: the fleet (`cube_`) and the monitor itself (`cube_monitor_`)."""
        return Response(self._page.render(), headers={"Content-Type": CONTENT_TYPE})

    def people(self) -> Response:
        """Fleet and findings as a page."""
        return HTMLResponse(overview(self._snapshot()))
