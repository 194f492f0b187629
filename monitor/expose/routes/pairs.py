"""`/pairs`: who is active, what a failover would do now, and what is needed once."""

import difflib
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response

from monitor.domain.state import FleetSnapshot, PairState
from monitor.expose.problem import Problem, describe
from monitor.expose.views.pair import (
    PairsView,
    PairView,
    RehearsalView,
    pair_view,
    rehearsal_view,
)
from monitor.expose.views.view import moment, written

Name = Annotated[str, Path(max_length=500, description="Its name, or a member's.")]


class Pairs:
    """Answers from the newest snapshot."""

    def __init__(self, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._snapshot = snapshot

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["fleet"])
        absent = describe(HTTPStatus.NOT_FOUND)
        router.add_api_route(
            "/pairs", self.all, response_model=PairsView, summary="Redundant routers"
        )
        router.add_api_route(
            "/pairs/{name}/rehearsal",
            self.rehearsal,
            response_model=RehearsalView,
            summary="What happens if it fails over now",
            responses=absent,
        )
        router.add_api_route(
            "/pairs/{name}",
            self.one,
            response_model=PairView,
            summary="One pair",
            responses=absent,
        )
        return router

    def all(self) -> Response:
        """All pairs by name, declared and learned."""
        fleet = self._snapshot()
        states = sorted(fleet.pairs, key=lambda state: state.pair.name)
        views = [pair_view(state, fleet) for state in states]
        return written(PairsView(now=moment(fleet.now), pairs=views))

    def one(self, name: Name) -> Response:
        """Roles with their evidence, readiness, needs by profile, findings, rehearsal."""
        fleet = self._snapshot()
        return written(pair_view(_find(fleet, name), fleet))

    def rehearsal(self, name: Name) -> Response:
        """Whether the standby lives, what is needed in licences, and what would page."""
        return written(rehearsal_view(_find(self._snapshot(), name)))


def _find(fleet: FleetSnapshot, name: str) -> PairState:
    wanted = name.casefold()
    for state in fleet.pairs:
        if wanted == state.pair.name.casefold():
            return state
    for state in fleet.pairs:
        if wanted in {member.casefold() for member in state.pair.members}:
            return state
    names = [state.pair.name for state in fleet.pairs]
    nearest = difflib.get_close_matches(name, names, n=3)
    raise Problem(HTTPStatus.NOT_FOUND, f"no pair is called {name!r}", nearest=nearest)
