"""Text in tags of points, and back.

A tag cannot hold line breaks, and a backslash means different things to different readers. Those
characters, and the percent sign, are written as `%5C` and so on, so that every name comes back as
it was.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

_LONGEST: Final = 1_024
_CODED: Final = re.compile(r"[%\\\x00-\x1f\x7f\x85\u2028\u2029]|[\ud800-\udfff]")
_ESCAPED: Final = re.compile(r"([ ,=])")
EMPTY: Final = "%"
"""Stands for the empty text, which a tag cannot have."""


@lru_cache(maxsize=65_536)
def tag(text: str) -> str:
    """A tag's value as the line protocol wants it; ValueError where it is too long for one."""
    plain = coded(text)
    if len(plain) > _LONGEST:
        raise ValueError(f"a name of {len(plain)} characters is too long for a tag")
    return _ESCAPED.sub(r"\\\1", plain)


def coded(text: str) -> str:
    """The text as it stands in the database."""
    return _CODED.sub(_percent, text) if text else EMPTY


def plain(text: str) -> str:
    """What `coded` was given."""
    return "" if text == EMPTY else unquote(text, errors="surrogatepass")


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass"))
