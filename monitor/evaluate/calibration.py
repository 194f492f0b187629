"""Whether a call table counts calls or legs: its counts beside sessions of the same time."""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Final

from monitor.domain.diagnosis import Calibration, Counted, Counting, Counts
from monitor.domain.readings import tells_minutes
from monitor.domain.tags import AGGREGATE, CALLS, TRUNK_TAGS

_FEWEST: Final = 10
"""Fewer common seconds or minutes than this prove nothing."""
_LEAST_SESSIONS: Final = 3
"""Below it one call that comes or goes in between tips the ratio."""
_AGREEING: Final = 0.8
_BANDS: Final = ((Counting.CALLS, 0.8, 1.25), (Counting.LEGS, 1.7, 2.35))
_MINUTE: Final = 60


def calibrate(counted: Counted) -> Iterator[Calibration]:
    """One answer for each source of `CALLS`."""
    for source in counted.sources(CALLS):
        calls = counted.readings[CALLS, source]
        tried = [
            _compared(source, calls, against, sessions)
            for against, sessions in _references(counted, source)
        ]
        nothing = Calibration(
            source=source, counting=Counting.UNKNOWN, against="", compared=0, ratio=None
        )
        yield max(tried, key=_worth, default=nothing)


def _worth(found: Calibration) -> tuple[bool, int, str]:
    return found.counting is not Counting.UNKNOWN, found.compared, found.against


def _references(counted: Counted, source: str) -> Iterator[tuple[str, Counts]]:
    """Sessions by source: the aggregate where it is told, else the sum of the trunk tags."""
    told = {by for _, by in counted.readings} - {source}
    for by in sorted(told):
        whole = counted.readings.get((AGGREGATE, by))
        sessions = _summed(counted.readings, by) if whole is None else whole
        if sessions:
            yield by, sessions


def _summed(readings: Mapping[tuple[str, str], Counts], by: str) -> Counts:
    parts = [counts for (tag, source), counts in readings.items()
             if source == by and tag in TRUNK_TAGS]  # fmt: skip
    common = set(parts[0]).intersection(*parts[1:]) if parts else set()
    return {second: sum(part[second] for part in parts) for second in common}


def _compared(source: str, calls: Counts, against: str, sessions: Counts) -> Calibration:
    own = _by_minute(calls) if tells_minutes(against) else calls
    ratios = [
        own[at] / count for at, count in sessions.items() if count >= _LEAST_SESSIONS and at in own
    ]
    ratio = median(ratios) if ratios else None
    return Calibration(
        source=source,
        counting=_counting(ratios),
        against=against,
        compared=len(ratios),
        ratio=ratio,
    )


def _by_minute(calls: Counts) -> Counts:
    highest: dict[int, int] = {}
    for second, count in calls.items():
        minute = second // _MINUTE * _MINUTE
        highest[minute] = max(count, highest.get(minute, 0))
    return highest


def _counting(ratios: list[float]) -> Counting:
    if len(ratios) < _FEWEST:
        return Counting.UNKNOWN
    for word, low, high in _BANDS:
        if sum(low <= ratio <= high for ratio in ratios) >= _AGREEING * len(ratios):
            return word
    return Counting.UNKNOWN
