"""Times as devices print them, and the zone words that say what they mean.

A device prints local time with a word that its operator chose (`clock timezone NAME H M`), so IST
may be India, Israel or Ireland. A word is known when it is UTC or GMT, when the caller says its
offset, or when the same paste explains it: by the device's current time, read at a known moment, by
the configuration that chose it (`clock timezone IST 5 30`), or by the epoch in it (`Jan 01 05:30:00
1970 IST` says that IST is +05:30), in this order.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from monitor.domain.instants import HOUR, MINUTE

NONE_WORDS: Final = frozenset(
    {"<none>", "none", "not available", "<empty>", "not applicable", "n/a", "never"}
)
FARTHEST_EAST: Final = 14 * HOUR
"""No zone is further ahead of UTC; a local reading minus this is its earliest possible instant."""

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS: Final = {name: number for number, name in enumerate(_NAMES, start=1)}
_QUARTER: Final = 15 * MINUTE

_MONTH = r"(?P<month>[A-Za-z]{3})"
_DAY = r"(?P<day>\d{1,2})"
_YEAR = r"(?P<year>\d{4})"
_CLOCK = r"(?P<clock>\d\d:\d\d:\d\d)(?:\.\d{1,6})?"
_ZONE = r"(?P<zone>[A-Za-z][\w+/:-]{0,15})"
_SHAPES: Final = tuple(
    re.compile(shape)
    for shape in (
        rf"[*.]?{_MONTH} {_DAY} {_CLOCK} {_YEAR}(?: {_ZONE})?",
        rf"[*.]?{_MONTH} {_DAY} {_YEAR} {_CLOCK}(?: {_ZONE})?",
        rf"[*.]?{_CLOCK} {_ZONE} [A-Za-z]{{3,9}} {_MONTH} {_DAY} {_YEAR}",
        rf"[*.]?{_CLOCK} (?P<half>[AP]M) [A-Za-z]{{6,9}} {_MONTH} {_DAY} {_YEAR}(?: {_ZONE})?",
    )
)
_NEAR_SECONDS: Final = 120
"""A current time this near to a quarter of an hour from ours tells its zone, else it is wrong."""
_NOW: Final = re.compile(
    r"(?:Current Time: |Time source is [^,]{1,20}, |No time source, )?(?P<time>[.]?\S.{10,60})",
    re.IGNORECASE,
)
_CONFIGURED = re.compile(
    r"clock timezone (?P<word>\S{1,16}) (?P<sign>-?)(?P<hours>\d{1,2})(?: (?P<minutes>\d{1,2}))?"
)
TIME: Final = (
    r"[*.]?[A-Za-z]{3} \d{1,2} (?:\d\d:\d\d:\d\d(?:\.\d{1,6})? \d{4}|\d{4} \d\d:\d\d:\d\d)"
    r"(?: (?!Valid\b|Expired\b)[A-Za-z][\w+/:-]{0,15})?"
)
"""Regex source of a time that starts with its month, inside a line with single blanks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """A time a device printed. `text` is the device's words."""

    text: str
    utc: int | None = None
    """Seconds since 1970 UTC; None where the zone word is not known, or there is no time."""
    local: int | None = None
    """The device's clock reading as if it were UTC; None where there is no time."""
    none: bool = False
    """True where the device says that there is no such time."""

    @property
    def earliest(self) -> int | None:
        """The instant, or the earliest it can be where its zone is not known."""
        if self.utc is not None or self.local is None:
            return self.utc
        return self.local - FARTHEST_EAST


def _local(found: re.Match[str]) -> int | None:
    parts = found.groupdict()
    hour, minute, second = (int(part) for part in parts["clock"].split(":"))
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half == "PM" else 0)
    month = _MONTHS.get(parts["month"].lower())
    if month is None:
        return None
    try:
        moment = datetime(
            int(parts["year"]), month, int(parts["day"]), hour, minute, second, tzinfo=UTC
        )
    except ValueError:
        return None
    return int(moment.timestamp())


