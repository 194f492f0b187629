"""The character graph of `show voice sip license stats` back into numbers.

The digits above the columns, read downwards and with their last digit at the bottom, are the
maxima. Rows of marks follow, highest first, each with the value it stands for, then the axis
(`0....5....1....1....`). In Cisco's sample each column reaches the row nearest to its value.
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.parse.show.laid import printed

AXIS: Final = re.compile(r"0(?:\.{4}\d){1,20}\.{0,5}")
_TENS: Final = re.compile(r"0(?: [05]){0,20}")
_ROW: Final = re.compile(r"(\d{1,7})(?: ?([*#][*# ]*))?")
_DIGITS: Final = re.compile(r"[\d ]+")
_MOST_ROWS: Final = 24
_MOST_DIGITS: Final = 7
_MOST_WAYS: Final = 64

Numbers = tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What a graph says; None for both where its numbers and its columns cannot be matched."""

    maxima: Numbers | None = None
    averages: Numbers | None = None
    strange: tuple[str, ...] = ()
    """Lines that are no part of a graph."""
    odd: str = ""
    """What is wrong with it; empty where nothing is."""


@dataclass(frozen=True, slots=True)
class _Row:
    value: int
    line: str

    def marks(self) -> str:
        """Its marks in order, without blanks."""
        found = _ROW.fullmatch(self.line)
        return (found[2] or "").replace(" ", "") if found else ""


def under_axis(line: str) -> bool:
    """Whether it is the second line of the axis."""
    return _TENS.fullmatch(line) is not None


def columns_of(axis: str) -> int:
    """Columns that an axis is drawn for: what follows its 0."""
    # `....` at its end stands for a five that is not printed.
    return len(axis) - 1 + (len(axis) % 5 == 0)


def drawn(lines: Sequence[str], axis: str) -> Drawn:
    """Read the lines above an axis, and the axis. They have single blanks, or know their own."""
    first = len(printed(axis)) - len(printed(axis).lstrip())
    rows = _rows(lines, first)
    above = lines[: len(lines) - len(rows)]
    digits = [line for line in above if _DIGITS.fullmatch(line)]
    strange = tuple(line for line in above if not _DIGITS.fullmatch(line))
    if strange or not rows or len(digits) > _MOST_DIGITS:
        return Drawn(strange=strange, odd="some of its lines are missing or broken")
    columns = columns_of(axis)
    if not first:
        return _together(digits, rows, columns)
    return _laid(digits, rows, first, columns) or Drawn(
        odd="its numbers cannot be matched with its columns"
    )


def _rows(lines: Sequence[str], first: int) -> list[_Row]:
    """Rows of marks, lowest first: their values rise by equal steps, left of the columns."""
    found: list[_Row] = []
    for line in reversed(lines[-_MOST_ROWS:]):
        row = _ROW.fullmatch(line)
        if row is None or not _follows(int(row[1]), found):
            break
        text = printed(line)
        if first and len(text) - len(text.lstrip()) + len(row[1]) > first + 1:
            break
        found.append(_Row(int(row[1]), line))
    return found


def _follows(value: int, rows: Sequence[_Row]) -> bool:
    if len(rows) > 1:
        return value - rows[-1].value == _step(rows)
    return not rows or value > rows[0].value


def _step(rows: Sequence[_Row]) -> int:
    return rows[1].value - rows[0].value if len(rows) > 1 else rows[0].value


# With blanks kept: every character stands above its place of the axis.


def _laid(digits: Sequence[str], rows: Sequence[_Row], first: int, columns: int) -> Drawn | None:
    """None where some blanks were lost, or numbers and marks do not agree."""
    grid = [printed(line).ljust(first) for line in digits]
    if any(line[: first + 1].strip() or len(line) > first + columns + 1 for line in grid):
        return None
    maxima = _downwards([line[first + 1 :].ljust(columns) for line in grid], columns)
    marks = [_marks_by_column(row, first, columns) for row in rows]
    if maxima is None or not all(
        _fits(value, [row[at] != " " for row in marks], rows) for at, value in enumerate(maxima)
    ):
        return None
    averages = tuple(
        _average(
            value, [row.value for row, line in zip(rows, marks, strict=True) if line[at] == "#"]
        )
        for at, value in enumerate(maxima)
    )
    return Drawn(maxima=maxima, averages=averages)


