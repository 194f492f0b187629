"""Hours of one device as they come out now: from seconds, from minutes, or only as recorded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np

from monitor.aggregate.causes import HourChange, hour_cause
from monitor.aggregate.chain import Hour, Name
from monitor.aggregate.gather import gathered, runs
from monitor.aggregate.history import History
from monitor.aggregate.kernels import ABSENT, HourArrays, Values, hours_of_minutes
from monitor.aggregate.rules import FAR, HOUR, DeviceRules
from monitor.domain.levels import Level
from monitor.domain.readings import MERGED, Series, tells_minutes
from monitor.domain.tags import AGGREGATE

Minutes = tuple[Values, Values]
"""Minute values in sixths (-1 for none) and their seconds with a reading, shape (hours, 60)."""

_AT_ONCE: Final = 240
"""Sealed hours read at a time."""


class Past(History, Protocol):
    """What working out again reads besides."""

    def minutes(self, device: str, start: int, hours: int) -> Mapping[Series, Minutes]:
        """Minute values of hours whose seconds are gone; source `MERGED` is all of them."""
        ...


@dataclass(slots=True)
class Hours:
    """Hours that begin in `[start, end)`, by name."""

    start: int
    end: int
    found: dict[Name, list[Hour]]
    changes: dict[Name, list[HourChange]] = field(default_factory=dict)
    """Those that differ from what is recorded, in order."""
    levels: dict[Name, dict[int, Level]] = field(default_factory=dict)
    """Those that do not come from seconds."""


def past_hours(history: Past, rules: DeviceRules, device: str, span: tuple[int, int]) -> Hours:
    """Work out the hours of a device; `span` begins at FAR where nothing is known of it."""
    start, end = span
    starts = range(rules.hour_of(start) if start < FAR else end, end, HOUR)
    sealed = set(history.sealed(device, starts))
    kept = [at for at in starts if at not in sealed]
    hours = Hours(starts.start, end, gathered(history, lambda _: rules, {device: kept}))
    _coarse(history, rules, device, sorted(sealed), hours)
    names = {*hours.found, *(Name(device, tag) for tag in (*history.tags(device), AGGREGATE))}
    stored = {name: _stored(history, name, starts) for name in names}
    differing = {name: _differing(hours, name, before) for name, before in stored.items()}
    plain = _plain(history, rules, device, differing, hours)
    for name, before in stored.items():
        _judge(hours, name, before, (differing[name], plain.get(name, {})))
    return hours


def _stored(history: Past, name: Name, starts: range) -> dict[int, Hour]:
    if not starts:
        return {}
    values = history.hours(*name, starts.start, starts.stop)
    return {one.start: Hour(one.start, one.units, one.seconds, one.minutes) for one in values}


def _differing(hours: Hours, name: Name, before: Mapping[int, Hour]) -> list[Hour]:
    return [hour for hour in hours.found.get(name, ()) if hour != before.get(hour.start)]


def _plain(
    history: Past,
    rules: DeviceRules,
    device: str,
    differing: Mapping[Name, Sequence[Hour]],
    hours: Hours,
) -> dict[Name, dict[int, Hour]]:
    """The hours with every source, by which what is left out is told from what is gone."""
    wanted = {hour.start for those in differing.values() for hour in those}
    every = hours
    if rules.excluded and wanted:
        whole = replace(rules, excluded=frozenset())
        coarse = wanted.intersection(at for of in hours.levels.values() for at in of)
        fine = {device: sorted(wanted - coarse)}
        every = Hours(hours.start, hours.end, gathered(history, lambda _: whole, fine))
        _coarse(history, whole, device, sorted(coarse), every)
    return {name: {hour.start: hour for hour in those} for name, those in every.found.items()}


def _judge(
    hours: Hours,
    name: Name,
    before: Mapping[int, Hour],
    now: tuple[Sequence[Hour], Mapping[int, Hour]],
) -> None:
    """Sort hours into those that changed, and those of which nothing finer is left."""
    differing, plain = now
    changes = hours.changes.setdefault(name, [])
    levels = hours.levels.setdefault(name, {})
    for hour in differing:
        old, whole = before.get(hour.start), plain.get(hour.start, hour)
        if old is not None and old.units is not None and whole.units is None:
            levels[hour.start] = Level.HOURS
        elif old is not None or hour.units is not None:
            changes.append(HourChange(old, hour, hour_cause(old, hour, whole)))
    there = {hour.start for hour in hours.found.get(name, ())}
    for start, hour in before.items():
        if start not in there and hour.units is not None:
            levels[start] = Level.HOURS


def _coarse(
    history: Past, rules: DeviceRules, device: str, sealed: Sequence[int], hours: Hours
) -> None:
    for first, count in runs(sealed, _AT_ONCE):
        kept = history.minutes(device, first, count)
        for tag, minutes in _by_tag(kept, rules):
            name = Name(device, tag)
            found = list(_hours(first, hours_of_minutes(*minutes)))
            hours.found.setdefault(name, []).extend(found)
            levels = hours.levels.setdefault(name, {})
            levels.update((hour.start, Level.MINUTES) for hour in found)
    for those in hours.found.values():
        those.sort()


def _hours(first: int, values: HourArrays) -> Iterator[Hour]:
    rows = zip(values.units.tolist(), values.seconds.tolist(), values.minutes.tolist(), strict=True)
    for at, (units, seconds, minutes) in enumerate(rows):
        if units >= 0:
            yield Hour(first + at * HOUR, units, seconds, minutes)


def _by_tag(kept: Mapping[Series, Minutes], rules: DeviceRules) -> Iterator[tuple[str, Minutes]]:
    """Minutes of all sources together; only where one of them is left out now, of the others."""
    left_out = {series.tag for series in kept if series.source in rules.excluded}
    for series, minutes in kept.items():
        if series.source == MERGED and not left_out:
            yield series.tag, minutes
    if left_out:
        # Sums of tags cannot be told from minutes: the aggregate stands as it is recorded.
        for tag in sorted({series.tag for series in kept} - {AGGREGATE}):
            mine = {s: one for s, one in kept.items() if s.tag == tag and s.source != MERGED}
            yield tag, _together({s: o for s, o in mine.items() if s.source not in rules.excluded})


def _together(kept: Mapping[Series, Minutes]) -> Minutes:
    """The highest of each minute, a lower bound; what a device itself said yields to readings."""
    read = [one for series, one in kept.items() if not tells_minutes(series.source)]
    told = [one for series, one in kept.items() if tells_minutes(series.source)]
    values = _highest([one for one, _ in read], ABSENT)
    shown = _highest([one for one, _ in told], ABSENT)
    seconds = _highest([one for _, one in read], 0)
    return np.where(values >= 0, values, shown), seconds


def _highest(arrays: Sequence[Values], nothing: int) -> Values:
    none: Values = np.full((1, 60), nothing, np.int64)
    return np.maximum.reduce(arrays) if arrays else none
