"""Seconds become minutes, minutes go, hours and measurements go: each at its age."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from monitor.aggregate.condensing import merged_minutes
from monitor.aggregate.rules import DeviceRules
from monitor.domain.levels import Level, LevelSpan
from monitor.domain.readings import MERGED, ReadingColumns, Series
from monitor.domain.records import Batch
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
