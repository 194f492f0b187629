"""Seconds become minutes, minutes go, hours and measurements go: each at its age."""

import sqlite3
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from monitor.aggregate.condensing import merged_minutes
from monitor.aggregate.live import Live
from monitor.aggregate.rules import DeviceRules
from monitor.domain.cursors import Kind
from monitor.domain.levels import Level, LevelSpan
from monitor.domain.measurement import Chain, HourValue, Measurement, Reason
from monitor.domain.readings import MERGED, ReadingColumns, Series
from monitor.domain.records import Batch, DeadLetter, EventRecord
from monitor.instrument import Instruments
from monitor.store.embedded import EmbeddedStore
from monitor.store.embedded.minutes import Arrays
from monitor.store.embedded.packing import DamageError
from monitor.store.embedded.store import RetentionConfig

Opener = Callable[..., EmbeddedStore]
Build = Callable[..., ReadingColumns]
HOUR, DAY = 3_600, 86_400
T0 = 1_700_000_000 // HOUR * HOUR
A = Series("cube-a", "CUBE_T_STD", "syslog")
OTHER = A._replace(source="cli")
ENH = A._replace(tag="CUBE_T_ENH")


def merge(device: str, dense: Mapping[Series, NDArray[np.integer]]) -> Mapping[str, Arrays]:
    del device
    return merged_minutes(dense, DeviceRules())


def tidy(store: EmbeddedStore, now: float) -> int:
    steps = 0
    while store.compact(now):
        steps += 1
    return steps


def worked(store: EmbeddedStore) -> None:
    store.commit(Batch(worked=store.touched()))


def test_seconds_become_minutes_when_they_are_old_and_measured(
    store: EmbeddedStore, columns: Build
) -> None:
    store.merge_with(merge)
    rows = [(A, T0 + 60, 10), (A, T0 + 61, 12), (A, T0 + 62, 11), (A, T0 + 63, 40)]
    store.commit(Batch(readings=[columns([*rows, (A, T0 + 300, 7)])]))
    later = T0 + 8 * DAY + HOUR

    tidy(store, later)
    assert store.minutes("cube-a", T0, 1) == {}, "not measured yet"
    assert store.levels("cube-a", T0, T0 + HOUR) == [(Level.SECONDS, T0, T0 + HOUR)]
    worked(store)
    tidy(store, later - 1)
    assert store.minutes("cube-a", T0, 1) == {}, "not old enough"
    tidy(store, later)

    found = store.minutes("cube-a", T0, 1)
    assert set(found) == {A, A._replace(source=MERGED), Series("cube-a", "AGG", MERGED)}
    for values, seconds in found.values():
        assert values.shape == seconds.shape == (1, 60)
        assert values[0, :6].tolist() == [-1, 2 * (40 + 12 + 11), -1, -1, -1, 6 * 7]
        assert seconds[0, :6].tolist() == [0, 4, 0, 0, 0, 1]
    assert not list(store.readings())
    assert store.levels("cube-a", T0 - HOUR, T0 + 2 * HOUR) == [
        LevelSpan(Level.MINUTES, T0 - HOUR, T0 + HOUR),
        LevelSpan(Level.SECONDS, T0 + HOUR, T0 + 2 * HOUR),
    ]


def test_all_sources_together_are_kept_beside_each(store: EmbeddedStore, columns: Build) -> None:
    store.merge_with(merge)
    rows = [(A, T0, 5), (OTHER, T0, 9), (A, T0 + 1, 4), (ENH, T0, 1), (ENH, T0 + 1, 2)]
    store.commit(Batch(readings=[columns(rows)]))
    worked(store)
    tidy(store, T0 + 9 * DAY)

    first = {series: int(values[0, 0]) for series, (values, _) in store.minutes(
        "cube-a", T0, 1).items()}  # fmt: skip
    assert first == {
        A: 3 * 9,
        OTHER: 6 * 9,
        ENH: 3 * 3,
        A._replace(source=MERGED): 3 * 13,
        ENH._replace(source=MERGED): 3 * 3,
        Series("cube-a", "AGG", MERGED): 3 * (10 + 6),
    }


def test_a_range_may_begin_at_any_minute(store: EmbeddedStore, columns: Build) -> None:
    store.commit(Batch(readings=[columns([(A, T0 + 59 * 60, 1), (A, T0 + HOUR, 2)])]))
    worked(store)
    tidy(store, T0 + 9 * DAY)

    values, seconds = store.minutes("cube-a", T0 + 30 * 60, 1)[A]
    assert values[0, 28:32].tolist() == [-1, 6, 12, -1]
    assert seconds.sum() == 2
    assert store.minutes("cube-b", T0, 5) == {}


