"""Live measuring: which hours of which devices are to be worked out, and what comes of them.

It keeps no seconds. An hour is always worked out from the store, so restarts, late readings and
any batching end in the same latest versions as working everything out at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.aggregate.chain import Hour, Name, hour_value
from monitor.aggregate.clocks import NEVER, Clocks
from monitor.aggregate.columns import Columns
from monitor.aggregate.gather import gathered
from monitor.aggregate.history import History as History
from monitor.aggregate.hours import Integers, Rules
from monitor.aggregate.ledger import Ledger
from monitor.aggregate.plan import Marks, Plan, planned
from monitor.aggregate.rules import FAR, HOUR
from monitor.domain.measurement import Chain, HourValue, Measurement
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Origin
from monitor.domain.tags import AGGREGATE
from monitor.errors import MonitorError

LATENESS: Final = 90
_BUDGET: Final = 4_096
"""Device-hours worked out at a time; the rest stays marked and due."""
_REST: Final = 5.0
"""Seconds between two workings of late readings of one device, so that a flood costs little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be committed in one batch before the next work."""

    hours: tuple[HourValue, ...] = ()
    origins: tuple[Origin, ...] = ()
    chains: tuple[Chain, ...] = ()
    worked: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hours or self.origins or self.chains or self.worked)


class Live:
    """Decides what is due and works it out; its calls come one at a time, from one thread."""

    def __init__(self, history: History, rules: Rules, lateness: int = LATENESS) -> None:
        self._history, self._rules, self._lateness = history, rules, lateness
        self._ledger = Ledger(history)
        self._clocks = Clocks()
        self._started: float | None = None
        self._devices: dict[str, int] = {}
        self._sources: dict[tuple[str, str], int] = {}
        self._slots: dict[Series, int] = {}
        """Series -> position of its source."""
        self._closed = np.empty(0, np.int64)
        self._phases = np.empty(0, np.int64)
        self._late_due = np.empty(0)
        self._rested = np.empty(0)
        self._late: dict[str, set[int]] = {}
        self._half: dict[str, set[int]] = {}
        self._tags: dict[str, set[str]] = {}

    def watch(self, devices: Iterable[str]) -> None:
        """Name devices whose periods are to end also when they never say a word again."""
        fresh = [device for device in dict.fromkeys(devices) if device not in self._devices]
        self._devices |= {device: at for at, device in enumerate(fresh, len(self._devices))}
        phases = [self._rules(device).phase for device in fresh]
        self._closed = np.append(self._closed, np.full(len(fresh), -FAR))
        self._phases = np.append(self._phases, np.array(phases, np.int64))
        self._late_due = np.append(self._late_due, np.full(len(fresh), np.inf))
        self._rested = np.append(self._rested, np.full(len(fresh), NEVER))

    def feed(self, columns: ReadingColumns, received: float) -> None:
        """Hear of readings after their commit; `received` is seconds since 1970 UTC."""
        if not len(columns):
            return
        batch = Columns.of(columns)
        of_series = self._sources_of(columns.series)
        newest = np.full(len(self._sources), -FAR)
        np.maximum.at(newest, of_series.take(batch.which), batch.seconds)
        heard = np.flatnonzero(newest > -FAR)
        self._clocks.hear(heard, newest[heard], received)
        self._note_late(batch, self._clocks.owner[of_series], received)

    def due(self, now: float) -> bool:
        """Whether there is anything to work out; costs microseconds."""
        return bool(self._due(now)[0].any())

    def work(self, now: float) -> Work:
        """Work out what is due. The next call comes only after the result was committed.

        What the store raises comes through; everything is due again then.
        """
        try:
            return self._work(now)
        except MonitorError:
            self.forget()
            raise

    def forget(self) -> None:
        """Start over from the store, as after a restart: for a work that was not committed."""
        self._ledger = Ledger(self._history)
        self._half.clear()
        self._closed[:] = -FAR

    def again(self, device: str, start: int) -> bool:
        """Work out every hour of a device from an instant on, and its chains, as due at once.

        False where it is not known yet how far its time has come: nothing could be closed then.
        """
        at = self._devices.get(device)
        if at is None or self._closed[at] == -FAR:
            return False
        origins = [self._ledger.origin(Name(device, tag)) for tag in self._tags_of(device)]
        first = max(start, min((one for one in origins if one is not None), default=FAR))
        closed = int(self._closed[at])
        self._late.setdefault(device, set()).update(range(first // HOUR * HOUR, closed, HOUR))
        self._late_due[at] = NEVER
        for tag in self._tags_of(device):
            self._ledger.again(Name(device, tag), start)
        return True

    def open_periods(self) -> list[Measurement]:
        """The running periods of all chains, by their closed hours; recorded nowhere."""
        return self._ledger.open_periods()

    def _sources_of(self, series: Sequence[Series]) -> Integers:
        fresh = [each for each in series if each not in self._slots]
        if fresh:
            self._add(fresh)
        return np.array([self._slots[each] for each in series], np.int64)

    def _add(self, series: Sequence[Series]) -> None:
        self.watch(each.device for each in series)
        owners: list[int] = []
        for each in series:
            source = self._sources.setdefault((each.device, each.source), len(self._sources))
            if source == len(self._clocks) + len(owners):
                owners.append(self._devices[each.device])
            self._slots[each] = source
            self._tags_of(each.device).add(each.tag)
        self._clocks.add(owners)

    def _tags_of(self, device: str) -> set[str]:
        if device not in self._tags:
            self._tags[device] = {*self._history.tags(device), AGGREGATE}
        return self._tags[device]

    def _note_late(self, batch: Columns, devices: Integers, received: float) -> None:
        closed = self._closed[devices].take(batch.which)
        late = batch.seconds < closed
        if not late.any():
            return
        owners = devices[batch.which[late]]
        names = list(self._devices)
        marks = np.unique(np.stack([owners, batch.seconds[late] // HOUR * HOUR]), axis=1)
        for owner, mark in marks.T.tolist():
            self._late.setdefault(names[owner], set()).add(mark)
        due = np.maximum(received, self._rested[owners])
        np.minimum.at(self._late_due, owners, due)

    def _due(self, now: float) -> tuple[NDArray[np.bool_], Integers]:
        """By device: whether it is due, and the end of its last closed hour."""
        if self._started is None:
            self._started = now
            self.watch(device for device, _ in self._history.touched())
        clock = self._clocks.read(len(self._devices), now, self._started)
        since = clock.astype(np.int64) - self._lateness - self._phases
        passed = np.where(clock > NEVER, since // HOUR * HOUR + self._phases, -FAR)
        closed = np.maximum(passed, self._closed)
        return (closed > self._closed) | (self._late_due <= now), closed

    def _work(self, now: float) -> Work:
        self._phases[:] = [self._rules(device).phase for device in self._devices]
        plans = self._plans(*self._due(now))
        found = gathered(self._history, self._rules, {p.device: self._whole(p) for p in plans})
        by_device: dict[str, dict[Name, list[Hour]]] = {}
        for name, hours in found.items():
            by_device.setdefault(name.device, {})[name] = hours
        origins: list[Origin] = []
        chains: list[Chain] = []
        for plan in plans:
            mine = by_device.get(plan.device, {})
            origins += self._begun(mine)
            chains += self._chains(plan, mine)
            self._settle(plan, now)
        return Work(
            hours=tuple(hour_value(name, hour) for name, hours in found.items() for hour in hours),
            origins=tuple(origins),
            chains=tuple(chains),
            worked=tuple((plan.device, mark) for plan in plans for mark in plan.worked),
        )

    def _whole(self, plan: Plan) -> list[int]:
        # Late readings of an hour whose other seconds are gone would say less than what stands.
        gone = self._history.sealed(plan.device, plan.hours)
        return [start for start in plan.hours if start not in gone]

    def _plans(self, due: NDArray[np.bool_], closed: Integers) -> list[Plan]:
        if not due.any():
            return []
        touched: dict[str, list[int]] = {}
        for device, mark in self._history.touched():
            touched.setdefault(device, []).append(mark)
        names = list(self._devices)
        plans: list[Plan] = []
        budget = _BUDGET
        for at in np.flatnonzero(due).tolist():
            if budget <= 0:
                break
            device = names[at]
            marks = Marks(
                touched=touched.get(device, ()),
                late=self._late.get(device, ()),
                half=self._half.get(device, ()),
            )
            phase = int(self._phases[at])
            plans.append(planned(device, marks, phase, int(closed[at]), budget))
            budget -= len(plans[-1].hours)
        return plans

    def _begun(self, found: dict[Name, list[Hour]]) -> Iterator[Origin]:
        for name, hours in found.items():
            start = self._ledger.begin(name, hours)
            if start is not None:
                yield Origin(device=name.device, tag=name.tag, start=start)

    def _chains(self, plan: Plan, found: dict[Name, list[Hour]]) -> Iterator[Chain]:
        rules = self._rules(plan.device)
        names = {Name(plan.device, tag) for tag in self._tags_of(plan.device)}
        for name in sorted(names | found.keys()):
            if not plan.whole:
                self._ledger.forget(name)
                continue
            chain = self._ledger.extend(name, rules, found.get(name, []), plan.closed)
            if chain is not None:
                yield chain

    def _settle(self, plan: Plan, now: float) -> None:
        at = self._devices[plan.device]
        self._closed[at] = plan.closed
        half = self._half.setdefault(plan.device, set())
        half.difference_update(plan.worked)
        half.update(plan.half)
        if not plan.whole:
            self._late.get(plan.device, set()).difference_update(plan.worked)
            self._late_due[at] = now
            return
        if self._late.pop(plan.device, None):
            self._rested[at] = now + _REST
        self._late_due[at] = np.inf
