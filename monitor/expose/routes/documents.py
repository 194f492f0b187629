"""The documents of the monitor, so that a page at night needs no other server for its runbook."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from monitor.expose.documents import contents, document
from monitor.expose.problem import Problem


class Documents:
    """Reads nothing but what it was given by name, so no path leads elsewhere."""

    def __init__(self, known: Mapping[str, Path]) -> None:
        self._known = known

    def router(self) -> APIRouter:
        """Its routes, for people: they are not part of the API."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/docs", self.list, response_class=HTMLResponse)
        router.add_api_route("/docs/", self.list, response_class=HTMLResponse)
        router.add_api_route("/docs/{name:path}", self.one, response_class=HTMLResponse)
        return router

    def list(self) -> Response:
        """All of them."""
        return HTMLResponse(contents(self._known))

    def one(self, name: str) -> Response:
        """One of them; 404 where none is called so."""
        path = self._known.get(name.removesuffix(".md"))
        if path is None:
            reason = "no document is called so; /docs/ lists them"
            raise Problem(HTTPStatus.NOT_FOUND, reason)
        return HTMLResponse(document(path))
