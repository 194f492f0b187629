"""The monitor about itself: alive, ready, /metrics, and a page for people."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from monitor.domain.state import FleetSnapshot
from monitor.expose.metrics import CONTENT_TYPE, MetricsPage
from monitor.expose.overview import overview
from monitor.expose.problem import answer, describe


class Own:
    """Answers however busy the others are: /metrics has a thread of its own, health needs none."""

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
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="metrics")

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
        # Not a reason to send callers away: judging goes on, and syslog must keep coming. Anybody
        # may ask this, so what is wrong (with its paths) is told on the overview.
        faulty = len(self._snapshot().faults)
        return PlainTextResponse(f"ready, with faults: {faulty}\n" if faulty else "ready\n")

    async def metrics(self) -> Response:
        """Prometheus text: the fleet (`cube_`) and the monitor itself (`cube_monitor_`)."""
        loop = asyncio.get_running_loop()
        text = await loop.run_in_executor(self._thread, self._page.render)
        return Response(text, headers={"Content-Type": CONTENT_TYPE})

    def people(self) -> Response:
        """Fleet and findings as a page."""
        return HTMLResponse(overview(self._snapshot()))
