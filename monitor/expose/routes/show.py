"""`POST /show`: take captured output of `show` commands and answer when it is committed."""

import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from monitor.domain.instants import instant, rfc3339
from monitor.errors import ReadingError
from monitor.expose.problem import Problem, describe
from monitor.expose.routes.body import PROBLEMS, body, described
from monitor.expose.views.view import View, written
from monitor.wire import ShowCapture

Take = Callable[[Sequence[ShowCapture]], Awaitable[None]]

LARGEST: Final = 4 << 20
MOST_AT_ONCE: Final = 4
_LONGEST_SECONDS: Final = 60.0
_MOST_ZONES: Final = 20
_FARTHEST: Final = 14 * 3600


class ShowReceiptView(View):
    """What was taken."""

    device: str
    received: str
    characters: int


class ShowUpload:
    """Hands captured output to the pipeline, as if it had been polled."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._running = 0

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["fleet"])
        router.add_api_route(
            "/show",
            self.take,
            summary="Bring output of show commands",
            methods=["POST"],
            response_model=ShowReceiptView,
            openapi_extra=described("text/plain"),
            responses=describe(
                *PROBLEMS,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        )
        return router

    async def take(
        self,
        request: Request,
        device: Annotated[str, Query(min_length=1, max_length=200)],
        received: Annotated[
            str | None,
            Query(max_length=64, description="RFC 3339 or seconds since 1970; now, unless given."),
        ] = None,
        zone: Annotated[
            list[str] | None,
            Query(description="`NAME=SECONDS` east of UTC, of a zone word it prints."),
        ] = None,
    ) -> Response:
        """Take output of one device, in any mix of commands; answered after the commit.

        The same output with the same time changes nothing. What is not recognised is kept as a
        dead letter.
        """
        at, zones = _moment(received), _zones(zone or [])
        if self._running >= MOST_AT_ONCE:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many uploads at once")
        self._running += 1
        try:
            text = (await body(request, largest=LARGEST, seconds=_LONGEST_SECONDS)).decode(
                "utf-8", "replace"
            )
            if not text:
                raise Problem(HTTPStatus.BAD_REQUEST, "send the output as the body")
            await self._take([ShowCapture(device=device, received=at, text=text, zones=zones)])
        finally:
            self._running -= 1
        return written(ShowReceiptView(device=device, received=rfc3339(at), characters=len(text)))


def _moment(text: str | None) -> float:
    now = time.time()
    try:
        at = now if text is None else instant(text)
    except ReadingError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"received: {error}") from error
    if at > now + 60:
        raise Problem(HTTPStatus.BAD_REQUEST, "received: lies in the future")
    return at


def _zones(given: Sequence[str]) -> dict[str, int]:
    zones = {}
    for one in given[:_MOST_ZONES]:
        word, _, seconds = one.rpartition("=")
        if not word or not seconds.lstrip("-").isdecimal() or abs(int(seconds)) > _FARTHEST:
            raise Problem(HTTPStatus.BAD_REQUEST, "zone: write NAME=SECONDS, as IST=19800")
        zones[word[:64]] = int(seconds)
    return zones
