"""The four tables as text, laid out as Cisco's chapter prints them; unknown cells stay blank."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from monitor.aggregate.tables import LEVELS, Cells, Graph, StatsOf, graph, level, rows

_RULE: Final = "-" * 28


def table_text(stats: Iterable[StatsOf], now: int) -> str:
    """All tables as rows of five, as `show voice sip license stats table` prints them."""
    lines = [_time(now)]
    for one in stats:
        for window, cells in one.tables.items():
            lines += ["", _title(one.kind, window.title), "Period   Average   Max", _RULE]
            lines += _rows(cells)
    return "\n".join(lines) + "\n"


def graph_text(stats: Iterable[StatsOf], now: int) -> str:
    """All tables as character graphs, as `show voice sip license stats` prints them."""
    lines = [_time(now)]
    for one in stats:
        for window, cells in one.tables.items():
            lines += ["", *_graph(graph(cells)), _title(one.kind, window.title)]
            lines.append("* = maximum   # = average")
    return "\n".join(lines) + "\n"


def _time(now: int) -> str:
    moment = datetime.fromtimestamp(now, UTC)
    return f"{moment:%I:%M:%S %p %A %b} {moment.day} {moment:%Y} UTC"


def _title(kind: str, window: str) -> str:
    return f"CUBE {kind} Trunk License Usage  (last {window})"


def _rows(cells: Cells) -> Iterator[str]:
    for row in rows(cells):
        period = f"{row.first}-{row.last}".rjust(6)
        yield (
            period
            if row.cell is None
            else (f"{period} {row.cell.average:>9} {row.cell.maximum:>6}")
        )


def _graph(drawn: Graph) -> Iterator[str]:
    width = len(str(drawn.step * LEVELS))
    numbers = ["" if value is None else str(value) for value in drawn.maxima]
    height = max(map(len, numbers))
    for row in zip(*(number.rjust(height) for number in numbers), strict=True):
        yield (" " * (width + 1) + "".join(row)).rstrip()
    for at in range(LEVELS, 0, -1):
        marks = "".join(_marks(drawn, at))
        yield f"{at * drawn.step:>{width}} {marks}".rstrip()
    yield from _axis(len(numbers), width)


def _marks(drawn: Graph, at: int) -> Iterator[str]:
    for maximum, average in zip(drawn.maxima, drawn.averages, strict=True):
        if level(maximum or 0, drawn.step) < at:
            yield " "
        else:
            yield "#" if level(average or 0, drawn.step) >= at else "*"


def _axis(columns: int, indent: int) -> Sequence[str]:
    upper = "".join(_axis_character(at) for at in range(columns + 1))
    lower = "".join(_tens_character(at) for at in range(columns + 1))
    return [" " * indent + upper, (" " * indent + lower).rstrip()]


def _axis_character(at: int) -> str:
    if at % 5:
        return "."
    return str(at // 10) if at not in {0, 5} else str(at)


def _tens_character(at: int) -> str:
    if at < 10 or at % 5:  # noqa: PLR2004 - the first ten say their number themselves
        return " "
    return "5" if at % 10 else "0"
