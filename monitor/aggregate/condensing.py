"""Dense seconds of one device become minute values of all its sources together, by tag."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.aggregate.kernels import (
    ABSENT,
    Dense,
    Values,
    aggregate_seconds,
    covered_minutes,
    merged,
    sessions,
    told_minutes,
)
from monitor.aggregate.rules import Calls, DeviceRules
from monitor.domain.readings import Series, tells_minutes
from monitor.domain.tags import AGGREGATE, CALLS, TRUNK_TAGS


class MergedMinutes(NamedTuple):
    """Two arrays shaped (hours, 60)."""

    values: Values
    """Sixths of a session; -1 where there is none."""
    seconds: Values
    """Seconds with a reading; 0 also where the device itself said the minute's value."""


def merged_minutes(
    dense: Mapping[Series, NDArray[np.integer]], rules: DeviceRules
) -> dict[str, MergedMinutes]:
    """What measuring makes of one device's hours, minute by minute, the aggregate included.

    `dense` is shaped (hours, 3600), signed, -1 where there is no reading.
    """
    kept = {series: one for series, one in dense.items() if series.source not in rules.excluded}
    read = _by_tag((s.tag, one) for s, one in kept.items() if not tells_minutes(s.source))
    told = _by_tag((s.tag, one) for s, one in kept.items() if tells_minutes(s.source))
    whole = read | _aggregate(read, rules)
    silent = {tag: np.full_like(one, ABSENT) for tag, one in told.items() if tag not in whole}
    return {tag: _minutes(one, told.get(tag)) for tag, one in sorted((whole | silent).items())}


def _by_tag(rows: Iterable[tuple[str, Dense]]) -> dict[str, Dense]:
    parts: dict[str, list[Dense]] = {}
    for tag, one in rows:
        parts.setdefault(tag, []).append(one)
    return {tag: merged(these) for tag, these in parts.items()}


def _aggregate(read: Mapping[str, Dense], rules: DeviceRules) -> dict[str, Dense]:
    trunks = [one for tag, one in sorted(read.items()) if tag in TRUNK_TAGS]
    named = [read[AGGREGATE]] if AGGREGATE in read else []
    if CALLS in read and rules.calls is Calls.AGGREGATE:
        calls = read[CALLS]
        named.append(sessions(calls, np.full(len(calls), rules.legs)))
    return {AGGREGATE: aggregate_seconds(trunks, named)} if trunks or named else {}


def _minutes(read: Dense, told: Dense | None) -> MergedMinutes:
    values, seconds = covered_minutes(read)
    if told is not None:
        values = np.where(values == ABSENT, told_minutes(told), values)
    return MergedMinutes(values, seconds)
