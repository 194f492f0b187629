"""Time stamps as IOS, IOS XE, IOS XR, NX-OS and relays write them, found but not yet interpreted.

Grammar: `service timestamps log datetime [msec] [localtime] [show-timezone] [year]` or `uptime`,
with `*` (clock never set) or `.` (synchronisation lost) in front; RFC 3164 and RFC 3339 in headers
of relays. Every pattern is bounded and used on bounded text only.
"""

import re
from dataclasses import dataclass
from typing import Final

_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_MONTH = "|".join(_MONTHS)
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
_WORDED = (
    rf"(?:(?P<year_first>(?:19|20)\d\d) )?(?P<month>{_MONTH})[a-z]{{0,6}} {{1,2}}"
    rf"(?P<day>\d{{1,2}})(?: (?P<year>(?:19|20)\d\d))? {_CLOCK}(?: ?(?P<half>[AP]M)\b)?"
)
_ISO = (
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ]"
    rf"{_CLOCK}(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
_MARK = r"(?<![\w])(?P<mark>[*.])?"
_WORDED_STAMP: Final = re.compile(_MARK + _WORDED, re.ASCII)
_ISO_STAMP: Final = re.compile(_MARK + _ISO, re.ASCII)
_UPTIME = re.compile(
    r"(?:(?<=\s)|(?<=:)|^)[*.]?(?P<uptime>\d{1,3}y\d{1,2}w|\d{1,3}w\d{1,2}d|\d{1,4}d\d{1,2}h"
    r"|\d{1,4}:\d\d:\d\d(?:\.\d{1,9})?|(?<![^:]\s)\d{1,5} \d{1,2})\s*:?\s*$",
    re.ASCII,
)
ZONE: Final = re.compile(
    r" ?(?P<zone>[A-Za-z][A-Za-z_/]{0,31}(?:[+-]\d{1,2}(?::?\d\d)?)?|[+-]\d{1,2}(?::?\d\d)?)"
    r"(?=:)| (?P<utc>UTC|GMT)(?=\s*(?::|$))",
    re.ASCII,
)
"""A zone is followed by its colon; a bare word there is the host of a relay's header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What the device wrote: naive parts, or an uptime, which is no date."""

    year: int | None = None
    month: int = 0
    day: int = 0
    hour: int = 0
    minute: int = 0
    second: int = 0
    fraction: float = 0.0
    zone: str | None = None
    """The zone word or offset as written; None where there is none."""
    mark: str = ""
    """`*`, `.` or nothing."""
    uptime: str | None = None
    """`2y10w`, `1d02h`, `00:01:01`, `1 2` (days, hours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A stamp and where it stands."""

    stamp: Stamp
    start: int
    end: int


def find_last(text: str) -> Found | None:
    """The last dated stamp of a bounded text: with two headers the inner one is the device's."""
    worded = _last(_WORDED_STAMP, text)
    iso = _last(_ISO_STAMP, text)
    if iso is not None and (worded is None or iso.start() > worded.start()):
        return _iso(iso)
    return None if worded is None else _worded(worded)


def match_first(text: str) -> Found | None:
    """The dated stamp with which a text begins."""
    worded = _WORDED_STAMP.match(text)
    if worded is not None:
        return _worded(worded)
    iso = _ISO_STAMP.match(text)
    return None if iso is None else _iso(iso)


def find_first(text: str) -> Found | None:
    """The first dated stamp of a bounded text."""
    worded = _WORDED_STAMP.search(text)
    return None if worded is None else _worded(worded)


def find_uptime(text: str) -> Found | None:
    """The uptime with which a bounded text ends."""
    found = _UPTIME.search(text)
    if found is None:
        return None
    stamp = Stamp(uptime=found["uptime"])
    return Found(stamp=stamp, start=found.start(), end=found.end())


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return max(pattern.finditer(text), key=re.Match.start, default=None)


def _worded(found: re.Match[str]) -> Found:
    year = found["year"] or found["year_first"]
    stamp = Stamp(
        year=int(year) if year else None,
        month=_MONTHS.index(found["month"]) + 1,
        day=int(found["day"]),
        hour=_of_24(int(found["hour"]), found["half"]),
        minute=int(found["minute"]),
        second=int(found["second"]),
        fraction=_fraction(found["fraction"]),
        mark=found["mark"] or "",
    )
    return Found(stamp=stamp, start=found.start(), end=found.end())


def _iso(found: re.Match[str]) -> Found:
    stamp = Stamp(
        year=int(found["year"]),
        month=int(found["month"]),
        day=int(found["day"]),
        hour=int(found["hour"]),
        minute=int(found["minute"]),
        second=int(found["second"]),
        fraction=_fraction(found["fraction"]),
        zone=found["zone"],
        mark=found["mark"] or "",
    )
    return Found(stamp=stamp, start=found.start(), end=found.end())


def _of_24(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    return hour % 12 + (12 if half == "PM" else 0)


def _fraction(digits: str | None) -> float:
    return float(f"0.{digits}") if digits else 0.0
