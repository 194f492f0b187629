"""Hours of many devices are read from the store and worked out together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.aggregate.chain import Hour, Name
from monitor.aggregate.history import History
from monitor.aggregate.hours import Block, NameTable, Rules, block_hours, row_name
from monitor.aggregate.kernels import ABSENT, SECONDS, Dense, merged
from monitor.aggregate.rules import HOUR
from monitor.domain.readings import Series

_RUN: Final = 24
"""Hours read at a time of one device."""
_ROWS: Final = 512
"""Dense hours worked at a time."""

Wanted = Mapping[str, Sequence[int]]
"""Device -> starts of the hours to work out, rising."""


def gathered(history: History, rules: Rules, wanted: Wanted) -> dict[Name, list[Hour]]:
    """Hour values of all tags that have readings in the wanted hours, in order by name."""
    found: dict[Name, list[Hour]] = {}
    rows: list[_Rows] = []
    for device, starts in wanted.items():
        for first, count in runs(starts):
            dense = history.dense(device, first, count)
            rows += _rows(dense, rules(device).excluded, (device, first, count))
            if sum(len(these) for _, _, these in rows) >= _ROWS:
                _work(rows, rules, found)
                rows = []
    _work(rows, rules, found)
    for hours in found.values():
        hours.sort()
    return found


_Rows = tuple[list[Name], list[int], Dense]
"""Names and starts of dense hours, one a row; all rows of a device's hour together."""


def runs(starts: Sequence[int], most: int = _RUN) -> Iterator[tuple[int, int]]:
    """(start, hours) of hours that follow each other, at most so many."""
    first = count = 0
    for start in starts:
        if count and (start != first + count * HOUR or count == most):
            yield first, count
            count = 0
        first = first if count else start
        count += 1
    if count:
        yield first, count


def _rows(
    dense: Mapping[Series, NDArray[np.int32]],
    excluded: frozenset[str],
    run: tuple[str, int, int],
) -> Iterator[_Rows]:
    _, first, count = run
    if not dense:
        return
    names = sorted({row_name(series) for series in dense})
    sources: list[list[Dense]] = [
        [
            seconds
            for s, seconds in dense.items()
            if row_name(s) == name and s.source not in excluded
        ]
        for name in names
    ]
    silent = np.full((count, SECONDS), ABSENT, np.int32)
    by_hour = np.stack([merged(these or [silent]) for these in sources], axis=1)
    yield (
        names * count,
        [first + hour * HOUR for hour in range(count) for _ in names],
        by_hour.reshape(-1, SECONDS),
    )


def _work(rows: Sequence[_Rows], rules: Rules, found: dict[Name, list[Hour]]) -> None:
    if not rows:
        return
    of_rows = [name for names, _, _ in rows for name in names]
    names = list(dict.fromkeys(of_rows))
    place = {name: at for at, name in enumerate(names)}
    table = NameTable(names, rules)
    block = Block(
        names=np.array([place[name] for name in of_rows], np.int64),
        starts=np.array([start for _, starts, _ in rows for start in starts], np.int64),
        dense=np.concatenate([dense for _, _, dense in rows]),
    )
    for at, hour in block_hours(block, table).hours():
        found.setdefault(table.names[at], []).append(hour)
