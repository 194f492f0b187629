"""The parameters that several resources share, with their limits."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Query

from monitor.domain.instants import instant
from monitor.errors import ReadingError
from monitor.expose.problem import Problem

LARGEST_PAGE: Final = 10_000
_LONGEST_NAME: Final = 255

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="At most so many.")]
Offset = Annotated[int, Query(ge=0, description="Leave out so many at the beginning.")]
Name = Annotated[str | None, Query(max_length=_LONGEST_NAME)]
Moment = Annotated[
    str | None,
    Query(max_length=64, description="RFC 3339 with its zone, or seconds since 1970 UTC."),
]


def second(text: str | None, name: str) -> int | None:
    """The whole second a parameter names; a Problem where it names none."""
    if text is None:
        return None
    try:
        # A plus sign in a query string reads as a blank.
        return int(instant(text.replace(" ", "+")))
    except ReadingError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"{name}: {error}") from error
