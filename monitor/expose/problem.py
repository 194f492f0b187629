"""Errors of the API as problem details (RFC 9457, `application/problem+json`)."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from monitor.domain.records import Json
from monitor.errors import MonitorError, StoreError
from monitor.expose.description import MEDIA_TYPE as MEDIA_TYPE
from monitor.expose.description import methods_of

_SHOWN = 5
_LONGEST = 500
Extra = Mapping[str, object]


class Problem(Exception):  # noqa: N818 - the word of the standard
    """An answer that is an error; `extra` become further members beside the standard ones."""

    def __init__(self, status: HTTPStatus, detail: str, /, **extra: object) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.extra: Extra = extra


def answer(
    status: int,
    detail: str,
    extra: Extra | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write one problem."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail[:_LONGEST],
        **(extra or {}),
    }
    return Response(json.dumps(body) + "\n", status, media_type=MEDIA_TYPE, headers=headers)


def describe(*statuses: HTTPStatus) -> dict[int | str, dict[str, object]]:
    """The OpenAPI words for the problems a route may answer with."""
    members: dict[str, Json | dict[str, str]] = {}
    for name in ("type", "title", "detail"):
        members[name] = {"type": "string"}
    members["status"] = {"type": "integer"}
    schema = {"type": "object", "properties": members}
    return {
        int(status): {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


async def _problem(_: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return answer(error.status, error.detail, error.extra)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # The router names the methods of one route, though several may share the path.
        allowed = methods_of(request.app.openapi(), request.url.path)
        headers["Allow"] = ", ".join(sorted(allowed)) or headers.get("Allow", "GET")
    return answer(error.status_code, str(error.detail), headers=headers)


async def _invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    reasons = [
        f"{'.'.join(str(part) for part in wrong['loc'][1:])}: {wrong['msg']}"
        for wrong in error.errors()[:_SHOWN]
    ]
    return answer(HTTPStatus.BAD_REQUEST, "; ".join(reasons))


async def _monitor(_: Request, error: Exception) -> Response:
    busy = isinstance(error, StoreError)
    status = HTTPStatus.SERVICE_UNAVAILABLE if busy else HTTPStatus.BAD_REQUEST
    return answer(status, str(error), headers={"Retry-After": "5"} if busy else None)


def unexpected() -> Response:
    """What callers are told of a mistake of ours: nothing of our insides."""
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected error; see the monitor's log")


async def _unexpected(_: Request, __: Exception) -> Response:
    return unexpected()


def register(app: FastAPI) -> None:
    """Let every error of the application come out as a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(MonitorError, _monitor)
    app.add_exception_handler(Exception, _unexpected)
