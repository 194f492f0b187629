"""A small JSON body of a writing call, bounded in size and time, checked against its model."""

import asyncio
from http import HTTPStatus
from typing import Final, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from monitor.expose.problem import Problem

_LARGEST: Final = 64 << 10
_SECONDS: Final = 10.0

BodyT = TypeVar("BodyT", bound=BaseModel)


async def asked(request: Request, model: type[BodyT]) -> BodyT:
    """What was asked for; a Problem says what is wrong with it."""
    try:
        return model.model_validate_json(await _body(request))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Problem(HTTPStatus.BAD_REQUEST, f"{where}: {first['msg']}") from error


def described(model: type[BaseModel]) -> dict[str, object]:
    """The OpenAPI words for such a body."""
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def line(text: str) -> str:
    """One printable line."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


async def _body(request: Request) -> bytes:
    pieces = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            async for piece in request.stream():
                pieces += piece
                if len(pieces) > _LARGEST:
                    raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {_LARGEST} bytes")
    except TimeoutError as error:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "the body took too long") from error
    except ClientDisconnect as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "the sender went away") from error
    return bytes(pieces)
