"""What all answers share."""

from typing import Final

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from monitor.domain.instants import rfc3339

_LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""


class View(BaseModel):
    """One object of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def moment(seconds: float | None) -> str | None:
    """RFC 3339; None for no moment and for one no calendar holds."""
    if seconds is None or not 0 <= seconds <= _LATEST:
        return None
    return rfc3339(seconds)


def written(view: View) -> Response:
    """The answer, written here so that the work stays in the calling thread."""
    return Response(view.model_dump_json() + "\n", media_type="application/json")
