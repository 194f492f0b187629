"""Read inventories of CSSM and SSM On-Prem, exported as CSV or answered as JSON."""

import codecs
from typing import Final

from monitor.errors import ParseError
from monitor.parse.cssm.answers import read_answers
from monitor.parse.cssm.export import read_export
from monitor.parse.cssm.inventory import (
    LARGEST,
    Counts,
    Inventory,
    Line,
    ProductInstance,
    Refused,
    Shape,
)

__all__ = [
    "LARGEST",
    "Counts",
    "Inventory",
    "Line",
    "ProductInstance",
    "Refused",
    "Shape",
    "read",
]

_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(payload: bytes, *, account: str = "", now: float) -> Inventory:
    """The inventory in a file or an answer; which of the shapes it has, it shows itself.

    `account`: the virtual account of rows that name none. `now`: seconds since 1970 UTC. Raises
    ParseError with a bounded reason; a bad row only is named in `refused`.
    """
    if len(payload) > LARGEST:
        raise ParseError("too_large")
    text = _text(payload)
    if text.lstrip()[:1] in {"{", "["}:
        return read_answers(text, account=account)
    return read_export(text, account=account, now=now)


def _text(payload: bytes) -> str:
    try:
        if payload.startswith(_WIDE):
            return payload.decode("utf-16")
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What spreadsheets on Windows write; every byte has a meaning there.
        text = payload.decode("latin-1")
    if "\0" in text:
        raise ParseError("no_text")
    return text
