"""RUM reports: what a router, a saved file or an acknowledgement said of each, whatever the order.

Notes fold commutatively: any order, repetition or batching of the same notes gives the same state.
A report rises from open over closed and sent to acknowledged, and never falls back.
"""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final, NamedTuple


class RumState(StrEnum):
    """How far a report has come."""

    OPEN = "open"
    CLOSED = "closed"
    SENT = "sent"
    """Sent, and not acknowledged yet."""
    ACKNOWLEDGED = "acknowledged"
    LOST = "lost"
    """Gone from the router without an acknowledgement; concluded, never said."""


RISING: Final = (RumState.OPEN, RumState.CLOSED, RumState.SENT, RumState.ACKNOWLEDGED)
"""States as they follow one another."""

PRINTED: Final = {
    "OPEN": RumState.OPEN,
    "CLOSED": RumState.CLOSED,
    "PENDING": RumState.SENT,
    "UNACK": RumState.SENT,
    "ACK": RumState.ACKNOWLEDGED,
}
"""States as `show license rum id` prints them."""


class RumSource(StrEnum):
    """Where a note is from; the later one is the better informed."""

    ACK = "ack"
    """An acknowledgement file."""
    LISTING = "listing"
    """`show license rum id all`."""
    DETAIL = "detail"
    """`show license rum id detail`."""
    FILE = "file"
    """The report itself, as the router saved it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RumMeasurement:
    """One measurement inside a report. Times are the router's, seconds since 1970 UTC."""

    start: int | None = None
    end: int | None = None
    logged: int | None = None
    samples: int | None = None
    value: int | None = None
    """Licences; None where the value is no count."""
    reason: str = ""
    """Why it ended, as the router says (`ProductReload`)."""
    close_reason: str = ""
    clock_change: int = 0
    """Seconds by which the router's clock was set meanwhile; negative: back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RumNote:
    """What one source said of one report."""

    subject: str
    """A device id, or `PID:<pid>,SN:<sn>` where the report itself says whose it is."""
    report_id: int
    source: RumSource
    state: RumState
    seen: float
    """The newest moment at which it was so, seconds since 1970 UTC."""
    first: float
    """The earliest one."""
    metric: str = ""
    """ENTITLEMENT or TELEMETRY."""
    feature: str = ""
    entitlement: str = ""
    """The regid of what is counted."""
    reason: str = ""
    software: str = ""
    start: float | None = None
    end: float | None = None
    previous: int | None = None
    following: int | None = None
    measurements: tuple[RumMeasurement, ...] = ()
    piece: str = ""
    """Digest of the kept bytes; empty where there are none."""

    @property
    def filed(self) -> "RumKey":
        """What it is filed under."""
        return RumKey(self.subject, self.report_id, self.source, self.state)


class RumKey(NamedTuple):
    """Folding chooses among notes of one key."""

    subject: str
    report_id: int
    source: RumSource
    state: RumState


@dataclass(frozen=True, slots=True, kw_only=True)
class RumListing:
    """When a router listed all of its reports, first and last."""

    subject: str
    first: float
    first_highest: int
    """The highest id in the first listing; 0 where it was empty."""
    last: float
    count: int
    """Reports in the last listing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RumPiece:
    """Bytes of a file, kept as they are."""

    digest: str
    """SHA-256, hexadecimal."""
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RumFile:
    """A file that was brought; its pieces one after the other are its bytes."""

    digest: str
    name: str
    received: float
    size: int
    reports: int
    refused: int
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RumRecords:
    """What one input brought."""

    notes: tuple[RumNote, ...] = ()
    listings: tuple[RumListing, ...] = ()
    files: tuple[RumFile, ...] = ()
    pieces: tuple[RumPiece, ...] = ()


RumSheet = MutableMapping[RumKey, RumNote]
_CONTENT: Final = tuple(one.name for one in fields(RumNote) if one.name not in {"seen", "first"})


def _precedence(note: RumNote) -> tuple[float, str]:
    # Everything a note holds takes part, so that two never tie unless they are equal.
    return note.seen, repr([getattr(note, name) for name in _CONTENT])


def merged(one: RumNote, other: RumNote) -> RumNote:
    """The newer of two notes of one key, with the earlier of their first moments."""
    newer = max(one, other, key=_precedence)
    return replace(newer, first=min(one.first, other.first))


def fold(sheet: RumSheet, notes: Iterable[RumNote]) -> list[RumNote]:
    """File notes; those that changed the sheet come back as they are filed now."""
    changed: dict[RumKey, RumNote] = {}
    for note in notes:
        filed = sheet.get(note.filed)
        after = note if filed is None else merged(filed, note)
        if after != filed:
            sheet[note.filed] = changed[note.filed] = after
    return list(changed.values())


def joined(one: RumListing | None, other: RumListing) -> RumListing:
    """Two statements about a router's listings as one, in any order."""
    if one is None:
        return other
    first, highest = min((it.first, it.first_highest) for it in (one, other))
    last, count = max((it.last, it.count) for it in (one, other))
    return RumListing(
        subject=other.subject, first=first, first_highest=highest, last=last, count=count
    )


def highest(counts: Iterable[RumMeasurement]) -> int | None:
    """The highest count among measurements; None where none has one."""
    return max((one.value for one in counts if one.value is not None), default=None)
