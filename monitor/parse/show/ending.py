"""Whether the last line of a capture may have lost its end.

A capture that was cut inside a line cannot be told from one without a last line end, except where
the last value could not go on: `Count: 1` may have been 12, `Status: IN USE` may not.
"""

import re
from typing import Final

from monitor.parse.show.page import labelled
from monitor.parse.show.text import lines

_WHOLE_WORDS: Final = frozenset(
    {
        "yes",
        "no",
        "true",
        "false",
        "none",
        "up",
        "down",
        "enabled",
        "disabled",
        "allowed",
        "perpetual",
        "subscription",
        "callhome",
        "smart",
        "cslu",
        "automatic",
        "authorized",
        "pending",
        "duplex",
        "simplex",
        "primary",
        "secondary",
        "active",
        "standby",
        "sso",
        "succeeded",
        "failed",
        "restricted",
        "use",
        "compliance",
        "enforced",
        "installed",
        "applicable",
        "available",
        "configured",
        "hot-standby-chassis-to-chassis",
        "hot-standby-card-to-card",
        "minutes",
    }
)
_LAST_WORD = re.compile(r"[A-Za-z-]+$")
_ENDS = (")", ".", ">", "#")
_TIME_END = re.compile(r"(?:\d\d:\d\d:\d\d \d{4}|\d{4} \d\d:\d\d:\d\d) [A-Za-z]{3,5}\Z")
_DAYS = re.compile(r"\d{1,5} days?")
_TAIL: Final = 5_000


def open_end(text: str) -> str | None:
    """The last line, where it may be cut; None where it is whole."""
    if not text or text[-1] in "\r\n":
        return None
    last = list(lines("\n" + text[-_TAIL:]))[-1]
    return None if _whole(last) else last


def _whole(line: str) -> bool:
    if not line or line.endswith(_ENDS):
        return True
    value = (labelled(line) or ("", line))[1]
    if value.count("(") != value.count(")"):
        return False
    if _DAYS.fullmatch(value) or value == "0" or _TIME_END.search(line[-30:]):
        return True
    word = _LAST_WORD.search(value)
    return word is not None and word[0].lower() in _WHOLE_WORDS