def test_late_readings_join_the_minutes_of_their_hour(store: EmbeddedStore, columns: Build) -> None:
    store.merge_with(merge)
    store.commit(Batch(readings=[columns([(A, T0, 6)])]))
    worked(store)
    now = T0 + 9 * DAY
    tidy(store, now)
    assert store.sealed("cube-a", [T0, T0 + HOUR, T0 - 600]) == {T0, T0 - 600}
    assert store.sealed("cube-b", [T0]) == set()
    assert store.sealed("cube-a", []) == set()

    late = [(A, T0 + 1, 2), (OTHER, T0 + 60, 3)]
    store.commit(Batch(readings=[columns(late)]))
    worked(store)
    tidy(store, now)

    found = store.minutes("cube-a", T0, 1)
    assert found[A].values[0, 0] == 36, "the highest of both, a lower bound"
    assert found[A].seconds[0, 0] == 1
    assert found[A._replace(source=MERGED)].values[0, :2].tolist() == [36, 18]
    assert found[OTHER].values[0, 1] == 18


def test_old_readings_of_hours_never_measured_are_not_sealed(
    store: EmbeddedStore, columns: Build
) -> None:
    store.commit(Batch(readings=[columns([(A, T0, 6)])]))
    worked(store)
    tidy(store, T0 + 9 * DAY)
    other = A._replace(device="cube-b")
    store.commit(Batch(readings=[columns([(other, T0, 6)])]))
    tidy(store, T0 + 9 * DAY)

    assert store.sealed("cube-b", [T0]) == set()
    assert store.levels("cube-b", T0, T0 + 1) == [(Level.SECONDS, T0, T0 + HOUR)]


def test_minutes_that_cannot_be_read_are_damage(store: EmbeddedStore, columns: Build) -> None:
    store.commit(Batch(readings=[columns([(A, T0, 6)])]))
    worked(store)
    tidy(store, T0 + 9 * DAY)
    for data in (b"", b"\x63", b"\x01abc", b"\x11no zlib"):
        store.engine.connection.execute("UPDATE minutes SET data = ?", (data,))
        with pytest.raises(DamageError):
            store.minutes("cube-a", T0, 1)


def test_a_coarser_level_is_never_kept_for_less(opened: Opener) -> None:
    with pytest.raises(ValidationError, match="must not fall"):
        RetentionConfig(seconds_days=200)
    assert RetentionConfig(seconds_days=100).seconds_days == 100
    del opened


# Older levels


def chain(*edges: tuple[int, int], version: int = 1, device: str = "cube-a") -> Chain:
    measurements = tuple(
        Measurement(
            device=device, tag="AGG", start=start, end=end, units=36, count=1, coverage=1.0,
            minute_coverage=1.0, reason=Reason.PERIODIC, changed=False, version=version,
        )
        for start, end in edges
    )  # fmt: skip
    return Chain(
        device=device, tag="AGG", start=edges[0][0], version=version, measurements=measurements
    )


def hour(start: int) -> HourValue:
    return HourValue(device="cube-a", tag="AGG", start=start, units=36, seconds=9, minutes=3)


def test_each_level_goes_at_its_age_and_says_so(store: EmbeddedStore, columns: Build) -> None:
    store.commit(Batch(readings=[columns([(A, T0, 6)])], hours=[hour(T0), hour(T0 + DAY)]))
    worked(store)
    whole = (T0, T0 + HOUR)
    for days, level in ((8, "seconds"), (9, "minutes"), (101, "hours"), (1_097, "measurements")):
        tidy(store, T0 + days * DAY)
        assert store.levels("cube-a", *whole) == [(Level(level), *whole)]
    assert store.minutes("cube-a", T0, 1) == {}
    assert [one.start for one in store.hours("cube-a", "AGG", 0, 2**40)] == [T0 + DAY]
    assert store.sealed("cube-a", [T0]) == set(), "nothing is left that could be said of it"


def test_an_hour_whose_minutes_are_gone_too_stays_sealed(
    store: EmbeddedStore, columns: Build
) -> None:
    store.commit(Batch(readings=[columns([(A, T0, 6)])], hours=[hour(T0)]))
    worked(store)
    tidy(store, T0 + 200 * DAY)
    assert store.minutes("cube-a", T0, 1) == {}
    assert store.sealed("cube-a", [T0, T0 + HOUR]) == {T0}


def test_the_newest_measurement_of_a_chain_stays_whatever_its_age(store: EmbeddedStore) -> None:
    first, second = (T0, T0 + 8 * HOUR), (T0 + 8 * HOUR, T0 + 16 * HOUR)
    store.commit(Batch(chains=[chain(first, second), chain(first, device="cube-b")]))
    store.commit(Batch(chains=[chain(second, version=2)]))
    tidy(store, T0 + 1_095 * DAY)
    assert len(store.measurements(versions="all")) == 4
    tidy(store, T0 + 1_200 * DAY)
    left = [(one.device, one.start, one.version) for one in store.measurements(versions="all")]
    assert sorted(left) == [("cube-a", second[0], 1), ("cube-a", second[0], 2), ("cube-b", T0, 1)]


