"""`/drift`: our measurements beside what devices and CSSM count for the same periods."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from monitor.domain.drift import Drift
from monitor.domain.state import FleetSnapshot
from monitor.expose.routes.asking import Limit, Name, Offset
from monitor.expose.views.view import View, moment, written

Beyond = Annotated[bool, Query(description="Only those that differ by more than is tolerated.")]


class DriftView(View):
    """One comparison."""

    device: str
    tag: str
    against: str
    """requested (syslog), shown (by the device) or cssm."""
    start: str | None
    end: str | None
    """The period both numbers are about, as we measured it."""
    ours: int
    theirs: int
    difference: int
    """Ours minus theirs, in licences."""
    tolerance: float
    beyond: bool
    source: str
    time: str | None
    """When theirs was said."""


class DriftsView(View):
    """By device, tag and side."""

    now: str | None
    total: int
    offset: int
    drift: list[DriftView]


class Drifts:
    """Answers from the newest snapshot."""

    def __init__(self, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._snapshot = snapshot

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["usage"])
        router.add_api_route(
            "/drift", self.all, response_model=DriftsView, summary="Measured beside reported"
        )
        return router

    def all(
        self,
        device: Name = None,
        beyond: Beyond = False,  # noqa: FBT002 - a parameter of a query
        limit: Limit = 1_000,
        offset: Offset = 0,
    ) -> Response:
        """Per device, tag and side: ours, theirs, the period, and whether it is tolerated."""
        fleet = self._snapshot()
        found = [
            one
            for state in sorted(fleet.devices, key=lambda state: state.device.id)
            for one in state.drifts
            if device in {None, one.device} and (one.beyond or not beyond)
        ]
        return written(
            DriftsView(
                now=moment(fleet.now),
                total=len(found),
                offset=offset,
                drift=[_view(one) for one in found[offset : offset + limit]],
            )
        )


def _view(one: Drift) -> DriftView:
    return DriftView(
        device=one.device,
        tag=one.tag,
        against=one.against.value,
        start=moment(one.start),
        end=moment(one.end),
        ours=one.ours,
        theirs=one.theirs,
        difference=one.difference,
        tolerance=one.tolerance,
        beyond=one.beyond,
        source=one.source,
        time=moment(one.at),
    )
