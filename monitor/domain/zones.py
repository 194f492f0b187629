"""Offsets of zone words as people write them: in arguments and in the configuration."""

import re
from typing import Final

from monitor.domain.instants import HOUR, MINUTE
from monitor.errors import ReadingError

FARTHEST: Final = 14 * HOUR
"""Seconds between UTC and the clock that is ahead of all others; none is so far behind."""
_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
_WORD = re.compile(r"[^\s=]{0,16}")


def offset(text: str) -> int:
    """Seconds east of UTC of `+05:30`, `-0800` or `+1`; raises ReadingError that says the form."""
    found = _OFFSET.fullmatch(text)
    if found is None:
        raise ReadingError(f"{text[:40]!r} is no offset; write it like +05:30 or -08:00")
    seconds = int(found[2]) * HOUR + int(found[3] or 0) * MINUTE
    if seconds > FARTHEST:
        raise ReadingError(f"{text!r} is beyond 14 hours")
    return -seconds if found[1] == "-" else seconds


def named_offset(text: str) -> tuple[str, int]:
    """(zone word, seconds east of UTC) of `IST=+05:30`; the word may be empty.

    Raises ReadingError that says the form.
    """
    word, _, said = text.partition("=")
    if _WORD.fullmatch(word) is None or _OFFSET.fullmatch(said) is None:
        raise ReadingError(f"{text[:80]!r} is no zone; write it like IST=+05:30")
    return word, offset(said)
