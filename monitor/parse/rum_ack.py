"""Acknowledgements of RUM reports, as CSSM or CSLU hand them out in a file.

Cisco documents no form of these files. They are read by what they must hold: JSON, bare, in CDATA
or in base64, with report ids and serial numbers under something that is named an acknowledgement.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from monitor.domain.rum import RumNote, RumSource, RumState
from monitor.errors import ParseError
from monitor.parse.rum_report import object_of, udi_of, whole

LARGEST: Final = 4 << 20
_MOST: Final = 20_000
_LAYERS: Final = 3
_CDATA: Final = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=\s]{40,}+")
_NAMED: Final = re.compile(r"\back|acknowledg|_ack", re.IGNORECASE)
_WORDS: Final = re.compile(rb"\back|acknowledg|_ack|RUMAck", re.IGNORECASE)
_IDS: Final = frozenset({"report_ids", "reports", "acknowledged_reports", "acked_reports"})


def acknowledged(payload: bytes, received: float) -> Iterator[RumNote]:
    """A note for each report that the file acknowledges, once; none where it is no such file."""
    if len(payload) > LARGEST:
        return
    found: dict[tuple[str, int], None] = {}
    for body, named in _bodies(payload, _LAYERS, named=False):
        try:
            outer = object_of(body)
        except ParseError:
            continue
        for key in _walk(outer, "", _LAYERS, named=named):
            found[key] = None
            if len(found) >= _MOST:
                break
    for subject, number in found:
        yield RumNote(
            subject=subject,
            report_id=number,
            source=RumSource.ACK,
            state=RumState.ACKNOWLEDGED,
            seen=received,
            first=received,
        )


def _bodies(payload: bytes, layers: int, *, named: bool) -> Iterator[tuple[bytes, bool]]:
    """JSON texts in a file, and whether something around them is named an acknowledgement."""
    text = payload.strip()
    if text.startswith(b"{"):
        yield text, named
    elif layers and text.startswith(b"<"):
        around = _CDATA.sub(b"", text)
        for found in _CDATA.finditer(text):
            inside = named or _WORDS.search(around) is not None
            yield from _bodies(found[1], layers - 1, named=inside)
    elif layers and _BASE64.fullmatch(text):
        try:
            decoded = base64.b64decode(b"".join(text.split()), validate=True)
        except binascii.Error:
            return
        yield from _bodies(decoded, layers - 1, named=named)


def _walk(value: object, subject: str, layers: int, *, named: bool) -> Iterator[tuple[str, int]]:
    if isinstance(value, list):
        for one in value:
            yield from _walk(one, subject, layers, named=named)
    elif isinstance(value, str):
        yield from _inside(value, subject, layers, named=named)
    elif isinstance(value, dict):
        subject = _udi(value) or subject
        if named and subject:
            yield from ((subject, number) for number in _ids(value))
        for key, one in value.items():
            inside = named or _NAMED.search(key) is not None
            yield from _walk(one, subject, layers, named=inside)


def _inside(text: str, subject: str, layers: int, *, named: bool) -> Iterator[tuple[str, int]]:
    """What a string holds that is itself a document: a payload, or a file in base64."""
    if not layers or len(text) < 2:  # noqa: PLR2004 - `{}` is the shortest
        return
    for body, within in _bodies(text.encode("utf-8", "replace"), layers - 1, named=named):
        try:
            yield from _walk(object_of(body), subject, layers - 1, named=within)
        except ParseError:
            continue


def _udi(value: dict[str, object]) -> str:
    for holder in (
        value,
        {"sudi": value},
        value.get("instance"),
        value.get("asset_identification"),
    ):
        if isinstance(holder, dict):
            try:
                return udi_of(holder)
            except ParseError:
                continue
    return ""


def _ids(value: dict[str, object]) -> Iterator[int]:
    listed: list[object] = [value.get("report_id")]
    for name in _IDS & value.keys():
        inside = value[name]
        listed.extend(inside if isinstance(inside, list) else ())
    for one in listed:
        number = whole(one)
        if number is not None and number > 0:
            yield number
