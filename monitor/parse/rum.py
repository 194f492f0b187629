"""RUM files (`license smart save usage ...`): reports out of them, every byte kept.

The file is a row of `<RUMReport><![CDATA[{JSON}]]></RUMReport>`; the JSON holds the payload as a
string, signed as it is. No XML library reads it: the signature is over the very bytes, so the file
is cut into pieces which together are the file again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from monitor.domain.rum import RumFile, RumNote, RumPiece, RumRecords
from monitor.errors import ParseError
from monitor.parse.rum_ack import acknowledged
from monitor.parse.rum_report import note_of

LARGEST_FILE: Final = 32 << 20
LARGEST_REPORT: Final = 1 << 20
MOST_REPORTS: Final = 20_000
MOST_REFUSALS: Final = 20
_MOST_ELEMENTS: Final = 2 * MOST_REPORTS
"""Good and bad ones that are told apart at all."""
_LONGEST_NAME: Final = 200

_OPENING: Final = re.compile(rb"<RUMReport\s{0,100}>", re.IGNORECASE)
_CLOSING: Final = re.compile(rb"</RUMReport\s{0,100}>", re.IGNORECASE)
_CDATA: Final = re.compile(rb"\s*<!\[CDATA\[")
_ENTITIES: Final = (
    (b"&lt;", b"<"),
    (b"&gt;", b">"),
    (b"&quot;", b'"'),
    (b"&apos;", b"'"),
    (b"&amp;", b"&"),
)


class RumRefusal(NamedTuple):
    """A report that was not taken: byte of the file at which it begins, and why."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RumParsed:
    """What a file holds. `refused` counts all, `refusals` shows the first."""

    records: RumRecords
    reports: int
    refused: int = 0
    refusals: tuple[RumRefusal, ...] = ()


class _Part(NamedTuple):
    """A stretch of the file: a report with its JSON, a broken one, or what stands between."""

    start: int
    end: int
    body: bytes | None = None
    reason: str = ""


def parse(payload: bytes, name: str, received: float) -> RumParsed:
    """Reports or acknowledgements of one file; bad reports are refused one by one.

    `received`: when it was brought, seconds since 1970 UTC. Raises ParseError where the file is too
    large or holds neither.
    """
    if len(payload) > LARGEST_FILE:
        raise ParseError(f"larger than {LARGEST_FILE:,} bytes")
    taken = _Taken(payload, received)
    if _OPENING.search(payload) is None:
        return _without_container(taken, name)
    for part in _parts(payload):
        taken.take(part)
    return taken.done(name)


def _without_container(taken: "_Taken", name: str) -> RumParsed:
    """A lone report as JSON, or an acknowledgement."""
    whole = _Part(0, len(taken.payload), taken.payload)
    notes = tuple(acknowledged(taken.payload, taken.received))
    if notes:
        taken.keep(whole)
        taken.notes.extend(notes)
    elif taken.payload.lstrip().startswith(b"{"):
        taken.take(whole)
    if not taken.notes:
        why = f": {taken.refusals[0].reason}" if taken.refusals else ""
        raise ParseError(f"no RUM report and no acknowledgement in it{why}")
    return taken.done(name)


class _Taken:
    """Collects the notes and the pieces of one file."""

    def __init__(self, payload: bytes, received: float) -> None:
        self.payload = payload
        self.received = received
        self.notes: list[RumNote] = []
        self.refusals: list[RumRefusal] = []
        self._refused = 0
        self._pieces: dict[str, bytes] = {}
        self._order: list[str] = []

    def keep(self, part: _Part) -> str:
        """Keep the bytes of a part; their digest comes back."""
        data = self.payload[part.start : part.end]
        digest = sha256(data).hexdigest()
        self._pieces[digest] = data
        self._order.append(digest)
        return digest

    def take(self, part: _Part) -> None:
        """Keep a part, and read it where it is a report."""
        digest = self.keep(part)
        if part.body is None and not part.reason:
            return
        try:
            self.notes.append(note_of(_readable(part, len(self.notes)), self.received, digest))
        except ParseError as error:
            self._refused += 1
            if len(self.refusals) < MOST_REFUSALS:
                self.refusals.append(RumRefusal(part.start, error.reason))

    def done(self, name: str) -> RumParsed:
        """Everything taken, with the file."""
        file = RumFile(
            digest=sha256(self.payload).hexdigest(),
            name=_plain(name),
            received=self.received,
            size=len(self.payload),
            reports=len(self.notes),
            refused=self._refused,
            pieces=tuple(self._order),
        )
        pieces = tuple(RumPiece(digest=key, data=data) for key, data in self._pieces.items())
        return RumParsed(
            records=RumRecords(notes=tuple(self.notes), files=(file,), pieces=pieces),
            reports=len(self.notes),
            refused=self._refused,
            refusals=tuple(self.refusals),
        )


def _readable(part: _Part, before: int) -> bytes:
    if part.body is None:
        raise ParseError(part.reason)
    if len(part.body) > LARGEST_REPORT:
        raise ParseError(f"longer than {LARGEST_REPORT:,} bytes")
    if before >= MOST_REPORTS:
        raise ParseError(f"more than {MOST_REPORTS:,} reports in one file")
    return part.body


def _parts(payload: bytes) -> Iterator[_Part]:
    """The whole file without a gap, in order."""
    at = 0
    opening = _OPENING.search(payload)
    for _ in range(_MOST_ELEMENTS):
        if opening is None:
            break
        if opening.start() > at:
            yield _Part(at, opening.start())
        following = _OPENING.search(payload, opening.end())
        # Looked for no further than the next one begins: a file of beginnings costs no more.
        part = _element(payload, opening, following.start() if following else len(payload))
        yield part
        at, opening = part.end, following
    if at < len(payload):
        reason = (
            "" if opening is None else f"more than {_MOST_ELEMENTS:,} reports; the rest is not read"
        )
        yield _Part(at, len(payload), None, reason)


def _element(payload: bytes, opening: re.Match[bytes], limit: int) -> _Part:
    start, inside = opening.span()
    cdata = _CDATA.match(payload, inside, limit)
    if cdata is None:
        return _without_cdata(payload, start, inside, limit)
    end = payload.find(b"]]>", cdata.end(), limit)
    closing = None if end < 0 else _CLOSING.search(payload, end, limit)
    if closing is None:
        return _Part(start, limit, None, "it has no end")
    return _Part(start, closing.end(), payload[cdata.end() : end])


def _without_cdata(payload: bytes, start: int, inside: int, limit: int) -> _Part:
    closing = _CLOSING.search(payload, inside, limit)
    if closing is None:
        return _Part(start, limit, None, "it has no end")
    body = payload[inside : closing.start()]
    for entity, character in _ENTITIES:
        body = body.replace(entity, character)
    return _Part(start, closing.end(), body)


def _plain(name: str) -> str:
    shown = name[:_LONGEST_NAME]
    return "".join(letter if letter.isprintable() else " " for letter in shown)
