"""Measure again from a database outside: the same readings, and what it has lost."""

from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from monitor.aggregate.live import Live
from monitor.aggregate.recompute import Recomputed
from monitor.aggregate.rules import DeviceRules
from monitor.domain.cursors import Kind
from monitor.domain.levels import Level
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.pipeline.recomputing import Source, Task, recomputed
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

HOUR = 3_600
BASE = 1_700_006_400
DEVICE = "cube a"
RULES = DeviceRules(periods=((0, 8),))


def columns(start: int, counts: Sequence[int]) -> ReadingColumns:
    return ReadingColumns(
        series=[Series(DEVICE, "CUBE_T_STD", "lab")],
        which=array("I", bytes(4 * len(counts))),
        seconds=array("q", range(start, start + 60 * len(counts), 60)),
        counts=array("q", counts),
    )


class Given:
    """A configuration whose database was reached already."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def build(self) -> Any:
        return self._target


@pytest.fixture
def measured(tmp_path: Path) -> EmbeddedStore:
    store = EmbeddedStore(EmbeddedStoreConfig(directory=tmp_path / "data"))
    live = Live(store, lambda _: RULES)
    for start in range(BASE, BASE + 24 * HOUR, 4 * HOUR):
        part = columns(start, [start // HOUR % 7 + minute % 11 for minute in range(240)])
        store.commit(Batch(readings=[part]))
        live.feed(part, BASE + 24 * HOUR)
    while live.due(BASE + 25 * HOUR):
        work = live.work(BASE + 25 * HOUR)
        store.commit(
            Batch(origins=work.origins, hours=work.hours, chains=work.chains, worked=work.worked)
        )
    return store


def worked(directory: Path, target: Any) -> Recomputed:
    source = Source(directory=directory, outside=Given(target))
    task = Task(device=DEVICE, rules=RULES, start=None, end=BASE + 24 * HOUR)
    (found,) = recomputed(source, [task], 1)
    return found


def test_the_readings_outside_give_the_same_measurements(
    measured: EmbeddedStore, outside: Any, ship: Callable[..., Any]
) -> None:
    ship(measured, measured.follow("x", tuple(Kind)), outside.target())
    outside.settle()
    found = worked(measured.directory, outside.target())
    measured.close()
    assert found.equal
    assert found.readings == 2 * 24 * 60
    assert {one.level for one in found.periods} == {Level.SECONDS}
    assert len(found.periods) == 6


def test_what_the_database_outside_has_lost_stands_as_it_is_recorded(
    measured: EmbeddedStore, outside: Any, ship: Callable[..., Any]
) -> None:
    ship(measured, measured.follow("x", (Kind.MEASUREMENTS,)), outside.target())
    outside.settle()
    found = worked(measured.directory, outside.target())
    measured.close()
    assert found.equal
    assert found.readings == 0
    assert {one.level for one in found.periods} == {Level.HOURS}
