"""What operators ask for: a small JSON body, checked against its model, and what came of it."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ValidationError

from monitor.errors import OperationError
from monitor.expose.problem import Problem, describe
from monitor.expose.routes.body import PROBLEMS, body, described

_LARGEST: Final = 64 << 10
_SECONDS: Final = 10.0

BodyT = TypeVar("BodyT", bound=BaseModel)
DoneT = TypeVar("DoneT")


def add_asked(
    router: APIRouter,
    path: str,
    do: Callable[..., Awaitable[Response]],
    *,
    of: type[BaseModel],
    view: type[BaseModel],
    summary: str,
) -> None:
    """Add a route that does what a body of the model `of` asks for, and answers with `view`."""
    router.add_api_route(
        path,
        do,
        methods=["POST"],
        response_model=view,
        summary=summary,
        openapi_extra=described("application/json", of.model_json_schema()),
        responses=describe(*PROBLEMS, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    )


async def asked(request: Request, model: type[BodyT]) -> BodyT:
    """What was asked for; a Problem says what is wrong with it."""
    try:
        return model.model_validate_json(await body(request, largest=_LARGEST, seconds=_SECONDS))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Problem(HTTPStatus.BAD_REQUEST, f"{where}: {first['msg']}") from error


async def done(doing: Awaitable[DoneT], refused: HTTPStatus = HTTPStatus.CONFLICT) -> DoneT:
    """What came of it; a Problem of status `refused` says why it cannot be done."""
    try:
        return await doing
    except OperationError as error:
        raise Problem(refused, str(error)) from error


def line(text: str) -> str:
    """One printable line."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