def test_what_a_reader_outside_has_not_been_given_does_not_go_by_age(
    store: EmbeddedStore, columns: Build
) -> None:
    follower = store.follow("out", list(Kind))
    first, second = (T0, T0 + 8 * HOUR), (T0 + 8 * HOUR, T0 + 16 * HOUR)
    store.commit(
        Batch(readings=[columns([(A, T0, 6)])], hours=[hour(T0)], chains=[chain(first, second)])
    )
    worked(store)
    tidy(store, T0 + 2_000 * DAY)
    assert store.levels("cube-a", T0, T0 + HOUR)[0].level is Level.SECONDS
    assert len(store.measurements()) == 2
    given = 0
    while (piece := follower.next()) is not None:
        given += len(piece)
        store.advance("out", piece)
    assert given == 4
    tidy(store, T0 + 2_000 * DAY)
    assert store.levels("cube-a", T0, T0 + HOUR)[0].level is Level.MEASUREMENTS
    assert len(store.measurements()) == 1


def test_events_and_dead_letters_go_after_a_year(store: EmbeddedStore) -> None:
    store.commit(
        Batch(events=[event(T0), event(T0 + DAY)], dead_letters=[letter(T0), letter(T0 + DAY)])
    )
    tidy(store, T0 + 365 * DAY)
    assert (len(store.events()), len(store.dead_letters())) == (2, 2)
    tidy(store, T0 + 365 * DAY + 1)
    assert [one.received for one in store.events()] == [T0 + DAY]
    assert [one.received for one in store.dead_letters()] == [T0 + DAY]


def event(received: float) -> EventRecord:
    return EventRecord(
        device="cube-a", source="syslog", received=received, device_time=None, effective=received,
        clock="unknown", counter=int(received), facility="SYS", severity=5, mnemonic="",
        text="x" * 500,
    )  # fmt: skip


def letter(received: float) -> DeadLetter:
    return DeadLetter(source="s", origin="o", received=received, reason="r", payload=b"x" * 500)


def test_over_the_budget_seconds_go_first_then_minutes_then_events_and_nothing_else(
    opened: Opener, columns: Build, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened(max_bytes=10**9)
    instruments = Instruments(registry := CollectorRegistry())
    store.shed_to(lambda level, many: instruments.store_shed.labels(level).inc(many))
    store.merge_with(merge)
    for number in range(20):
        rows = [(A, T0 + number * HOUR + k, k * 7_919 % 60_000) for k in range(0, HOUR, 2)]
        store.commit(Batch(readings=[columns(rows)], hours=[hour(T0 + number * HOUR)]))
    store.commit(Batch(events=[event(T0 + k) for k in range(300)], dead_letters=[letter(T0)]))
    store.commit(Batch(chains=[chain((T0, T0 + 8 * HOUR))]))
    tidy(store, T0 + DAY)
    seen: list[tuple[int, int, int]] = []
    engine = store.engine
    while engine.budget.step(0):
        with sqlite3.connect(store.directory / "cubemon.db") as other:
            counts = [
                other.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608 - constants only
                for table in ("chunks", "minutes", "events")
            ]
        seen.append((counts[0], counts[1], counts[2]))

    assert seen[-1] == (0, 0, 0)
    for chunks, minutes, events in seen:
        assert events == 300 or (chunks, minutes) == (0, 0)
        assert minutes > 0 or chunks == 0
    assert any(minutes > 0 and chunks == 0 for chunks, minutes, _ in seen), "minutes stayed longer"
    assert len(store.measurements()) == 1
    assert len(store.hours("cube-a", "AGG", 0, 2**40)) == 20
    assert store.touched(), "also what was not measured yet"

    def shed(level: str) -> float | None:
        return registry.get_sample_value("cube_monitor_store_shed_total", {"level": level})

    assert shed("seconds") == store.statistics().dropped_readings == 20 * HOUR // 2
    assert shed("minutes")
    assert shed("events") == 301
    assert caplog.text.count("budget is used up") == 1


def test_late_readings_of_an_hour_whose_seconds_are_gone_change_no_measurement(
    store: EmbeddedStore, columns: Build
) -> None:
    """Alone they would say far less than what stands; they are kept for working out again."""

    def measure(live: Live, now: float) -> None:
        while live.due(now):
            work = live.work(now)
            store.commit(
                Batch(origins=work.origins, hours=work.hours, chains=work.chains,
                      worked=work.worked)
            )  # fmt: skip

    def read(count: int, second: int, received: float) -> None:
        batch = columns([(A, second + k, count) for k in range(60)])
        store.commit(Batch(readings=[batch]))
        live.feed(batch, received)

    live = Live(store, lambda _: DeviceRules(periods=((0, 8),)))
    now = float(T0 + 9 * DAY)
    live.due(now)
    read(40, T0, now)
    measure(live, now + 1_000)
    before = store.measurements()
    assert {one.count for one in before} == {40}
    tidy(store, now)
    assert store.levels("cube-a", T0, T0 + HOUR)[0].level is Level.MINUTES

    read(3, T0 + 600, now + 2_000)
    measure(live, now + 4_000)
    assert store.measurements() == before
    assert store.touched() == []
    tidy(store, now)
    values, seconds = store.minutes("cube-a", T0, 1)[A]
    assert (values[0, 0], values[0, 10], seconds.sum()) == (240, 18, 120)
