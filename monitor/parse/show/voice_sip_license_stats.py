"""`show voice sip license stats` and `... table`: concurrent calls of the last minutes to days.

Source: Cisco's chapter "CUBE Smart Licensing". A table has rows of five seconds, minutes, hours or
days; a graph has a column for each. The title of a graph stands below it, that of a table above.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from monitor.parse.show.instants import Instant
from monitor.parse.show.output import Command, Told
from monitor.parse.show.page import ALL_READ, Page, Unparsed, underline
from monitor.parse.show.voice_sip_license_stats_graph import (
    AXIS,
    Drawn,
    Numbers,
    columns_of,
    drawn,
    under_axis,
)

WINDOWS: Final = ("60 seconds", "60 minutes", "72 hours", "72 days")

_TIME: Final = re.compile(
    r"[*.]?\d\d:\d\d:\d\d(?:\.\d{1,6})? [AP]M [A-Za-z]{6,9} [A-Za-z]{3} \d{1,2} \d{4}"
    r"(?: [A-Za-z][\w+/:-]{0,15})?"
)
_TITLE: Final = re.compile(
    r"CUBE (.{0,60}?)Usage ?\(last (\d{1,4}) ?([a-z]{1,12})\):?", re.IGNORECASE
)
_HEADER: Final = re.compile(r"Period Average Max(?:imum)?", re.IGNORECASE)
_LEGEND: Final = re.compile(r"\* ?= ?maximum # ?= ?average", re.IGNORECASE)
_ROW: Final = re.compile(r"(\d{1,3}) ?- ?(\d{1,3})(?: (\d{1,9}) (\d{1,9}))?")
_ZEROS: Final = re.compile(r"(\d{1,3}) ?- ?(\d{1,3}) ?0 ?0")
_GENERAL: Final = frozenset({"trunk", "license", "licenses", "call", "calls", "session"})
_KINDS: Final = frozenset({"Standard", "Enhanced", "Aggregate", "Redundant"})
_ROW_LENGTH: Final = 5
_MOST_BLOCKS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsRow:
    """Units `first` to `last` of the window, of which nothing tells which end is the newest."""

    first: int = field(metadata={"json": "from"})
    last: int = field(metadata={"json": "to"})
    average: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsTable:
    """`kind` is Standard, Enhanced, Aggregate; None where the title names none or is missing."""

    kind: str | None
    window: str | None
    rows: tuple[StatsRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsGraph:
    """One entry a unit of the window, None where nothing is drawn.

    A shorter list holds columns whose place is not known. None for the whole where the numbers and
    the columns do not agree. Averages are as exact as the rows of the graph: the row they reach.
    """

    kind: str | None
    window: str | None
    maxima: Numbers | None
    averages: Numbers | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSipLicenseStats:
    """Both commands print the time first; `tables` or `graphs` is None where none is printed."""

    current_time: Instant | None = None
    tables: tuple[StatsTable, ...] | None = None
    graphs: tuple[StatsGraph, ...] | None = None
    unparsed: Unparsed = ALL_READ


Title = tuple[str | None, str | None]
"""(kind, window)."""


class _Stats:
    """Blocks of one output, line by line."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._title: Title | None = None
        self._rows: dict[int, StatsRow] = {}
        self._above: list[str] = []
        """Lines that may be the upper part of a graph."""
        self._drawn: Drawn | None = None
        """A graph whose title is still to come."""
        self._columns = 0
        self.begun = False
        """Whether the time or a title was read: what stands before may have lost its start."""
        self.tables: list[StatsTable] = []
        self.graphs: list[StatsGraph] = []

    def take(self, line: str) -> None:
        """Take a line that is no time."""
        if found := _TITLE.fullmatch(line):
            self._titled(found)
        elif AXIS.fullmatch(line):
            self._axis(line)
        elif _HEADER.fullmatch(line) or underline(line) or self._under_axis(line):
            self._page.settle(line)
        elif _LEGEND.fullmatch(line):
            self.end()
        elif found := _ROW.fullmatch(line) or _ZEROS.fullmatch(line):
            self._row(found)
        else:
            self._above.append(line)

    def _under_axis(self, line: str) -> bool:
        return self._drawn is not None and not self._above and under_axis(line)

    def end(self) -> None:
        """Nothing belongs to the blocks before any more."""
        self._end_graph(None)
        self._end_table()
        self._leave(self._above)
        self._above = []

    def _titled(self, found: re.Match[str]) -> None:
        self.begun = True
        title = self._kind(found[1]), self._window(f"{found[2]} {found[3].lower()}")
        self._end_table()
        graph = self._drawn is not None
        self._leave(self._above)
        self._above = []
        self._end_graph(title)
        self._title = None if graph else title

    def _kind(self, words: str) -> str | None:
        kept = [word for word in words.split() if word.lower() not in _GENERAL]
        kind = " ".join(kept).capitalize() or None
        if kind not in {*_KINDS, None}:
            self._page.unclear("Usage", words, "a known kind of trunk licence")
        return kind

    def _window(self, text: str) -> str:
        if text not in WINDOWS:
            self._page.unclear("Usage (last ...)", text, f"one of {', '.join(WINDOWS)}")
        return text

    def _axis(self, line: str) -> None:
        self._end_graph(None)
        self._end_table()
        if not self.begun:
            self._page.warn("a graph stands first, without the time: its first line may be cut")
        graph = drawn(self._above, line)
        self._leave(graph.strange)
        self._above = []
        self._drawn = graph
        self._columns = columns_of(line)

    def _end_graph(self, title: Title | None) -> None:
        graph, self._drawn = self._drawn, None
        if graph is None:
            return
        kind, window = title or (None, None)
        if title is None:
            self._page.warn("a graph has no title: nothing says what it counts")
        elif window in WINDOWS and not window.startswith(f"{self._columns} "):
            self._page.warn(f"a graph of the last {window} has {self._columns} columns")
        if graph.odd:
            self._page.warn(f"a graph of the last {window or 'units'}: {graph.odd}")
        self._add(
            self.graphs,
            StatsGraph(kind=kind, window=window, maxima=graph.maxima, averages=graph.averages),
        )

    def _row(self, found: re.Match[str]) -> None:
        first, last = int(found[1]), int(found[2])
        numbers = found.groups()[2:] or ("0", "0")
        average, most = (None if number is None else int(number) for number in numbers)
        row = StatsRow(first=first, last=last, average=average, max=most)
        if first % _ROW_LENGTH != 1 or not first <= last < first + _ROW_LENGTH:
            self._page.unclear("Period", found[0], f"a row of {_ROW_LENGTH}")
            return
        if average is not None and most is not None and average > most:
            self._page.warn(f"row {first}-{last}: the average is more than the maximum")
        if self._rows.get(first) == row:
            return
        if self._rows and first <= max(self._rows):
            # The title of the next table was lost.
            self._end_table()
        self._rows[first] = row

    def _end_table(self) -> None:
        rows, title = self._rows, self._title
        self._rows, self._title = {}, None
        if not rows:
            return
        if title is None:
            self._page.warn("a table has no title: nothing says what it counts")
        kind, window = title or (None, None)
        self._add(self.tables, StatsTable(kind=kind, window=window, rows=tuple(rows.values())))

    def _add(self, blocks: "list[StatsTable] | list[StatsGraph]", block: object) -> None:
        if len(self.tables) + len(self.graphs) >= _MOST_BLOCKS:
            self._page.warn(f"more than {_MOST_BLOCKS} tables and graphs; the rest is not read")
        elif isinstance(block, StatsTable):
            self.tables.append(block)
        elif isinstance(block, StatsGraph):
            self.graphs.append(block)

    def _leave(self, lines: "tuple[str, ...] | list[str]") -> None:
        for line in lines:
            self._page.leave(line)


def read(page: Page) -> VoiceSipLicenseStats:
    """The output's values."""
    values: dict[str, str] = {}
    stats = _Stats(page)
    for line in page:
        if _TIME.fullmatch(line):
            stats.end()
            stats.begun = True
            page.file(values, "time", line)
        else:
            stats.take(line)
    stats.end()
    return VoiceSipLicenseStats(
        current_time=page.instant("time", values.get("time")),
        tables=tuple(stats.tables) or None,
        graphs=tuple(stats.graphs) or None,
        unparsed=page.unparsed,
    )


def tell(data: VoiceSipLicenseStats) -> Iterator[Told]:
    """No fact: its numbers are display, and device minutes are read from it elsewhere."""
    del data
    return iter(())


GRAPH: Final = Command(
    name="show voice sip license stats",
    patterns=(_TIME, _TITLE, AXIS, _LEGEND),
    read=read,
    tell=tell,
)
TABLE: Final = Command(
    name="show voice sip license stats table",
    patterns=(_TIME, _TITLE, _HEADER),
    read=read,
    tell=tell,
)
