"""Lines whose columns carry meaning, such as those of a character graph, with their own blanks."""

import re
from typing import Final

_DRAWN: Final = re.compile(r"[0-9*#. ]+")


class Laid(str):
    """A line with single blanks that also knows how it was printed."""

    __slots__ = ("printed",)

    printed: str


def laid(plain: str, printed: str) -> str:
    """The plain line; with what was printed where it may be part of a drawing."""
    if plain == printed or not plain or not _DRAWN.fullmatch(plain):
        return plain
    line = Laid(plain)
    line.printed = printed
    return line


def printed(line: str) -> str:
    """The line with its own blanks, as far as they are known; none at its end."""
    return line.printed if isinstance(line, Laid) else line
