"""Readings from a CSV file as columns: whole blocks at a time, row by row only where one is bad."""

import csv
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, TextIO

from monitor.aggregate.columns import Columns
from monitor.domain.instants import instant
from monitor.domain.readings import ReadingColumns, Series
from monitor.errors import MonitorError, ReadingError

NEEDED: Final = ("device", "tag", "time", "count")
SOURCE: Final = "source"
UNNAMED_SOURCE: Final = "file"

_BLOCK: Final = 1 << 20
"""Characters read at a time."""
_LONGEST_LINE: Final = 1 << 16
_LONGEST_NAME: Final = 255
_SHOWN: Final = 60
_HIGHEST: Final = 10**15
"""More sessions than this are no count of anything, and sums of them would overflow."""
_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_TO_THE_MINUTE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:", re.ASCII)
_MINUTE_TEXT: Final = len("2023-11-15T08:00:")
_EPOCH_DIGITS: Final = 10
_COUNT_DIGITS: Final = 15
_MOST_MINUTES: Final = 100_000
_TAILS: Final = {f"{second:02d}Z": second for second in range(60)}
_UNREADABLE: Final = "\N{REPLACEMENT CHARACTER}"


class TableError(MonitorError):
    """The file is no table of readings."""


class Refused(NamedTuple):
    """One row that was not taken."""

    line: int
    reason: str


def read_csv(file: TextIO, latest: int, refuse: Callable[[Refused], None]) -> Columns:
    """All good rows as columns; bad ones go to `refuse`, in order.

    Readings after `latest` are bad. Raises TableError where the header lacks a column.
    """
    table: _Table | None = None
    for first, lines in _blocks(file):
        if table is None:
            at = next((at for at, line in enumerate(lines) if line.strip()), None)
            if at is None:
                continue
            table = _Table(_header(lines[at]), latest, refuse)
            first, lines = first + at + 1, lines[at + 1 :]  # noqa: PLW2901 - what is left of it
        table.take(first, lines)
    if table is None:
        raise TableError(f"is empty; it needs a header with {', '.join(NEEDED)}")
    return table.columns()


def _blocks(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """(number of the first line, lines)."""
    number, rest = 1, ""
    while text := file.read(_BLOCK):
        lines = (rest + text).split("\n")
        rest = lines.pop()
        if len(rest) > _LONGEST_LINE:
            raise TableError(
                f"line {number + len(lines)} is longer than {_LONGEST_LINE} characters"
            )
        yield number, lines
        number += len(lines)
    if rest:
        yield number, [rest]


def _header(line: str) -> dict[str, int]:
    """Position of each column."""
    try:
        names = [name.strip().lower() for name in _fields(line)]
    except ReadingError as error:
        raise TableError(f"the header cannot be read: {error}") from error
    for name in (*NEEDED, SOURCE):
        if names.count(name) > 1:
            raise TableError(f"the header names the column {name} twice")
        if name not in names and name != SOURCE:
            found = ", ".join(names)[:_SHOWN]
            raise TableError(f"the header lacks the column {name} (it has: {found})")
    return {name: at for at, name in enumerate(names)} | {"": len(names)}


def _fields(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True))
    except (csv.Error, StopIteration) as error:
        raise ReadingError(f"not CSV: {error}") from error


class _Minutes(dict[str, int]):
    """Text of a UTC time up to its seconds -> seconds since 1970."""

    def __missing__(self, text: str) -> int:
        if not _TO_THE_MINUTE.fullmatch(text):
            raise ReadingError("not in this form")
        if len(self) >= _MOST_MINUTES:
            self.clear()
        self[text] = second = int(instant(text + "00Z"))
        return second


class _Names(dict[tuple[str, str, str], int]):
    """(device, tag, source) as written -> position of its series."""

    def __init__(self) -> None:
        super().__init__()
        self.series: dict[Series, int] = {}

    def __missing__(self, written: tuple[str, str, str]) -> int:
        device, tag, source = (text.strip() for text in written)
        named = zip(("device", "tag", "source"), (device, tag, source or "-"), strict=True)
        for column, text in named:
            _check_name(column, text)
        series = Series(device, tag, source or UNNAMED_SOURCE)
        self[written] = place = self.series.setdefault(series, len(self.series))
        return place


