"""`POST /-/reload`: take the configuration file into use again."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response

from monitor.domain.reload import Reloaded
from monitor.errors import ConfigError
from monitor.expose.problem import Problem, describe
from monitor.expose.views.view import View, written

Take = Callable[[], Awaitable[Reloaded]]

_MOST_ERRORS: Final = 50
_LONGEST_ERROR: Final = 1_000


class ReloadedView(View):
    """What the reload did."""

    changed: list[str]
    """Keys that are another way now, such as `devices`; empty where nothing is."""
    warnings: list[str]
    """What somebody should look at, such as a device that was renamed in the file."""


class Reloads:
    """Answers when the file is in use, or why it is not."""

    def __init__(self, take: Take) -> None:
        self._take = take

    def router(self) -> APIRouter:
        """Its route."""
        router = APIRouter(tags=["monitor"])
        router.add_api_route(
            "/-/reload",
            self.reload,
            methods=["POST"],
            summary="Take the configuration file into use again",
            response_model=ReloadedView,
            responses=describe(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE),
        )
        return router

    async def reload(self, request: Request) -> Response:
        """Read the file, check all of it, exchange what changed; answered when it is in use.

        422 says what is wrong, in `errors` with file, line and key; then nothing of it is in use.
        """
        try:
            done = await self._take()
        except ConfigError as error:
            errors = [line[:_LONGEST_ERROR] for line in str(error).splitlines()[:_MOST_ERRORS]]
            detail = "the configuration in use stays: " + "; ".join(errors)
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors) from error
        request.state.audit = f"changed: {', '.join(done.changed) or 'nothing'}"
        return written(ReloadedView(changed=list(done.changed), warnings=list(done.warnings)))
