"""`/devices`: the fleet in lines, and everything about one device."""

import difflib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Response

from monitor.domain.state import DeviceState, FleetSnapshot, OpenFinding
from monitor.expose.problem import Problem, describe
from monitor.expose.routes.asking import Cursor, Limit, Offset, after, cursor_of
from monitor.expose.views.device import DevicesView, DeviceView, device_view, summary
from monitor.expose.views.finding import worst_first
from monitor.expose.views.usage import measurement_view, sessions_view
from monitor.expose.views.view import moment, written

_NEAREST: Final = 3
_COMPARED: Final = 20_000


class Devices:
    """Answers from the newest snapshot."""

    def __init__(self, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._snapshot = snapshot

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["fleet"])
        router.add_api_route(
            "/devices", self.fleet, response_model=DevicesView, summary="The fleet"
        )
        router.add_api_route(
            "/devices/{name:path}",
            self.one,
            summary="One device",
            response_model=DeviceView,
            responses=describe(HTTPStatus.NOT_FOUND),
        )
        return router

    def fleet(self, limit: Limit = 1_000, offset: Offset = 0, cursor: Cursor = None) -> Response:
        """All devices by name, with release, deadline and worst finding."""
        fleet = self._snapshot()
        about = _by_subject(fleet)
        states = sorted(fleet.devices, key=lambda state: state.device.id)
        if place := after(cursor, str):
            offset = bisect_right(states, place[0], key=lambda state: state.device.id)
        shown = states[offset : offset + limit]
        more = offset + limit < len(states)
        return written(
            DevicesView(
                now=moment(fleet.now),
                total=len(states),
                offset=offset,
                next=cursor_of(shown[-1].device.id) if more else None,
                devices=[summary(state, about[state.device.id]) for state in shown],
            )
        )

    def one(
        self,
        name: Annotated[str, Path(max_length=255, description="Its name, or one of its aliases.")],
    ) -> Response:
        """Everything about one device: the cycle and each fact with its evidence, findings, usage.

        An unknown name answers 404 with `nearest`, the names most like it.
        """
        fleet = self._snapshot()
        state = find_device(fleet, name)
        device = state.device.id
        return written(
            device_view(
                state,
                fleet.now,
                [found for found in worst_first(fleet) if _about(found, device)],
                [sessions_view(*item) for item in fleet.latest.items() if item[0].device == device],
                [measurement_view(each) for each in fleet.measurements if each.device == device],
            )
        )


def _about(found: OpenFinding, device: str) -> bool:
    return found.finding.subject == device or device in found.finding.devices


def _by_subject(fleet: FleetSnapshot) -> defaultdict[str, list[OpenFinding]]:
    about: defaultdict[str, list[OpenFinding]] = defaultdict(list)
    for found in fleet.findings:
        about[found.finding.subject].append(found)
    return about


def find_device(fleet: FleetSnapshot, name: str) -> DeviceState:
    """The device of that name or alias; a Problem (404) with the nearest names where none is."""
    wanted = name.casefold()
    for state in fleet.devices:
        if state.device.id == name:
            return state
    for state in fleet.devices:
        device = state.device
        if wanted in {device.id.casefold(), *(alias.casefold() for alias in device.aliases)}:
            return state
    raise Problem(
        HTTPStatus.NOT_FOUND, f"no device is called {name!r}", nearest=_nearest(fleet, wanted)
    )


def _nearest(fleet: FleetSnapshot, wanted: str) -> list[str]:
    names = {state.device.id.casefold(): state.device.id for state in fleet.devices[:_COMPARED]}
    return [names[near] for near in difflib.get_close_matches(wanted, names, n=_NEAREST)]
