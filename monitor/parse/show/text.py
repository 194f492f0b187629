"""Terminal captures and pasted documents into plain lines."""

import re
from collections.abc import Iterator
from typing import Final

from monitor.parse.show.laid import laid
from monitor.parse.show.page import UNREADABLE

LONGEST_INPUT: Final = 4 * 1024 * 1024
"""Characters that are read; what follows is left out, and said."""
_LONGEST_LINE: Final = 4_000

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]{0,20}[A-Za-z]|[()][A-Z0-9]|[=>])")
_LINE_END = re.compile(r"\r\n|[\r\n\f]")
_MORE = re.compile(r"(?:<-{1,4} ?More ?-{1,4}>|-{1,4} ?\(?More\)? ?-{1,4})", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x07\x0b\x0e-\x1f\x7f]+")
_INVISIBLE = re.compile(r"[\ufeff\u200b-\u200f]+")
_CONSOLE = re.compile(
    r".{0,120}?%[A-Z][A-Z0-9_]{1,40}-(?:[A-Z0-9_]{1,40}-)?[0-7]-[A-Z0-9_]{1,60}:"
    r"|[*.]?[A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d\.\d{1,6}[^:]{0,12}: "
)


def lines(text: str) -> Iterator[str]:
    """Lines with single blanks, without what terminals add and without messages of the console."""
    for line in _LINE_END.split(_ESCAPES.sub("", text[:LONGEST_INPUT])):
        plain = _plain(line[:_LONGEST_LINE])
        if not _CONSOLE.match(plain):
            yield plain


def _plain(line: str) -> str:
    line = _MORE.sub("", line)
    if "\b" in line:
        line = _erased(line)
    # A control character may stand where a digit stood: it must not join what is left of a number.
    line = _CONTROL.sub(UNREADABLE, _INVISIBLE.sub("", line))
    return laid(" ".join(line.split()), line.expandtabs().rstrip())


def _erased(line: str) -> str:
    kept: list[str] = []
    for character in line:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