def _check_name(column: str, text: str) -> None:
    if not text:
        raise ReadingError(f"{column} is empty")
    if len(text) > _LONGEST_NAME:
        raise ReadingError(f"{column} is longer than {_LONGEST_NAME} characters")
    if _UNREADABLE in text or not text.isprintable():
        raise ReadingError(f"{column} {text[:_SHOWN]!r} has characters that cannot be read")


class _Table:
    """Collects columns."""

    def __init__(
        self, positions: dict[str, int], latest: int, refuse: Callable[[Refused], None]
    ) -> None:
        self._width = positions[""]
        self._at = [positions[name] for name in NEEDED]
        self._source = positions.get(SOURCE)
        self._latest, self._refuse = latest, refuse
        self._minutes, self._names = _Minutes(), _Names()
        self._which, self._seconds, self._counts = array("I"), array("q"), array("q")

    def columns(self) -> Columns:
        """Everything taken."""
        return Columns.of(
            ReadingColumns(
                series=list(self._names.series),
                which=self._which,
                seconds=self._seconds,
                counts=self._counts,
            )
        )

    def take(self, first: int, lines: Sequence[str]) -> None:
        """Take lines of which the first has this number."""
        try:
            self._take_at_once(lines)
        except (ReadingError, ValueError, KeyError):
            # Some row is not in the usual form: look at each by itself.
            for number, line in enumerate(lines, start=first):
                if line.strip():
                    self._take_one(number, line)

    def _take_at_once(self, lines: Sequence[str]) -> None:
        rows = [line.split(",") for line in lines if line and not line.isspace()]
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        if len(columns) != self._width or any('"' in line for line in lines):
            raise ReadingError("not in this form")
        device, tag, times, counts = (columns[at] for at in self._at)
        source = ("",) * len(rows) if self._source is None else columns[self._source]
        names = self._names
        which = [names[key] for key in zip(device, tag, source, strict=True)]
        seconds, numbers = self._seconds_of(times), _integers(counts, _COUNT_DIGITS)
        if max(seconds) > self._latest:
            raise ReadingError("later than it may be")
        self._which.extend(which)
        self._seconds.extend(seconds)
        self._counts.extend(numbers)

    def _seconds_of(self, times: Sequence[str]) -> list[int]:
        if times[0].isdigit():
            return _integers(times, _EPOCH_DIGITS)
        minutes, cut = self._minutes, _MINUTE_TEXT
        return [minutes[text[:cut]] + _TAILS[text[cut:]] for text in times]

    def _take_one(self, number: int, line: str) -> None:
        try:
            fields = _fields(line)
            if len(fields) != self._width:
                raise ReadingError(f"has {len(fields)} columns, the header {self._width}")  # noqa: TRY301 - one way out for all
            device, tag, time, count = (fields[at] for at in self._at)
            source = "" if self._source is None else fields[self._source]
            which = self._names[device, tag, source]
            second, value = self._second(time), _count(count)
        except ReadingError as error:
            self._refuse(Refused(number, str(error)))
            return
        self._which.append(which)
        self._seconds.append(second)
        self._counts.append(value)

    def _second(self, text: str) -> int:
        if len(text) > _SHOWN:
            raise ReadingError(f"time {text[:_SHOWN]!r}... is not a time")
        second = int(instant(text.strip()) // 1)
        if second > self._latest:
            raise ReadingError(f"time {text!r} is later than it may be")
        return second


def _integers(texts: Sequence[str], digits: int) -> list[int]:
    together = "".join(texts)
    if not (together.isascii() and together.isdigit()) or max(map(len, texts)) > digits:
        raise ReadingError("not in this form")
    return list(map(int, texts))


def _count(text: str) -> int:
    text = text.strip()
    if not _INTEGER.fullmatch(text):
        raise ReadingError(f"count {text[:_SHOWN]!r} is not an integer")
    if len(text) > _SHOWN or abs(value := int(text)) > _HIGHEST:
        raise ReadingError(f"count {text[:_SHOWN]} is more than any platform carries")
    if value < 0:
        raise ReadingError(f"count {value} is negative")
    return value
