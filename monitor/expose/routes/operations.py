"""`POST /operations`: what operators decide about devices, and `/retired`: what came of it."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from monitor.domain.device import Device
from monitor.domain.operation import Operation, Order
from monitor.domain.state import FleetSnapshot
from monitor.expose.routes.asked import add_asked, asked, done, line
from monitor.expose.views.view import View, moment, written

Operate = Callable[[Order], Awaitable[str]]


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
        add_asked(
            router,
            "/operations",
            self.do,
            of=OrderBody,
            view=DoneView,
            summary="Retire, reinstate, rename, merge or replace a device",
        )
        router.add_api_route(
            "/retired", self.retired, response_model=RetiredListView, summary="Out of use"
        )
        return router

    async def do(self, request: Request) -> Response:
        """Do one operation: `operation`, `device`, `other` (a name), `by`, `reason`.

        Who, when and why are kept as an event of the device. 409 says why it cannot be done.
        """
        body = await asked(request, OrderBody)
        order = Order(
            operation=body.operation,
            device=body.device,
            other=body.other,
            by=line(body.by),
            reason=line(body.reason),
        )
        request.state.audit = f"{order.operation.value} {order.device} {order.other}".rstrip()
        return written(DoneView(done=await done(self._operate(order))))

    def retired(self) -> Response:
        """Product instances that are neither judged nor counted any more."""
        devices = sorted(self._snapshot().retired, key=lambda device: device.id)
        return written(RetiredListView(retired=[_retired(device) for device in devices]))


def _retired(device: Device) -> RetiredView:
    return RetiredView(
        device=device.id, retired=moment(device.retired_at), replaced_by=device.replaced_by
    )
