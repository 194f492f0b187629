"""Readings from JSON lines: `{"device", "tag", "source", "time", "count"}`, one object a line."""

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final

from monitor.domain.instants import MINUTE, instant
from monitor.domain.readings import ReadingColumns, Series
from monitor.errors import ReadingError
from monitor.wire import ReadingLines, Refusal

DEFAULT_SOURCE: Final = "import"
AHEAD_SECONDS: Final = 5 * MINUTE
"""A reading may be this much later than now: clocks differ; later ones are mistakes."""
MOST_REFUSALS: Final = 20
"""So many refusals are shown; all are counted."""
LONGEST_NAME: Final = 255
LONGEST_LINE: Final = 4096
LARGEST_COUNT: Final = (1 << 31) - 1

_KEYS: Final = frozenset({"device", "tag", "source", "time", "count"})
_REQUIRED: Final = 4
"""All but the source."""
_LONGEST_SHOWN: Final = 60
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_raw_decode: Final = JSONDecoder().raw_decode

_Names = tuple[Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The readings of some lines. `refused` counts all refused lines, `refusals` shows some."""

    columns: ReadingColumns
    refusals: Sequence[Refusal] = ()
    refused: int = 0


@dataclass(slots=True)
class _Columns:
    """Columns under construction."""

    latest: float
    series: dict[_Names, int] = field(default_factory=dict)
    which: "array[int]" = field(default_factory=lambda: array("I"))
    seconds: "array[int]" = field(default_factory=lambda: array("q"))
    counts: "array[int]" = field(default_factory=lambda: array("q"))

    def known(self, names: _Names) -> int | None:
        """Position of a series that was seen before."""
        try:
            return self.series.get(names)
        except TypeError:
            # A list or an object as a name cannot be looked up; it is refused as a name.
            return None

    def done(self) -> ReadingColumns:
        return ReadingColumns(
            series=tuple(Series(*names) for names in self.series),
            which=self.which,
            seconds=self.seconds,
            counts=self.counts,
        )


def parse(lines: ReadingLines, now: float) -> Parsed:
    """Readings of `lines`; a bad line is refused with its number and reason, the rest goes on.

    `time` is RFC 3339 with its zone or seconds since 1970, not later than `now` + 5 minutes;
    fractions of a second are floored. `source` may be left out. Blank lines are skipped.
    """
    columns = _Columns(latest=now + AHEAD_SECONDS)
    refusals: list[Refusal] = []
    refused = 0
    for number, line in _numbered(lines):
        try:
            _take(line, columns)
        except ReadingError as error:
            refused += 1
            if len(refusals) < MOST_REFUSALS:
                refusals.append(Refusal(line=number, reason=str(error)))
    return Parsed(columns=columns.done(), refusals=tuple(refusals), refused=refused)


def _numbered(lines: ReadingLines) -> Iterator[tuple[int, str | bytes]]:
    payload = lines.payload
    if lines.first_line == 1:
        payload = payload.removeprefix(_BYTE_ORDER_MARK)
    for number, row in enumerate(_rows(payload), lines.first_line):
        if row and not row.isspace():
            yield number, row


def _rows(payload: bytes) -> Sequence[str | bytes]:
    try:
        return payload.decode().split("\n")
    except UnicodeDecodeError:
        # Only the lines that are not UTF-8 are refused, each by itself.
        return payload.split(b"\n")


def _take(line: str | bytes, columns: _Columns) -> None:
    names, time, count = _fields(_object(line))
    which = columns.known(names)
    if which is None:
        names = (_name("device", names[0]), _name("tag", names[1]), _name("source", names[2]))
    if type(count) is not int or not 0 <= count <= LARGEST_COUNT:
        raise ReadingError(f"count {_shown(count)} is not a whole number from 0 to {LARGEST_COUNT}")
    second = _second(time, columns.latest)
    if which is None:
        which = columns.series[names] = len(columns.series)
    columns.which.append(which)
    columns.seconds.append(second)
    columns.counts.append(count)


def _object(line: str | bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise ReadingError(f"line is longer than {LONGEST_LINE} characters")
    try:
        text = (line if isinstance(line, str) else line.decode()).strip()
        found, end = _raw_decode(text)
    except UnicodeDecodeError as error:
        raise ReadingError("not UTF-8") from error
    except JSONDecodeError as error:
        raise ReadingError(f"not JSON: {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise ReadingError("not JSON: a number too long, or nested too deep") from error
    if end != len(text):
        raise ReadingError(f"not JSON: more text after the object, at column {end + 1}")
    if type(found) is not dict:
        raise ReadingError("not a JSON object; one object a line is expected")
    return found


def _fields(reading: dict[str, Any]) -> tuple[_Names, Any, Any]:
    try:
        names = (reading["device"], reading["tag"], reading.get("source", DEFAULT_SOURCE))
        fields = names, reading["time"], reading["count"]
    except KeyError as error:
        raise ReadingError(f"{error.args[0]} is missing") from error
    if len(reading) != _REQUIRED + ("source" in reading):
        raise _unknown_key(reading)
    return fields


def _name(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ReadingError(f"{key} {_shown(value)} is not a name")
    if len(value) > LONGEST_NAME:
        raise ReadingError(f"{key} is longer than {LONGEST_NAME} characters")
    if not value.isprintable() or value != value.strip():
        raise ReadingError(f"{key} {_shown(value)} has control characters or blanks around it")
    return value


def _second(time: Any, latest: float) -> int:
    moment = _moment(time)
    if moment > latest:
        raise ReadingError(f"time {_shown(time)} is later than now + {AHEAD_SECONDS // MINUTE} min")
    return math.floor(moment)


def _moment(time: Any) -> float:
    kind = type(time)
    if kind is str:
        return _moment_of_text(time)
    if kind is not int and kind is not float:
        raise ReadingError(f"time {_shown(time)} is neither RFC 3339 nor epoch seconds")
    # One place knows the range of instants and says what is wrong with others.
    return _instant(repr(time))


def _moment_of_text(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _instant(text)
    if moment.tzinfo is None:
        return _instant(text)
    seconds = moment.timestamp()
    if seconds < 0:
        raise ReadingError(f"time {_shown(text)} is before 1970")
    return seconds


def _instant(text: str) -> float:
    if len(text) > _LONGEST_SHOWN:
        raise ReadingError(f"time {_shown(text)} is neither RFC 3339 nor epoch seconds")
    return instant(text)


def _unknown_key(reading: dict[str, Any]) -> ReadingError:
    unknown = min(reading.keys() - _KEYS)
    return ReadingError(f"key {_shown(unknown)} is unknown; keys are {', '.join(sorted(_KEYS))}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."
