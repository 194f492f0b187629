"""`POST /operations`: what operators decide about devices, and `/retired`: what came of it."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect

from monitor.domain.device import Device
from monitor.domain.operation import Operation, Order
from monitor.domain.state import FleetSnapshot
from monitor.errors import OperationError
from monitor.expose.problem import Problem, describe
from monitor.expose.views.view import View, moment, written

Operate = Callable[[Order], Awaitable[str]]

_LARGEST: Final = 16 << 10
_SECONDS: Final = 10.0


class OrderBody(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    operation: Operation
    device: str = Field(min_length=1, max_length=255)
    other: str = Field(default="", max_length=200)
    by: str = Field(min_length=1, max_length=100)
    reason: str = Field(default="", max_length=500)


class DoneView(View):
    """What was done, as it stands among the device's events."""

    done: str


class RetiredView(View):
    """One product instance out of use."""

    device: str
    retired: str | None
    replaced_by: str | None


class RetiredListView(View):
    """Those out of use, by name."""

    retired: list[RetiredView]


class Operations:
    """Hands orders on; answers after their commit."""

    def __init__(self, operate: Operate, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._operate = operate
        self._snapshot = snapshot

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["devices"])
        router.add_api_route(
            "/operations",
            self.do,
            methods=["POST"],
            summary="Retire, reinstate, rename, merge or replace a device",
            response_model=DoneView,
            openapi_extra={
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": OrderBody.model_json_schema()}},
                }
            },
            responses=describe(
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.CONFLICT,
                HTTPStatus.REQUEST_TIMEOUT,
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            ),
        )
        router.add_api_route(
            "/retired", self.retired, response_model=RetiredListView, summary="Out of use"
        )
        return router

    async def do(self, request: Request) -> Response:
        """Do one operation: `operation`, `device`, `other` (a name), `by`, `reason`.

        Who, when and why are kept as an event of the device. 409 says why it cannot be done.
        """
        asked = _checked(await _body(request))
        order = Order(
            operation=asked.operation,
            device=asked.device,
            other=asked.other,
            by=_line(asked.by),
            reason=_line(asked.reason),
        )
        request.state.audit = f"{order.operation.value} {order.device} {order.other}".rstrip()
        try:
            done = await self._operate(order)
        except OperationError as error:
            raise Problem(HTTPStatus.CONFLICT, str(error)) from error
        return written(DoneView(done=done))

    def retired(self) -> Response:
        """Product instances that are neither judged nor counted any more."""
        devices = sorted(self._snapshot().retired, key=lambda device: device.id)
        return written(RetiredListView(retired=[_retired(device) for device in devices]))


def _retired(device: Device) -> RetiredView:
    return RetiredView(
        device=device.id, retired=moment(device.retired_at), replaced_by=device.replaced_by
    )


def _line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def _checked(body: bytes) -> OrderBody:
    try:
        return OrderBody.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Problem(HTTPStatus.BAD_REQUEST, f"{where}: {first['msg']}") from error


async def _body(request: Request) -> bytes:
    pieces = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            async for piece in request.stream():
                pieces += piece
                if len(pieces) > _LARGEST:
                    raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {_LARGEST} bytes")
    except TimeoutError as error:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "the order took too long") from error
    except ClientDisconnect as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "the sender went away") from error
    return bytes(pieces)
