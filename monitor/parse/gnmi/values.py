"""Values of YANG leaves, however they were encoded: RFC 7951, plain JSON or typed."""

import json
import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from monitor.domain.instants import HOUR
from monitor.errors import ParseError

Scalar = bool | int | float | str
Tree = Scalar | None | list["Tree"] | dict[str, "Tree"]

MOST_BYTES: Final = 4 << 20
LONGEST_TEXT: Final = 4096
_LONGEST_NUMBER: Final = 20
_LARGEST: Final = (1 << 63) - 1
_FARTHEST: Final = 14 * HOUR
"""An instant so near to 1970 is the epoch in some zone: the device has no such time."""

_NUMBER = re.compile(r"[+-]?\d{1,19}(?:\.0{1,18})?")
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(\.\d{1,9})?(?:([Zz])|([+-]\d\d):?(\d\d))"
)


def tree(text: bytes) -> Tree:
    """The value of JSON text; raises ParseError where it is none or too large."""
    if len(text) > MOST_BYTES:
        raise ParseError("value_too_long")
    try:
        value: Tree = _DECODER.decode(text.decode())
    except (ValueError, RecursionError):
        raise ParseError("not_json") from None
    return value


def _integer(digits: str) -> int | str:
    # Some number that long is no count of anything; as text it is refused where a number is due.
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits[:_LONGEST_NUMBER]


def _refuse(word: str) -> float:
    raise ValueError(word)


_DECODER: Final = json.JSONDecoder(parse_int=_integer, parse_constant=_refuse)


def number(value: Scalar) -> int:
    """A whole number >= 0, also as RFC 7951 writes 64 bits: in a string."""
    if isinstance(value, str):
        return _checked(value.strip())
    if isinstance(value, bool) or (isinstance(value, float) and not _is_whole(value)):
        raise ParseError("not_a_number")
    if not 0 <= value <= _LARGEST:
        raise ParseError("number_out_of_range")
    return int(value)


def _is_whole(value: float) -> bool:
    return math.isfinite(value) and value.is_integer()


def _checked(text: str) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise ParseError("not_a_number")
    return number(int(text.partition(".")[0]))


def flag(value: Scalar) -> bool:
    """A boolean, also in words."""
    if isinstance(value, bool):
        return value
    known = {"true": True, "false": False}.get(str(value).lower())
    if known is None:
        raise ParseError("not_a_boolean")
    return known


def words(value: Scalar) -> str:
    """Text of bounded length."""
    if isinstance(value, bool | int | float):
        raise ParseError("not_text")
    return value[:LONGEST_TEXT]


def enumerated(value: Scalar, start: str, names: Sequence[str]) -> str:
    """The word of an enumeration without what all its words start with, underscores for hyphens.

    A number counts in `names`; one beyond them is `unknown(n)`.
    """
    if isinstance(value, str) and not value.isdecimal():
        bare = value.rpartition(":")[2].strip().lower()
        return bare.removeprefix(start).replace("-", "_")[:64]
    position = number(value)
    known = position < len(names)
    return names[position].replace("-", "_") if known else f"unknown({position})"


def instant(value: Scalar) -> float | None:
    """Seconds since 1970 UTC of a YANG date-and-time with any offset; None for the epoch.

    Raises ParseError for text without a zone: YANG demands one (RFC 6991), and none is guessed.
    """
    found = _MOMENT.fullmatch(str(value).strip())
    if found is None:
        raise ParseError("not_a_time")
    day, clock, second, fraction, zulu, hours, minutes = found.groups()
    # A leap second is the second before it: Python's calendar has none.
    whole = f"{day}T{clock}:{'59' if second == '60' else second}"
    zone = "+00:00" if zulu else f"{hours}:{minutes}"
    try:
        seconds = datetime.fromisoformat(whole + zone).timestamp()
    except (ValueError, OverflowError):
        raise ParseError("not_a_time") from None
    if abs(seconds) <= _FARTHEST:
        return None
    if seconds < 0:
        raise ParseError("time_before_1970")
    return seconds + float(fraction or 0)
