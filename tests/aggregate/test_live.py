"""When live measuring works what out: closing, silence, backfill, floods, budgets, failures."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from monitor.aggregate import gather as gather_module
from monitor.aggregate import live as live_module
from monitor.aggregate.clocks import CATCHING_UP, SILENCE
from monitor.aggregate.live import Live, Work
from monitor.aggregate.rules import DeviceRules
from monitor.domain.measurement import HourValue, Measurement, Reason
from monitor.domain.readings import ReadingColumns, Series
from monitor.errors import StoreError

BASE = 1_700_006_400
H = 3_600
TAG = "X"
RULES = DeviceRules(periods=((0, 8),))


class Store:
    """Seconds of tag X of some devices, and what was recorded of them."""

    def __init__(self) -> None:
        self.seconds: dict[str, dict[int, int]] = {}
        self.marks: set[tuple[str, int]] = set()
        self.origins: dict[tuple[str, str], int] = {}
        self.values: dict[tuple[str, str], dict[int, HourValue]] = {}
        self.chain: list[Measurement] = []
        self.broken = False

    def commit(self, work: Work) -> Work:
        self.origins.update({(o.device, o.tag): o.start for o in work.origins})
        for hour in work.hours:
            self.values.setdefault((hour.device, hour.tag), {})[hour.start] = hour
        for chain in work.chains:
            kept = [
                m
                for m in self.chain
                if (m.device, m.tag) != (chain.device, chain.tag) or m.start < chain.start
            ]
            self.chain = [*kept, *chain.measurements]
        self.marks.difference_update(work.worked)
        return work

    def origin(self, device: str, tag: str) -> int | None:
        return self.origins.get((device, tag))

    def checkpoint(self, device: str, tag: str, at: int) -> Measurement | None:
        if self.broken:
            raise StoreError("broken")
        mine = [m for m in self.chain if (m.device, m.tag) == (device, tag) and m.end <= at]
        return max(mine, key=lambda m: m.end, default=None)

    def latest_version(self, device: str, tag: str) -> int:
        mine = [m.version for m in self.chain if (m.device, m.tag) == (device, tag)]
        return max(mine, default=0)

    def hours(self, device: str, tag: str, start: int, end: int) -> Sequence[HourValue]:
        values = self.values.get((device, tag), {})
        return [values[at] for at in sorted(values) if start <= at < end]

    def dense(self, device: str, start: int, hours: int) -> Mapping[Series, NDArray[np.int32]]:
        row = np.full(hours * H, -1, np.int32)
        for second, count in self.seconds.get(device, {}).items():
            if start <= second < start + len(row):
                row[second - start] = count
        return {Series(device, TAG, "s"): row.reshape(hours, H)} if row.max() >= 0 else {}

    def sealed(self, device: str, starts: Collection[int]) -> Collection[int]:
        del device, starts
        return ()

    def touched(self) -> Sequence[tuple[str, int]]:
        return sorted(self.marks)

    def tags(self, device: str) -> Sequence[str]:
        return [TAG] if device in self.seconds else []


class Monitor:
    """A store and the aggregator over it."""

    def __init__(self) -> None:
        self.store = Store()
        self.live = self.restarted()

    def restarted(self) -> Live:
        self.live = Live(self.store, lambda _: RULES)
        return self.live

    def hears(self, second: int, received: float, count: int = 1, device: str = "d") -> None:
        self.hears_all([(second, count)], received, device)

    def hears_all(
        self, readings: Sequence[tuple[int, int]], received: float, device: str = "d"
    ) -> None:
        columns = ReadingColumns(series=[Series(device, TAG, "s")])
        for second, count in readings:
            columns.which.append(0)
            columns.seconds.append(second)
            columns.counts.append(count)
            self.store.seconds.setdefault(device, {})[second] = count
            self.store.marks.add((device, second // H * H))
        self.live.feed(columns, received)

    def work(self, now: float) -> Work:
        return self.store.commit(self.live.work(now))


@pytest.fixture
def monitor() -> Monitor:
    return Monitor()


def starts(work: Work) -> list[int]:
    return [hour.start - BASE for hour in work.hours]


def test_an_hour_closes_its_lateness_after_its_end(monitor: Monitor) -> None:
    monitor.hears(BASE + 100, BASE + 100)
    monitor.work(BASE + 100)
    monitor.hears(BASE + H + 89, BASE + H + 89)
    assert not monitor.live.due(BASE + H + 89)
    assert not monitor.live.work(BASE + H + 89)
    monitor.hears(BASE + H + 90, BASE + H + 90)
    assert monitor.live.due(BASE + H + 90)
    work = monitor.work(BASE + H + 90)
    assert work
    assert starts(work) == [0]
    assert work.worked == (("d", BASE),)
    assert [(o.device, o.tag, o.start) for o in work.origins] == [("d", TAG, BASE)]
    assert not monitor.live.due(BASE + H + 91)


def test_an_hour_waits_for_a_source_that_lags(monitor: Monitor) -> None:
    for at in range(0, H + 120, 60):
        monitor.hears(BASE + at - 100, BASE + at)
    monitor.work(BASE + H + 120)
    monitor.hears(BASE + H + 80, BASE + H + 900)
    assert not monitor.live.due(BASE + H + 900)


def test_periods_end_with_time_when_no_reading_comes(monitor: Monitor) -> None:
    monitor.hears(BASE + 10, BASE + 10, 5)
    now = BASE + 8 * H + 89
    monitor.work(now)
    assert monitor.store.chain == []
    work = monitor.work(now + 1)
    assert [m.value for m in work.chains[0].measurements] == [5]
    assert [m.reason for m in monitor.live.open_periods()] == [Reason.OPEN]


def test_a_watched_device_ends_its_period_after_a_restart(monitor: Monitor) -> None:
    monitor.hears(BASE + 10, BASE + 10, 5)
    monitor.work(BASE + 2 * H)
    assert monitor.store.marks == set()
    live = monitor.restarted()
    live.watch(["d"])
    assert not live.due(BASE + 9 * H)
    assert monitor.work(BASE + 9 * H + SILENCE + 1).chains
    assert [m.units for m in monitor.store.chain] == [180]


def test_after_a_restart_marked_hours_are_worked(monitor: Monitor) -> None:
    monitor.hears(BASE + 10, BASE + 10)
    monitor.restarted()
    assert not monitor.live.due(BASE + H + 200)
    work = monitor.work(BASE + H + 200 + SILENCE + 1)
    assert starts(work) == [0]


def test_nothing_is_worked_while_the_past_is_brought(monitor: Monitor) -> None:
    for at in range(50):
        monitor.hears(BASE + at * H, BASE + 100 * H + at / 10)
        assert not monitor.live.due(BASE + 100 * H + at / 10)
    assert len(monitor.work(BASE + 100 * H + 5 + CATCHING_UP).hours) == 48


def test_a_late_reading_replaces_the_chain_from_its_hour(monitor: Monitor) -> None:
    for hour in range(25):
        monitor.hears(BASE + hour * H, BASE + hour * H, 4)
        monitor.work(BASE + hour * H)
    monitor.work(BASE + 24 * H + 100)
    monitor.hears(BASE + 24 * H + 200, BASE + 24 * H + 200, 4)
    monitor.work(BASE + 24 * H + 200)
    assert [(m.value, m.version) for m in monitor.store.chain] == [(4, 1)] * 3
    now = BASE + 24 * H + 300
    monitor.hears(BASE + 9 * H + 60, now, 8)
    assert monitor.live.due(now)
    (chain,) = monitor.work(now).chains
    assert (chain.start, chain.version) == (BASE + 8 * H, 2)
    found = [
        ((m.start - BASE) // H, (m.end - BASE) // H, m.value, m.reason.value)
        for m in monitor.store.chain
    ]
    assert found == [(0, 8, 4, "periodic"), (8, 10, 6, "change"), (10, 18, 4, "periodic")]


def test_late_readings_in_a_flood_are_worked_together(monitor: Monitor) -> None:
    now = float(BASE + 20 * H)
    monitor.hears(BASE, BASE)
    monitor.hears(int(now), now)
    monitor.work(now)
    monitor.hears(BASE + H, now + 1)
    assert monitor.live.due(now + 1)
    monitor.work(now + 1)
    monitor.hears(BASE + 2 * H, now + 2)
    assert not monitor.live.due(now + 2)
    monitor.hears(BASE + 3 * H, now + 3)
    assert starts(monitor.work(now + 6)) == [2 * H, 3 * H]


def test_a_late_reading_that_changes_nothing_emits_no_chain(monitor: Monitor) -> None:
    now = BASE + 20 * H
    monitor.hears(BASE, BASE, 4)
    monitor.hears(now, now, 4)
    assert monitor.work(now).chains
    monitor.hears(BASE, now + 1, 4)
    work = monitor.work(now + 1)
    assert starts(work) == [0]
    assert work.chains == ()


def test_more_than_the_budget_is_worked_bit_by_bit(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "_BUDGET", 10)
    monkeypatch.setattr(gather_module, "_ROWS", 30)
    now = BASE + 300 * H
    for device in ("d", "e"):
        monitor.hears_all([(BASE + at * H, at) for at in range(150)], now, device)
        monitor.hears(now, now, 1, device)
    passes: list[Work] = []
    while monitor.live.due(now):
        passes.append(monitor.work(now))
    assert len(passes) == 6
    assert [bool(work.chains) for work in passes] == [False, False, True] * 2
    whole = Monitor()
    monkeypatch.setattr(live_module, "_BUDGET", 10_000)
    whole.hears_all([(BASE + at * H, at) for at in range(150)], now)
    whole.hears(now, now)
    whole.work(now)
    assert whole.store.chain == [m for m in monitor.store.chain if m.device == "d"]
    assert monitor.store.marks == {("d", now), ("e", now)}


def test_what_the_store_raises_leaves_everything_due(monitor: Monitor) -> None:
    now = BASE + 9 * H
    monitor.hears(BASE, BASE, 4)
    monitor.hears(now, now)
    monitor.store.broken = True
    with pytest.raises(StoreError):
        monitor.live.work(now)
    monitor.store.broken = False
    assert monitor.live.due(now)
    work = monitor.work(now)
    assert [o.start for o in work.origins] == [BASE]
    assert [m.value for m in monitor.store.chain] == [4]


def test_hours_from_before_the_origin_are_kept_and_counted_nowhere(monitor: Monitor) -> None:
    monitor.hears(BASE + 5 * H, BASE + 5 * H, 4)
    monitor.hears(BASE + 7 * H, BASE + 7 * H, 4)
    monitor.work(BASE + 7 * H)
    monitor.hears(BASE, BASE + 7 * H + 1, 400)
    work = monitor.work(BASE + 7 * H + 1)
    assert starts(work) == [0]
    assert (work.origins, work.chains) == ((), ())
    monitor.work(BASE + 30 * H)
    assert [m.value for m in monitor.store.chain] == [4]


def test_no_readings_are_no_news(monitor: Monitor) -> None:
    monitor.live.feed(ReadingColumns(series=[]), BASE)
    assert not monitor.live.due(BASE + 10 * H)


def test_a_phase_that_is_learned_shifts_later_hours(monitor: Monitor) -> None:
    monitor.hears(BASE, BASE, 4)
    monitor.hears(BASE + 2 * H, BASE + 2 * H, 4)
    monitor.work(BASE + 2 * H)
    shifted = DeviceRules(periods=((0, 8),), phase_minutes=13)
    monitor.live = Live(monitor.store, lambda _: shifted)
    monitor.hears(BASE + 3 * H + 800, BASE + 3 * H + 800, 6)
    monitor.hears(BASE + 20 * H, BASE + 20 * H, 4)
    monitor.work(BASE + 20 * H)
    assert monitor.store.chain[0].value == 6
    values = monitor.store.values["d", TAG]
    valued = sorted(start - BASE for start, hour in values.items() if hour.units is not None)
    assert valued == [0, H + 780, 3 * H + 780]


def test_a_clock_set_back_by_a_restart_takes_nothing_back(monitor: Monitor) -> None:
    monitor.hears(BASE, BASE, 4)
    monitor.hears(BASE + 20 * H, BASE + 20 * H, 4)
    monitor.work(BASE + 20 * H)
    assert [(m.end, m.version) for m in monitor.store.chain] == [(BASE + 8 * H, 1)]
    monitor.restarted()
    now = BASE + 20 * H + 60
    monitor.hears_all([(BASE + 3 * H, 4), (BASE + 5 * H, 4)], now)
    assert starts(monitor.work(now + CATCHING_UP)) == [3 * H]
    assert [(m.end, m.version) for m in monitor.store.chain] == [(BASE + 8 * H, 2)]
