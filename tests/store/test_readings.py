"""Readings come back as they were committed, from memory, rows and chunks alike."""

import contextlib
import tempfile
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig, StoreReader
from monitor.store.embedded.packing import Columns
from monitor.store.embedded.tail import Tail

Rows = list[tuple[Series, int, int]]
Build = Callable[[Rows], ReadingColumns]

HOUR = 3_600
T0 = 1_700_000_000 // HOUR * HOUR
LONG_AFTER = T0 + 10**6
A = Series("cube-a", "CUBE_T_STD", "lab")
B = Series("cube-b", "CUBE_T_ENH", "lab")
SERIES = [A, B, Series("cube-a", "CUBE_T_STD", "cli"), Series("cubé", "AGG", "lab")]

readings = st.tuples(
    st.sampled_from(SERIES),
    st.one_of(st.integers(T0 - 20, T0 + 20), st.integers(T0, T0 + 40 * HOUR)),
    st.one_of(st.integers(0, 300), st.sampled_from([65_534, 65_535, 65_536, 1_000_000])),
)
batches = st.lists(st.lists(readings, max_size=30), max_size=6)


def highest(rows: Iterable[tuple[Series, int, int]]) -> dict[tuple[Series, int], int]:
    """The model: the highest count of each series and second."""
    model: dict[tuple[Series, int], int] = {}
    for series, second, count in rows:
        model[series, second] = max(count, model.get((series, second), 0))
    return model


def read(store: StoreReader, **asked: str | int) -> dict[tuple[Series, int], int]:
    found = [
        (columns.series[which], second, count)
        for columns in store.readings(**asked)  # type: ignore[arg-type]
        for which, second, count in zip(columns.which, columns.seconds, columns.counts, strict=True)
    ]
    assert len(found) == len(highest(found)), "one reading a series and second"
    return highest(found)


def dense(store: StoreReader, start: int, hours: int) -> dict[tuple[Series, int], int]:
    devices = sorted({series.device for series in store.series()})
    found: dict[tuple[Series, int], int] = {}
    for series, block in store.dense_many(devices, start, hours).items():
        assert block.shape == (hours, HOUR)
        assert block.dtype == np.int32
        flat = block.reshape(-1)
        found |= {(series, start + int(at)): int(flat[at]) for at in np.flatnonzero(flat >= 0)}
    return found


def compact(store: EmbeddedStore, now: float = LONG_AFTER) -> int:
    steps = 0
    while store.compact(now):
        steps += 1
        assert steps < 1_000
    return steps


