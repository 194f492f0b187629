"""A whole file or range of readings becomes hours and chains of measurements in one go."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from monitor.aggregate.chain import Gap, Name, Progress, advance, open_period
from monitor.aggregate.columns import Columns, blocks, named_series
from monitor.aggregate.hours import HourRows, NameTable, Rules, block_hours, joined
from monitor.aggregate.rules import HOUR, DeviceRules
from monitor.domain.measurement import Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """All that was measured of one (device, tag)."""

    name: Name
    origin: int
    """Start of its first period."""
    hours: HourRows
    """Hours with a value; those before the origin, and open ones, belong to no period."""
    measurements: tuple[Measurement, ...]
    """Recorded ones, in order."""
    open: Measurement | None
    """The period that holds `until`; None where the device is a standby then."""
    gaps: tuple[Gap, ...]
    """Periods without any value, of which nothing is recorded."""


def measure(
    columns: Columns,
    rules: Rules,
    *,
    until: int | None = None,
    origins: Mapping[Name, int] | None = None,
) -> list[Usage]:
    """Measure all readings, in order of device and tag, the aggregate included.

    Everything that ends at or before `until` (the newest reading where not given) is closed. A
    name without an entry in `origins` begins with the whole hour of its first reading.
    """
    if not len(columns.seconds):
        return []
    until = int(columns.seconds.max()) if until is None else until
    known = origins or {}
    return [
        _usage(name, rows, rules(name.device), (until, known.get(name)))
        for name, rows in hours_of(columns, rules)
    ]


def _usage(name: Name, rows: HourRows, rules: DeviceRules, bounds: tuple[int, int | None]) -> Usage:
    until, origin = bounds
    start = int(rows.starts[0]) if origin is None else origin
    closed = rules.hour_of(until)
    counted = rows.chosen((rows.starts >= start) & (rows.starts + HOUR <= closed))
    hours = (hour for _, hour in counted.hours())
    done = advance(name, rules, Progress(start=start), hours, closed=closed)
    return Usage(
        name=name,
        origin=start,
        hours=rows,
        measurements=done.measurements,
        open=open_period(name, rules, done.progress, closed),
        gaps=done.gaps,
    )


def hours_of(columns: Columns, rules: Rules) -> list[tuple[Name, HourRows]]:
    """Hours with a value of every name, in order, the aggregate included, by device and tag."""
    names, of_series = named_series(columns.series, rules)
    phases = np.array([rules(name.device).phase for name in names], np.int64)
    table = NameTable(names, rules)
    rows = joined(
        [block_hours(block, table) for block in blocks(columns, names, of_series, phases)]
    )
    rows = rows.chosen(rows.values.units >= 0)
    rows = rows.chosen(np.lexsort((rows.starts, rows.names)))
    edges = np.searchsorted(rows.names, np.arange(len(table.names) + 1)).tolist()
    found = [
        (name, rows.chosen(slice(first, last)))
        for name, first, last in zip(table.names, edges, edges[1:], strict=False)
        if last > first
    ]
    return sorted(found, key=lambda each: each[0])