def reading(text: str) -> tuple[int, str] | None:
    """(clock reading as if UTC, zone word or "") of a time in one of the shapes devices use."""
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            local = _local(found)
            return None if local is None else (local, found["zone"] or "")
    return None


def _is_epoch(local: int) -> bool:
    return abs(local) <= FARTHEST_EAST


class Explained(StrEnum):
    """What in a paste explained a zone word; the earlier one is believed."""

    CLOCK = "the device's clock"
    CONFIGURATION = "its configuration"
    EPOCH = "an epoch date"


class Zones:
    """Zone words of one paste. `given` maps a word to seconds east of UTC, in any letter case."""

    def __init__(self, given: Mapping[str, int]) -> None:
        self._given = {word.upper(): offset for word, offset in given.items()}
        self._given |= {"UTC": 0, "GMT": 0}
        self._seen: dict[Explained, dict[str, set[int]]] = {by: {} for by in Explained}

    def learn(self, lines: Iterable[str], polled: float | None = None) -> None:
        """Take the offsets that these lines say.

        `polled`: when they were read, seconds since 1970 UTC; None where that is not known, and a
        current time in them says nothing.
        """
        for line in lines:
            if "1970" in line or "1969" in line:
                self._learn_epoch(line)
            elif found := _CONFIGURED.fullmatch(line):
                east = int(found["hours"]) * HOUR + int(found["minutes"] or 0) * MINUTE
                self._see(Explained.CONFIGURATION, found["word"], -east if found["sign"] else east)
            elif polled is not None and ":" in line:
                self._learn_clock(line, polled)

    def _see(self, by: Explained, word: str, offset: int) -> None:
        if word and abs(offset) <= FARTHEST_EAST:
            self._seen[by].setdefault(word.upper(), set()).add(offset)

    def _learn_epoch(self, line: str) -> None:
        for found in re.finditer(TIME, line):
            told = reading(found[0])
            if told is not None and _is_epoch(told[0]):
                self._see(Explained.EPOCH, told[1], _quarters(told[0]))

    def _learn_clock(self, line: str, polled: float) -> None:
        found = _NOW.fullmatch(line)
        told = reading(found["time"]) if found and _is_now(line, found["time"]) else None
        if told is None:
            return
        ahead = told[0] - polled
        if abs(ahead - _quarters(ahead)) <= _NEAR_SECONDS:
            self._see(Explained.CLOCK, told[1], _quarters(ahead))

    def explained(self) -> dict[str, tuple[int, Explained]]:
        """Words explained in the paste itself -> (seconds east of UTC, by what)."""
        words = sorted({word for seen in self._seen.values() for word in seen} - {"UTC", "GMT"})
        found = {word: self._explanation(word) for word in words}
        return {word: by for word, by in found.items() if by is not None}

    def _explanation(self, word: str) -> tuple[int, Explained] | None:
        for by, seen in self._seen.items():
            offsets = seen.get(word.upper(), set())
            if len(offsets) == 1:
                return next(iter(offsets)), by
        return None

    def offset(self, word: str) -> int | None:
        """Seconds east of UTC; None for a word nobody explained or that was explained twice."""
        given = self._given.get(word.upper())
        explanation = self._explanation(word)
        return given if given is not None or explanation is None else explanation[0]

    def instant(self, text: str) -> tuple[Instant | None, str]:
        """The time a text holds (None where it is not one) and its zone word where not known."""
        if text.lower() in NONE_WORDS:
            return Instant(text=text, none=True), ""
        told = reading(text)
        if told is None:
            return None, ""
        local, word = told
        if _is_epoch(local):
            return Instant(text=text, none=True), ""
        offset = self.offset(word)
        if offset is None:
            return Instant(text=text, local=local), word or "(no zone word)"
        return Instant(text=text, local=local, utc=local - offset), ""


def _quarters(seconds: float) -> int:
    return round(seconds / _QUARTER) * _QUARTER


def _is_now(line: str, time: str) -> bool:
    # `show clock` and the title of the statistics begin with the time of day, rows of a table with
    # the month. A clock marked `*` was never set right.
    return not time.startswith("*") and (line != time or time.lstrip(".")[:2].isdigit())
