"""`POST /recompute`: the running monitor measures a device again and records what differs."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from monitor.domain.state import FleetSnapshot
from monitor.errors import OperationError
from monitor.expose.problem import Problem, describe
from monitor.expose.routes.asking import second
from monitor.expose.routes.devices import find_device
from monitor.expose.views.view import View, moment, written

Again = Callable[[str, int], Awaitable[int]]
"""Device and the second since 1970 from which on; how many chains got a new version."""

_LONGEST: Final = 255


class RecomputedView(View):
    """What came of it."""

    device: str
    start: str | None
    renewed: int
    """Chains (one a tag) that got a new version; 0 where all came out as it was recorded."""


class Recompute:
    """Answers after the commit."""

    def __init__(self, again: Again, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._again = again
        self._snapshot = snapshot

    def router(self) -> APIRouter:
        """Its route."""
        router = APIRouter(tags=["usage"])
        router.add_api_route(
            "/recompute",
            self.device,
            methods=["POST"],
            response_model=RecomputedView,
            summary="Measure a device's stored readings again",
            responses=describe(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
        )
        return router

    async def device(
        self,
        device: Annotated[str, Query(max_length=_LONGEST, description="Its name, or an alias.")],
        start: Annotated[
            str,
            Query(alias="from", max_length=64, description="RFC 3339, or seconds since 1970 UTC."),
        ],
    ) -> Response:
        """Work out the hours of a device from `from` on, and its periods; old versions are kept.

        409 where the monitor has only just started and not heard of the device yet.
        """
        name = find_device(self._snapshot(), device).device.id
        since = second(start, "from")
        try:
            renewed = await self._again(name, since or 0)
        except OperationError as error:
            raise Problem(HTTPStatus.CONFLICT, str(error)) from error
        return written(RecomputedView(device=name, start=moment(since), renewed=renewed))