def everything(store: StoreReader, model: dict[tuple[Series, int], int]) -> None:
    assert read(store) == model
    assert dense(store, T0 - HOUR, 50) == model
    latest = {
        series: max((second, count) for (one, second), count in model.items() if one == series)
        for series in {series for series, _ in model}
    }
    assert store.latest_readings() == latest


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=batches, after=batches, memory=st.sampled_from([0, 40_000, 2**28]))
def test_any_batches_read_back_the_same_before_and_after_compaction_and_a_restart(
    before: list[Rows], after: list[Rows], memory: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        config = EmbeddedStoreConfig(directory=Path(directory), memory_bytes=memory)
        model = highest(row for rows in before for row in rows)
        with config.build() as store:
            _commit_all(store, before)
            everything(store, model)
        with config.build() as store:
            everything(store, model)
            compact(store)
            everything(store, model)
            _commit_all(store, after)
            model = highest(row for rows in before + after for row in rows)
            everything(store, model)
        with config.build() as store:
            compact(store, T0 + 2 * HOUR)
            everything(store, model)
            compact(store)
            assert store.statistics().batches == 0
            with contextlib.closing(EmbeddedStore.open_reader(Path(directory))) as reader:
                everything(reader, model)


def _commit_all(store: EmbeddedStore, batches: list[Rows]) -> None:
    for rows in batches:
        half = len(rows) // 2
        parts = [_columns(rows[:half]), _columns(rows[half:])]
        assert store.commit(Batch(readings=parts)).readings == len(rows)


def _columns(rows: Rows) -> ReadingColumns:
    return ReadingColumns(
        series=SERIES,
        which=array("I", [SERIES.index(row[0]) for row in rows]),
        seconds=array("q", [row[1] for row in rows]),
        counts=array("q", [row[2] for row in rows]),
    )


def test_dense_may_start_at_any_minute(store: EmbeddedStore, columns: Build) -> None:
    rows = [(A, T0 + second, second) for second in range(0, 3 * HOUR, 7)]
    store.commit(Batch(readings=[columns(rows)]))
    compact(store, T0 + 2 * HOUR)
    start = T0 + 30 * 60

    found = store.dense("cube-a", start, 2)[A]

    expected = np.full(2 * HOUR, -1, np.int32)
    for _, second, count in rows:
        if start <= second < start + 2 * HOUR:
            expected[second - start] = count
    np.testing.assert_array_equal(found.reshape(-1), expected)


def test_a_series_without_readings_in_the_range_is_left_out(
    store: EmbeddedStore, columns: Build
) -> None:
    store.commit(Batch(readings=[columns([(A, T0, 1), (B, T0, 1)])]))

    assert store.dense("cube-a", T0 + HOUR, 1) == {}
    assert set(store.dense("cube-a", T0, 1)) == {A}
    assert store.dense("nobody", T0, 1) == {}


def test_readings_are_filtered_by_series_and_range(store: EmbeddedStore, columns: Build) -> None:
    rows = [(series, T0 + 600 * k, k) for series in SERIES for k in range(20)]
    store.commit(Batch(readings=[columns(rows)]))
    compact(store, T0 + 2 * HOUR)

    assert read(store, device="cube-a") == highest(row for row in rows if row[0].device == "cube-a")
    assert read(store, source="cli") == highest(row for row in rows if row[0].source == "cli")
    assert read(store, tag="AGG", start=T0 + 600, end=T0 + 1_800) == highest(
        row for row in rows if row[0].tag == "AGG" and T0 + 600 <= row[1] < T0 + 1_800
    )
    assert store.tags("cube-a") == ["CUBE_T_STD"]
    assert sorted(store.series("cube-b")) == [B]


def test_readings_years_apart_are_found(store: EmbeddedStore, columns: Build) -> None:
    rows = [(A, 0, 1), (A, T0, 2), (B, T0 + 10 * 365 * 86_400, 3)]
    store.commit(Batch(readings=[columns(rows)]))
    compact(store, T0 + 11 * 365 * 86_400)

    assert read(store) == highest(rows)


def test_compaction_leaves_the_open_hour_and_what_a_cursor_has_not_passed(
    store: EmbeddedStore, columns: Build
) -> None:
    for hour in range(3):
        store.commit(Batch(readings=[columns([(A, T0 + hour * HOUR, hour)])]))

    compact(store, T0 + 2 * HOUR + 119)
    assert (store.statistics().chunks, store.statistics().batches) == (1, 2)

    store.engine.connection.execute("INSERT INTO cursors VALUES ('exporter', 2)")
    compact(store)
    assert (store.statistics().chunks, store.statistics().batches) == (2, 1)

    store.engine.connection.execute("DELETE FROM cursors")
    compact(store)
    assert (store.statistics().chunks, store.statistics().batches) == (3, 0)
    assert read(store) == {(A, T0 + hour * HOUR): hour for hour in range(3)}


def test_commits_between_the_steps_of_compaction_are_not_lost(
    store: EmbeddedStore, columns: Build
) -> None:
    many = [Series(f"cube-{k}", "CUBE_T_STD", "lab") for k in range(600)]
    rows = [(series, T0 + 5, 1) for series in many]
    store.commit(Batch(readings=[columns(rows)]))
    late = 10
    while store.compact(LONG_AFTER):
        more = [(many[0], T0 + late, late), (many[-1], T0 + 5, late)]
        if late < 14:
            store.commit(Batch(readings=[columns(more)]))
            rows += more
            late += 1
        assert read(store) == highest(rows)
    assert late == 14

    compact(store)
    assert store.statistics().batches == 0
    assert read(store) == highest(rows)
    assert store.engine.tail.known() == []


def test_memory_is_bounded_and_what_did_not_fit_is_read_from_the_file(
    opened: Callable[..., EmbeddedStore], columns: Build
) -> None:
    store = opened(memory_bytes=5 * HOUR * 2)
    rows = [(A, T0 + hour * HOUR + 1, hour) for hour in range(20)]
    for row in rows:
        store.commit(Batch(readings=[columns([row])]))

    held = [hour for hour in store.engine.tail.known() if store.engine.tail.block(hour) is not None]
    assert len(held) <= 5
    assert read(store) == highest(rows)
    compact(store)
    assert read(store) == highest(rows)
    assert store.engine.tail.known() == []


def test_readings_of_an_hour_that_left_memory_are_not_lost_by_compaction(
    opened: Callable[..., EmbeddedStore], columns: Build
) -> None:
    store = opened(memory_bytes=2 * HOUR * 2)
    rows = [(A, T0 + hour * HOUR, hour) for hour in range(4)]
    rows += [(A, T0 + 7, 70), (B, T0 + 8, 80)]
    for row in rows:
        store.commit(Batch(readings=[columns([row])]))
        assert read(store) == highest(rows[: rows.index(row) + 1])

    compact(store)
    assert store.statistics().batches == 0
    assert read(store) == highest(rows)


def test_an_hour_that_left_memory_does_not_come_back_in_part() -> None:
    def one(hour: int) -> Columns:
        return Columns(ids=np.array([1]), seconds=np.array([hour * HOUR]), counts=np.array([1]))

    tail = Tail(HOUR * 2)
    for hour in (1, 2):
        tail.add(one(hour))
    tail.release(2)
    tail.add(one(1))

    assert tail.block(1) is None, "its earlier readings are in rows only"
    assert tail.lines([1], range(5)) == ([], frozenset({1}))
    tail.release(1)
    tail.add(one(1))
    assert tail.block(1) is not None


def test_names_a_database_cannot_hold_are_kept_readable(
    store: EmbeddedStore, opened: Callable[..., EmbeddedStore], columns: Build
) -> None:
    odd = Series("cube-\udcff", "TAG", "lab")
    for count in (1, 2):
        store.commit(Batch(readings=[columns([(odd, T0 + count, count)])]))
    store.commit(Batch(worked=[("cube-\udcff", T0)]))
    assert store.touched() == []
    store.commit(Batch(readings=[columns([(odd, T0, 9)])]))

    kept = Series("cube-\\udcff", "TAG", "lab")
    assert read(store) == {(kept, T0): 9, (kept, T0 + 1): 1, (kept, T0 + 2): 2}
    assert set(store.dense("cube-\udcff", T0, 1)) == {kept}
    assert store.touched() == [("cube-\\udcff", T0)]
    store.close()
    assert list(opened().series()) == [kept]


@pytest.mark.parametrize("count", [0, 255, 65_534, 65_535, 2**31 - 2])
def test_counts_of_any_size_survive_a_chunk(
    store: EmbeddedStore, columns: Build, count: int
) -> None:
    store.commit(Batch(readings=[columns([(A, T0, count), (A, T0 + 1, 0)])]))
    compact(store)

    assert read(store) == {(A, T0): count, (A, T0 + 1): 0}
    assert store.dense("cube-a", T0, 1)[A][0, :3].tolist() == [count, 0, -1]
