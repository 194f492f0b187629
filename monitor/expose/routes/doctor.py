"""`/doctor`: how well each device is heard, and what to set up."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from monitor.domain.diagnosis import Diagnosis
from monitor.domain.state import DeviceState, FleetSnapshot
from monitor.expose.problem import describe
from monitor.expose.routes.asking import Offset
from monitor.expose.routes.devices import find_device
from monitor.expose.views.diagnosis import DiagnosesView, DiagnosisView, diagnosis_view
from monitor.expose.views.view import moment, written

Diagnose = Callable[[DeviceState, float], Diagnosis]
LARGEST_PAGE: Final = 200
"""Each diagnosis may read an hour of readings."""


class Doctor:
    """Answers from the newest snapshot."""

    def __init__(self, diagnose: Diagnose, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._diagnose = diagnose
        self._snapshot = snapshot

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["fleet"])
        router.add_api_route(
            "/doctor", self.fleet, response_model=DiagnosesView, summary="How devices are heard"
        )
        router.add_api_route(
            "/doctor/{name:path}",
            self.one,
            response_model=DiagnosisView,
            summary="How one device is heard",
            responses=describe(HTTPStatus.NOT_FOUND),
        )
        return router

    def fleet(
        self,
        limit: Annotated[int, Query(ge=1, description="At most so many, and 200.")] = LARGEST_PAGE,
        offset: Offset = 0,
    ) -> Response:
        """Devices by name: sources, disagreements, clocks, what their call tables count."""
        fleet = self._snapshot()
        states = sorted(fleet.devices, key=lambda state: state.device.id)
        shown = states[offset : offset + min(limit, LARGEST_PAGE)]
        return written(
            DiagnosesView(
                now=moment(fleet.now),
                total=len(states),
                offset=offset,
                doctor=[diagnosis_view(self._diagnose(state, fleet.now)) for state in shown],
            )
        )

    def one(
        self,
        name: Annotated[str, Path(max_length=255, description="Its name, or one of its aliases.")],
    ) -> Response:
        """One device; an unknown name answers 404 with `nearest`."""
        fleet = self._snapshot()
        return written(diagnosis_view(self._diagnose(find_device(fleet, name), fleet.now)))
