"""`POST /inventories`: take an inventory of CSSM or SSM On-Prem, answered when it is committed."""

import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from monitor.domain.instants import instant, rfc3339
from monitor.errors import ReadingError
from monitor.expose.problem import Problem, describe
from monitor.expose.routes.body import PROBLEMS, body, described
from monitor.expose.routes.upload import ReceiptView, RefusalView
from monitor.expose.views.view import written
from monitor.wire import CssmInventory, Receipt

TakeInventories = Callable[[Sequence[CssmInventory]], Awaitable[Receipt]]

LARGEST_INVENTORY: Final = 32 << 20
MOST_AT_ONCE: Final = 2
_LONGEST_SECONDS: Final = 60.0
_AHEAD: Final = 60.0

Word = Annotated[str, Query(max_length=200)]


class Inventories:
    """Hands exports and answers to the pipeline."""

    def __init__(self, take: TakeInventories) -> None:
        self._take = take
        self._running = 0

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["usage"])
        router.add_api_route(
            "/inventories",
            self.take,
            summary="Bring an inventory of CSSM",
            methods=["POST"],
            response_model=ReceiptView,
            openapi_extra=described("application/octet-stream"),
            responses=describe(
                *PROBLEMS,
                HTTPStatus.UNPROCESSABLE_ENTITY,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        )
        return router

    async def take(
        self,
        request: Request,
        account: Word = "",
        smart_account: Word = "",
        name: Word = "",
        time: Annotated[
            str | None,
            Query(max_length=64, description="When it was so: RFC 3339 or seconds; now if absent."),
        ] = None,
    ) -> Response:
        """Take a CSV export, or JSON as CSSM answers (v1 licenses or devices, v3 summary).

        `account` is the virtual account of rows that name none, `name` the file's name for
        messages. 422 where nothing could be read; else look at `refused` for rows not taken.
        """
        now = _now()
        effective = _moment(time, now)
        if self._running >= MOST_AT_ONCE:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many uploads at once")
        self._running += 1
        try:
            inventory = CssmInventory(
                origin=name or (request.client.host if request.client else "http"),
                received=now,
                effective=effective,
                payload=await body(request, largest=LARGEST_INVENTORY, seconds=_LONGEST_SECONDS),
                account=account,
                smart_account=smart_account,
            )
            receipt = await self._take([inventory])
        finally:
            self._running -= 1
        if receipt.refused and not receipt.accepted:
            reasons = "; ".join(f"row {one.line}: {one.reason}" for one in receipt.refusals[:3])
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"nothing was taken: {reasons}")
        return written(_view(receipt))


def _view(receipt: Receipt) -> ReceiptView:
    return ReceiptView(
        accepted=receipt.accepted,
        refused=receipt.refused,
        refusals=[RefusalView(line=one.line, reason=one.reason) for one in receipt.refusals],
    )


def _now() -> float:
    return time.time()


def _moment(text: str | None, now: float) -> float:
    try:
        at = now if text is None else instant(text.replace(" ", "+"))
    except ReadingError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"time: {error}") from error
    if at > now + _AHEAD:
        raise Problem(HTTPStatus.BAD_REQUEST, f"time: {rfc3339(at)} lies in the future")
    return at
