"""The parameters that several resources share, with their limits."""

import base64
import json
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Query

from monitor.domain.instants import instant
from monitor.errors import ReadingError
from monitor.expose.problem import Problem

LARGEST_PAGE: Final = 10_000
_LONGEST_NAME: Final = 255
_LARGEST_NUMBER: Final = 1 << 53

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="At most so many.")]
Offset = Annotated[int, Query(ge=0, description="Leave out so many at the beginning.")]
Name = Annotated[str | None, Query(max_length=_LONGEST_NAME)]
Moment = Annotated[
    str | None,
    Query(max_length=64, description="RFC 3339 with its zone, or seconds since 1970 UTC."),
]

Cursor = Annotated[
    str | None, Query(max_length=1_000, description="`next` of the page before; not with `offset`.")
]


def cursor_of(*place: str | float) -> str:
    """The place of an item in its list, as text that says nothing to callers."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def after(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The place a cursor names, each part of its kind; a Problem where it is none of ours."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        place = None
    kinds_given = [type(part) for part in place] if isinstance(place, list) else None
    large = any(type(part) is int and abs(part) > _LARGEST_NUMBER for part in place or ())
    if kinds_given != list(kinds) or large:
        raise Problem(HTTPStatus.BAD_REQUEST, "cursor: give `next` of the page before, as it was")
    return list(place)


def second(text: str | None, name: str) -> int | None:
    """The whole second a parameter names; a Problem where it names none."""
    if text is None:
        return None
    try:
        # A plus sign in a query string reads as a blank.
        return int(instant(text.replace(" ", "+")))
    except ReadingError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"{name}: {error}") from error
