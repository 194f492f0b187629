"""The body of a writing call, bounded in size and time."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from monitor.expose.problem import Problem

PROBLEMS: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
)
"""What a call may be answered with because of its body."""
_TEXT: Final = {"type": "string"}


async def body(request: Request, *, largest: int, seconds: float) -> bytes:
    """What was sent; a Problem where it is longer than `largest` bytes or takes too long."""
    pieces = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                pieces += piece
                if len(pieces) > largest:
                    detail = f"at most {largest:,} bytes in one call"
                    raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    except TimeoutError as error:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "the body took too long to arrive") from error
    except ClientDisconnect as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "the sender went away") from error
    return bytes(pieces)


def described(media_type: str, schema: Mapping[str, object] = _TEXT) -> dict[str, object]:
    """The OpenAPI words for a body that must be there."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": dict(schema)}}}}