def _marks_by_column(row: _Row, first: int, columns: int) -> str:
    text = printed(row.line)
    label = text.index(str(row.value)) + len(str(row.value))
    return (" " * label + text[label:])[first + 1 :].ljust(columns)[:columns]


def _fits(value: int | None, marked: Sequence[bool], rows: Sequence[_Row]) -> bool:
    """Whether a column's marks agree with its number, however the device rounds to rows."""
    top = rows[-1].value + _step(rows)
    return (value or 0) < top and all(
        (value or 0) < row.value if not mark else (value or 0) > row.value - _step(rows)
        for row, mark in zip(rows, marked, strict=True)
    )


# Without them: how many columns reach a row is known, and tells how the digits stand together.


def _together(digits: Sequence[str], rows: Sequence[_Row], columns: int) -> Drawn:
    marks = [row.marks() for row in rows]
    texts = [printed(line).strip() for line in digits]
    width = len(texts[-1]) if texts else 0
    # Every column with a number has a last digit, so no line is wider than the last.
    fitting = {
        maxima
        for grid in (_grids(texts, width) if width <= columns else ())
        if (maxima := _downwards(grid, width)) is not None and _count_fits(maxima, rows, marks)
    }
    if len(fitting) != 1:
        return Drawn(odd="its numbers cannot be matched with its columns")
    (maxima,) = fitting
    if not width:
        return Drawn(maxima=(None,) * columns, averages=(None,) * columns)
    odd = "" if width == columns else f"it lost blanks: its {width} columns have no place"
    return Drawn(maxima=maxima, averages=_averages_in_order(maxima, rows, marks), odd=odd)


def _grids(texts: Sequence[str], width: int) -> Iterator[list[str]]:
    """All ways in which lines that lost blanks at their ends can stand above each other."""
    rooms = [width - len(text) for text in texts]
    if min(rooms, default=0) < 0 or math.prod(room + 1 for room in rooms) > _MOST_WAYS:
        return
    for shifts in itertools.product(*(range(room + 1) for room in rooms)):
        yield [(" " * shift + text).ljust(width) for shift, text in zip(shifts, texts, strict=True)]


def _count_fits(maxima: Numbers, rows: Sequence[_Row], marks: Sequence[str]) -> bool:
    """Whether as many columns reach each row as have a number nearest to it or above."""
    known = [2 * value for value in maxima if value]
    step, zeros = _step(rows), sum(value == 0 for value in maxima)
    if max(known, default=0) >= 2 * (rows[-1].value + step):
        return False
    return all(
        sum(value > 2 * row.value - step for value in known)
        <= len(line)
        <= sum(value >= 2 * row.value - step for value in known) + zeros
        for row, line in zip(rows, marks, strict=True)
    )


def _averages_in_order(
    maxima: Numbers, rows: Sequence[_Row], marks: Sequence[str]
) -> tuple[int | None, ...]:
    """Each row's marks belong to the columns with the highest maxima, in their order."""
    under: list[list[int]] = [[] for _ in maxima]
    order = sorted(range(len(maxima)), key=lambda at: -(maxima[at] or 0))
    for row, line in zip(rows, marks, strict=True):
        reaching, rest = order[: len(line)], order[len(line) :]
        if rest and reaching and maxima[rest[0]] == maxima[reaching[-1]]:
            # Which of equal columns reach the row cannot be told.
            return (None,) * len(maxima)
        for at, mark in zip(sorted(reaching), line, strict=True):
            if mark == "#":
                under[at].append(row.value)
    return tuple(_average(value, values) for value, values in zip(maxima, under, strict=True))


# Common to both


def _downwards(grid: Sequence[str], width: int) -> Numbers | None:
    """The number of each column; None where a digit stands above a blank."""
    found: list[int | None] = []
    for column in _columns(grid, width):
        text = column.lstrip()
        if " " in text:
            return None
        found.append(int(text) if text else None)
    return tuple(found)


def _columns(grid: Sequence[str], width: int) -> Iterator[str]:
    return ("".join(line[at] for line in grid) for at in range(width))


def _average(maximum: int | None, rows: Sequence[int]) -> int | None:
    """The average to the graph's step: the highest row that it reaches; below them is not told."""
    if maximum is None or not maximum:
        return maximum
    return min(max(rows), maximum) if rows else None
