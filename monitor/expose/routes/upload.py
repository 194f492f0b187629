"""`POST /readings`: take JSON lines of readings and answer when they are committed."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from monitor.errors import MonitorError
from monitor.expose.intake import LONGEST_LINE, Block, Blocks
from monitor.expose.problem import Extra, Problem, answer, describe
from monitor.expose.views.view import View, written
from monitor.wire import ReadingLines, Receipt, Refusal

Ingest = Callable[[ReadingLines], Awaitable[Receipt]]

LARGEST_UPLOAD: Final = 256 << 20
MOST_AT_ONCE: Final = 32
_IDLE_SECONDS: Final = 30.0
_REFUSALS_SHOWN: Final = 20
_LONGEST_REASON: Final = 200
_PIECE: Final = 64 << 10


class RefusalView(View):
    """One line that was not taken."""

    line: int
    reason: str


class ReceiptView(View):
    """What became of an upload; `refusals` shows the first of the refused lines."""

    accepted: int
    refused: int
    refusals: list[RefusalView]


@dataclass(slots=True, kw_only=True)
class _Tally:
    accepted: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, receipt: Receipt) -> None:
        self.accepted += receipt.accepted
        self.refused += receipt.refused
        room = _REFUSALS_SHOWN - len(self.refusals)
        self.refusals.extend(receipt.refusals[:room])

    def view(self) -> ReceiptView:
        shown = [
            RefusalView(line=each.line, reason=each.reason[:_LONGEST_REASON])
            for each in self.refusals
        ]
        return ReceiptView(accepted=self.accepted, refused=self.refused, refusals=shown)

    def extra(self) -> Extra:
        return self.view().model_dump()


class Upload:
    """Hands an upload on block by block, so that it needs little memory whatever its size."""

    def __init__(self, ingest: Ingest, largest: int = LARGEST_UPLOAD) -> None:
        self._ingest = ingest
        self._largest = largest
        self._running = 0

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["usage"])
        router.add_api_route(
            "/readings",
            self.take,
            summary="Bring readings",
            methods=["POST"],
            response_model=ReceiptView,
            openapi_extra={
                "requestBody": {
                    "required": False,
                    "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
                }
            },
            responses=describe(
                HTTPStatus.REQUEST_TIMEOUT,
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                HTTPStatus.UNPROCESSABLE_ENTITY,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        )
        return router

    async def take(self, request: Request) -> Response:
        """Take readings, one JSON object a line: `device`, `tag`, `source`, `time`, `count`.

        Answered after the commit: 200 where any reading was taken (look at `refused` too), 422
        where all were refused. Every other answer carries the same counts: what they name is
        committed and stays; sending it again changes nothing.
        """
        if self._running >= MOST_AT_ONCE:
            return answer(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too many uploads at once",
                headers={"Retry-After": "5"},
            )
        self._check(request)
        self._running += 1
        try:
            return await self._answer(request)
        finally:
            self._running -= 1

    def _check(self, request: Request) -> None:
        headers = request.headers
        if headers.get("content-type", "").startswith("multipart/"):
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send plain JSON lines, not a form")
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the body uncompressed")
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._largest:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_large(), **_Tally().extra()
            )

    def _too_large(self) -> str:
        return f"at most {self._largest:,} bytes at once; send the rest in another call"

    async def _answer(self, request: Request) -> Response:
        tally = _Tally()
        try:
            async with aclosing(self._blocks(request)) as blocks:
                async for block in blocks:
                    tally.add(await self._commit(request, block))
        except (Problem, MonitorError, ClientDisconnect, TimeoutError) as error:
            return _broken_off(error, tally)
        if tally.refused and not tally.accepted:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return answer(status, "every line was refused", tally.extra())
        return written(tally.view())

    async def _commit(self, request: Request, block: Block) -> Receipt:
        if block.too_long:
            reason = f"line longer than {LONGEST_LINE:,} bytes"
            refusal = Refusal(line=block.first_line, reason=reason)
            return Receipt(accepted=0, refused=1, refusals=(refusal,))
        return await self._ingest(
            ReadingLines(
                origin=request.client.host if request.client else "http",
                received=time.time(),
                payload=block.payload,
                first_line=block.first_line,
            )
        )

    async def _blocks(self, request: Request) -> AsyncGenerator[Block, None]:
        blocks = Blocks()
        taken = 0
        async with aclosing(_pieces(request)) as pieces:
            async for piece in pieces:
                taken += len(piece)
                if taken > self._largest:
                    raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_large())
                for block in blocks.feed(piece):
                    yield block
        for block in blocks.end():
            yield block


async def _pieces(request: Request) -> AsyncGenerator[bytes, None]:
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        for at in range(0, len(piece), _PIECE):
            yield piece[at : at + _PIECE]


def _broken_off(error: Exception, tally: _Tally) -> Response:
    retry = {"Retry-After": "5"}
    match error:
        case Problem():
            return answer(error.status, error.detail, tally.extra())
        case TimeoutError():
            status = HTTPStatus.REQUEST_TIMEOUT
            return answer(status, "the upload stood still too long", tally.extra())
        case ClientDisconnect():
            return answer(HTTPStatus.BAD_REQUEST, "the sender went away", tally.extra())
        case _:
            return answer(HTTPStatus.SERVICE_UNAVAILABLE, str(error), tally.extra(), retry)
