"""One output while it is read: typed values out of its lines, and what was odd about them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from monitor.domain import release
from monitor.parse.show.instants import Instant, Zones

_MOST_WARNINGS: Final = 40
_MOST_UNPARSED: Final = 20
_LONGEST: Final = 160
_LABEL = re.compile(r"([^:=]{1,90}?) ?[:=] ?(.*)")
_UNDERLINE = re.compile(r"[-=_*][-=_* ]*")
_RELEASE = re.compile(
    r"\d{1,2}\.\d{1,2}(?:[.:]\d{1,8}){1,3}[a-z]{0,8}\d{0,4}|\d{1,2}\.\d\(\d{1,3}[a-z]?\)\w{0,12}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparsed:
    """Lines nobody understood: how many, and the first of them."""

    count: int = 0
    lines: tuple[str, ...] = ()


ALL_READ: Final = Unparsed()


def normal(label: str) -> str:
    """A label or heading as tables name it: lower case, single blanks, no colon at the end."""
    return " ".join(label.lower().split()).rstrip(": ")


def labelled(line: str) -> tuple[str, str] | None:
    """(normal label, value) of `Label: value`, `Label : value` or `Label = value`."""
    found = _LABEL.fullmatch(line)
    return None if found is None else (normal(found[1]), found[2].strip())


def underline(line: str) -> bool:
    """Whether a line only rules off what stands above it."""
    return _UNDERLINE.fullmatch(line) is not None


UNREADABLE: Final = "\ufffd"
"""Stands where a byte of the capture is no text."""


class Page:
    """Lines of one output (single blanks, none empty) with the zones that hold for them."""

    def __init__(self, lines: Sequence[str], zones: Zones) -> None:
        self.lines = lines
        self._zones = zones
        self._warnings: dict[str, None] = {}
        self._dropped = 0
        self._left: list[str] = []
        self._left_count = 0
        if any(UNREADABLE in line for line in lines):
            self.warn("some characters are no text: the values of their lines may be wrong")
        self.settled = ""
        """The newest line whose end cannot matter: it gave no value, or is whole by itself."""

    def __iter__(self) -> Iterator[str]:
        return iter(self.lines)

    def warn(self, text: str) -> None:
        """Say once that something is odd."""
        if text in self._warnings:
            return
        if len(self._warnings) < _MOST_WARNINGS:
            self._warnings[text] = None
        else:
            self._dropped += 1

    def leave(self, line: str) -> None:
        """Keep a line that is not understood."""
        self.settled = line
        if _NUMBER.fullmatch(line):
            self.warn(f"a line holds nothing but {line}: the line before it may be broken")
        self._left_count += 1
        if len(self._left) < _MOST_UNPARSED:
            self._left.append(line[:_LONGEST])

    def file(self, values: dict[str, str], label: str, value: str) -> None:
        """Put a value under its label; the first stays where another contradicts it."""
        if values.setdefault(label, value) != value:
            self.warn(f"{label} is printed twice: {values[label][:60]!r} and {value[:60]!r}")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was said so far."""
        more = (f"and {self._dropped} more warnings",) if self._dropped else ()
        return (*self._warnings, *more)

    @property
    def unparsed(self) -> Unparsed:
        """Lines left so far."""
        return Unparsed(count=self._left_count, lines=tuple(self._left))

    def settle(self, line: str) -> None:
        """Read past a line that nobody has asked for, or that is known to be whole."""
        self.settled = line

    def unclear(self, label: str, text: str, wanted: str) -> None:
        """Say that a value is not what its label promises."""
        self.warn(f"{label}: {text[:_LONGEST]!r} is not {wanted}")

    def instant(self, label: str, text: str | None) -> Instant | None:
        """A time; None, and a warning, for text that holds none."""
        if text is None:
            return None
        found, word = self._zones.instant(text)
        if found is None:
            self.unclear(label, text, "a time")
        if word:
            self.warn(
                f"zone word {word} is not known, so its times have no UTC: say its offset with "
                f"--timezone {word}=+HH:MM"
            )
        return found

    def number(self, label: str, text: str | None) -> int | None:
        """A whole number; None, and a warning, for text that is none."""
        if text is None:
            return None
        if _NUMBER.fullmatch(text) is None:
            self.unclear(label, text, "a whole number")
            return None
        return int(text)

    def release(self, label: str, text: str | None) -> str | None:
        """The normal release; None, and a warning, for text that is none."""
        if text is None:
            return None
        if _RELEASE.fullmatch(text) is None:
            self.unclear(label, text, "a release")
            return None
        return release.normal(text)

    def yes(self, label: str, text: str | None) -> bool | None:
        """True or False for yes or no; None, and a warning, for other text."""
        if text is None:
            return None
        known = {"yes": True, "no": False, "true": True, "false": False}.get(text.lower())
        if known is None:
            self.unclear(label, text, "yes or no")
        return known


class Filed(Enum):
    """What became of a labelled value."""

    NEW = auto()
    TWICE = auto()
    """The same line once more."""
    ELSEWHERE = auto()
    """It belongs to another block, whose heading is lost."""


class Block:
    """Labelled values of one thing in a row of like things, such as one entitlement.

    A label that comes again means that the heading of the next thing was lost, except directly
    after itself with the same value: that is likely one line twice.
    """

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._last = ""

    def begin(self, **values: str) -> None:
        """Take what the heading says."""
        self.values |= values

    @property
    def untouched(self) -> bool:
        """Whether there is nothing but the heading yet."""
        return not self._last

    def put(self, label: str, value: str) -> Filed:
        """File a value, unless the label was there before."""
        if label not in self.values:
            self.values[label] = value
            self._last = label
            return Filed.NEW
        twice = self._last == label and self.values[label] == value
        return Filed.TWICE if twice else Filed.ELSEWHERE
