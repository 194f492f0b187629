"""`/ship`: how it stands with the databases outside, and sending them things again."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Protocol

from fastapi import APIRouter, Path, Query, Response

from monitor.domain.cursors import TargetState
from monitor.expose.problem import Problem, describe
from monitor.expose.routes.asking import second
from monitor.expose.views.shipping import ShippingView, target_view
from monitor.expose.views.view import written


class Ships(Protocol):
    """Who carries what is accepted to other databases; called in worker threads."""

    def states(self) -> Sequence[TargetState]:
        """How it stands with each target."""
        ...

    def rewind(self, name: str, to: int) -> bool:
        """Send what is of this second (since 1970 UTC) or later again; False for no such name."""
        ...


class Shipping:
    """Answers for all targets."""

    def __init__(self, ships: Ships) -> None:
        self._ships = ships

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["ship"])
        router.add_api_route("/ship", self.all, response_model=ShippingView, summary="Databases")
        router.add_api_route(
            "/ship/{name}/rewind",
            self.rewind,
            methods=["POST"],
            response_model=ShippingView,
            summary="Send again",
            responses=describe(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND),
        )
        return router

    def all(self) -> Response:
        """Databases outside: whether they take points, and how far each has come."""
        return written(ShippingView(targets=[target_view(one) for one in self._ships.states()]))

    def rewind(
        self,
        name: Annotated[str, Path(max_length=64)],
        to: Annotated[
            str,
            Query(max_length=64, description="RFC 3339 with its zone, or seconds since 1970 UTC."),
        ],
    ) -> Response:
        """Send a database again what is of this moment or later; points it has stay the same."""
        start = second(to, "to")
        if start is None or not self._ships.rewind(name, start):
            raise Problem(HTTPStatus.NOT_FOUND, f"no database outside is named {name!r}")
        return self.all()
