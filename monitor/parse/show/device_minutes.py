"""Minute values that a device worked out itself, from the graph of its last 60 minutes.

They are stored as readings of a source of their own (see `minutes_of`), at the first second of
each minute. What the device has rounded to whole sessions stays as it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from monitor.domain.instants import MINUTE
from monitor.domain.readings import ReadingColumns, Series, minutes_of
from monitor.domain.tags import AGGREGATE
from monitor.parse.show.output import ShowOutput
from monitor.parse.show.voice_sip_license_stats import StatsGraph, VoiceSipLicenseStats

_WINDOW: Final = "60 minutes"
_COLUMNS: Final = 60
_TRUSTED_CLOCK: Final = 300.0
"""A device clock that is further from ours says nothing about when its minutes were."""
_TAGS: Final[Mapping[str | None, str]] = {
    "Standard": "CUBE_T_STD",
    "Enhanced": "CUBE_T_ENH",
    "Redundant": "CUBE_T_RED",
    "Aggregate": AGGREGATE,
    # "CUBE Trunk License Usage" without a word before it counts trunk calls of every kind.
    None: AGGREGATE,
}


class Newest(StrEnum):
    """Which column of a graph is the newest minute; documented nowhere."""

    FIRST = "first"
    LAST = "last"


def device_minutes(
    outputs: Iterable[ShowOutput],
    *,
    device: str,
    source: str,
    received: float,
    live: bool,
    newest: Newest = Newest.FIRST,
) -> ReadingColumns:
    """The minute values in outputs that came at `received` (seconds since 1970 UTC).

    Only columns with a number and a sure place count. The newest is the last whole minute before
    the time that the device printed; of a `live` output before `received` where that time is not
    known or far off. An output of the past without such a time, or of the future, tells nothing.
    """
    tellings = [
        (_TAGS[graph.kind], before, graph)
        for output in outputs
        if (before := _before(output, received, live=live)) is not None
        for graph in _graphs(output)
    ]
    tags = list(dict.fromkeys(tag for tag, _, _ in tellings))
    told = minutes_of(source)
    columns = ReadingColumns(series=[Series(device, tag, told) for tag in tags])
    for tag, before, graph in tellings:
        for minute, count in _placed(graph, before, newest):
            columns.which.append(tags.index(tag))
            columns.seconds.append(minute)
            columns.counts.append(count)
    return columns


def _graphs(output: ShowOutput) -> Iterator[StatsGraph]:
    data = output.data
    # Without its time an output may have lost its start.
    if isinstance(data, VoiceSipLicenseStats) and data.current_time is not None:
        for graph in data.graphs or ():
            placed = graph.maxima is not None and len(graph.maxima) == _COLUMNS
            if graph.window == _WINDOW and graph.kind in _TAGS and placed:
                yield graph


def _before(output: ShowOutput, received: float, *, live: bool) -> int | None:
    """The end of the last whole minute."""
    at: float | None = output.clock.utc if output.clock is not None else None
    if live and (at is None or abs(at - received) > _TRUSTED_CLOCK):
        at = received
    if at is None or at > received + _TRUSTED_CLOCK:
        return None
    return int(at) // MINUTE * MINUTE


def _placed(graph: StatsGraph, before: int, newest: Newest) -> Iterator[tuple[int, int]]:
    maxima = graph.maxima or ()
    for age, count in enumerate(maxima if newest is Newest.FIRST else reversed(maxima), start=1):
        if count is not None:
            yield before - age * MINUTE, count
