"""Whatever comes when, measuring live is measuring in bulk, and both are the reference."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from monitor.aggregate.bulk import measure
from monitor.aggregate.chain import Name
from monitor.aggregate.columns import Columns
from monitor.aggregate.live import Live, Work
from monitor.aggregate.rules import NEVER_ACTIVE, DeviceRules
from monitor.domain.measurement import HourValue, Measurement
from monitor.domain.readings import Series
from tests.aggregate.reference import (
    BASE,
    HOUR,
    LATENESS,
    RULES,
    Reading,
    as_columns,
    as_row,
    readings_of,
    reference,
    rows_of,
)


@dataclass
class Memory:
    """A store in memory that checks what it is asked to commit."""

    seconds: dict[Series, dict[int, int]] = field(default_factory=dict)
    marks: set[tuple[str, int]] = field(default_factory=set)
    origins: dict[Name, int] = field(default_factory=dict)
    values: dict[Name, dict[int, HourValue]] = field(default_factory=dict)
    chains: dict[Name, list[Measurement]] = field(default_factory=dict)
    versions: dict[Name, int] = field(default_factory=dict)

    def accept(self, readings: Sequence[Reading]) -> None:
        for each in readings:
            seconds = self.seconds.setdefault(Series(each.device, each.tag, each.source), {})
            seconds[each.second] = max(seconds.get(each.second, 0), each.sessions)
            self.marks.add((each.device, each.second // HOUR * HOUR))

    def commit(self, work: Work) -> None:
        for origin in work.origins:
            assert Name(origin.device, origin.tag) not in self.origins
            self.origins[Name(origin.device, origin.tag)] = origin.start
        for hour in work.hours:
            self.values.setdefault(Name(hour.device, hour.tag), {})[hour.start] = hour
        for chain in work.chains:
            name = Name(chain.device, chain.tag)
            recorded = self.chains.setdefault(name, [])
            dropped = [m for m in recorded if m.start >= chain.start]
            assert chain.version >= max(1, self.versions.get(name, 0))
            assert not dropped or chain.version > self.versions[name]
            assert all(m.version == chain.version for m in chain.measurements)
            assert [m.start for m in dropped] != [m.start for m in chain.measurements] or any(
                as_row(a) != as_row(b) for a, b in zip(dropped, chain.measurements, strict=True)
            )
            recorded[:] = [m for m in recorded if m.start < chain.start]
            recorded.extend(chain.measurements)
            self.versions[name] = chain.version
        self.marks.difference_update(work.worked)

    def origin(self, device: str, tag: str) -> int | None:
        return self.origins.get(Name(device, tag))

    def checkpoint(self, device: str, tag: str, at: int) -> Measurement | None:
        recorded = self.chains.get(Name(device, tag), [])
        return max((m for m in recorded if m.end <= at), key=lambda m: m.end, default=None)

    def latest_version(self, device: str, tag: str) -> int:
        return self.versions.get(Name(device, tag), 0)

    def hours(self, device: str, tag: str, start: int, end: int) -> Sequence[HourValue]:
        values = self.values.get(Name(device, tag), {})
        return [values[at] for at in sorted(values) if start <= at < end]

    def dense(self, device: str, start: int, hours: int) -> Mapping[Series, NDArray[np.int32]]:
        found = {}
        for series, seconds in self.seconds.items():
            if series.device != device:
                continue
            row = np.full(hours * HOUR, -1, np.int32)
            for second, count in seconds.items():
                if start <= second < start + len(row):
                    row[second - start] = count
            if row.max() >= 0:
                found[series] = row.reshape(hours, HOUR)
        return found

    def sealed(self, device: str, starts: Collection[int]) -> Collection[int]:
        del device, starts
        return ()

    def touched(self) -> Sequence[tuple[str, int]]:
        return sorted(self.marks)

    def tags(self, device: str) -> Sequence[str]:
        return sorted({series.tag for series in self.seconds if series.device == device})


class Step(NamedTuple):
    wait: int
    readings: list[Reading]
    after: str


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from([0, 0, 1, 60, 400, HOUR, 3 * HOUR, 9 * HOUR, 30 * HOUR]),
        st.lists(readings_of(40_000), max_size=12),
        st.sampled_from(["work", "work", "work", "", "restart", "crash", "crash in between"]),
    ),
    min_size=1,
    max_size=14,
)


class Simulation:
    def __init__(self, rules: DeviceRules, tardy: int) -> None:
        self.memory, self.now, self.tardy = Memory(), float(BASE), tardy
        self.known = rules
        self.live = self.started()

    def rules(self, device: str) -> DeviceRules:
        """A change of periodicity or role is not known before its time, or some hours later."""
        periods = [each for each in self.known.periods if each[0] <= self.now]
        return DeviceRules(
            periods=tuple(periods),
            active=self.active(),
            phase_minutes=self.known.phase_minutes,
            calls=self.known.calls,
            legs=self.known.legs,
            excluded=self.known.excluded,
            rounding=self.known.rounding,
        )

    def active(self) -> tuple[tuple[float, float | None], ...]:
        known = self.now - self.tardy
        found: list[tuple[float, float | None]] = [
            (since, None if until is None or until > known else until)
            for since, until in self.known.active
            if since <= known
        ]
        return tuple(found) or (NEVER_ACTIVE if self.known.active else ())

    def started(self) -> Live:
        live = Live(self.memory, self.rules, LATENESS)
        live.watch(["a", "b"])
        return live

    def step(self, step: Step) -> None:
        self.now += step.wait
        self.memory.accept(step.readings)
        if step.after == "crash in between":
            self.live = self.started()
            return
        self.live.feed(as_columns(step.readings), self.now)
        if step.after == "work":
            self.work()
        elif step.after == "crash":
            self.live.work(self.now)
        if step.after in {"restart", "crash"}:
            self.live = self.started()

    def work(self) -> None:
        while self.live.due(self.now):
            work = self.live.work(self.now)
            self.memory.commit(work)

    def finish(self, until: int) -> None:
        """Long after the last reading every source is silent and every hour is closed."""
        self.live.due(self.now)
        changes = [self.tardy + edge for span in self.known.active for edge in span if edge]
        self.now = max(self.now, until, *changes) + 2 * HOUR + LATENESS
        self.work()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, rules=RULES, tardy=st.sampled_from([0, 0, 600, 11 * HOUR]))
def test_live_is_bulk_and_the_reference(steps: list[Step], rules: DeviceRules, tardy: int) -> None:
    simulation = Simulation(rules, tardy)
    for step in steps:
        simulation.step(step)
    readings = [each for step in steps for each in step.readings]
    newest = max((each.second for each in readings), default=BASE)
    simulation.finish(newest)
    closed = int(simulation.now) - LATENESS
    memory = simulation.memory
    expected = reference(readings, rules, closed, memory.origins)
    assert expected.keys() == memory.origins.keys()
    running = {Name(m.device, m.tag): [m] for m in simulation.live.open_periods()}
    live = {
        name: [as_row(m) for m in (*memory.chains.get(name, []), *running.get(name, []))]
        for name in memory.origins
    }
    assert live == expected
    usages = measure(
        Columns.of(as_columns(readings)), lambda _: rules, until=closed, origins=memory.origins
    )
    assert {usage.name: rows_of(usage) for usage in usages} == live
    # Nothing is left to do, and the same readings again change nothing.
    assert not memory.marks
    assert not simulation.live.due(simulation.now)
    memory.accept(readings)
    simulation.live.feed(as_columns(readings), simulation.now)
    simulation.now += 60
    assert not simulation.live.work(simulation.now).chains
