"""Files that earlier versions wrote are brought up to date and read equal."""

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.domain.facts import FactName
from monitor.domain.readings import Series
from monitor.domain.records import Batch
from monitor.errors import ConfigError
from monitor.store.embedded import EmbeddedStore, schema, upkeep

Opener = Callable[..., EmbeddedStore]
HOUR = 3_600
T0 = 1_700_000_000 // HOUR * HOUR
A = Series("cube-a", "CUBE_T_STD", "syslog")
B = Series("cube-b", "AGG", "cli")
SAMPLES = sorted((Path(__file__).parent / "samples").glob("schema_*.sql"))


def laid_out(sample: Path, directory: Path) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / "cubemon.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(sample.read_text(encoding="utf-8"))
    return path


def test_there_is_a_sample_of_every_early_schema() -> None:
    numbers = [int(one.stem.removeprefix("schema_")) for one in SAMPLES]
    assert numbers[:4] == [1, 2, 3, 4]
    assert max(numbers) <= schema.VERSION


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.stem))
def test_a_sample_is_brought_up_to_date_and_reads_equal(
    sample: Path, opened: Opener, tmp_path: Path
) -> None:
    path = laid_out(sample, tmp_path / "data")
    store = opened()

    assert store.statistics().schema_version == schema.VERSION
    assert store.statistics().number == 3
    found = {
        (columns.series[which], second): count
        for columns in store.readings()
        for which, second, count in zip(columns.which, columns.seconds, columns.counts, strict=True)
    }
    expected = {(A, T0 + k): k % 7 for k in range(120)} | {(B, T0 + 5): 70_000}
    assert found == expected | {(A, T0 + 2 * HOUR + k): 9 for k in range(3)}
    (event,) = store.events()
    assert (event.text, event.counter, event.raw) == (
        "Communications failure", 3, b"<187>\xff raw"
    )  # fmt: skip
    assert event.events == ({"kind": "communication", "days": 3},)
    (fact,) = store.facts()
    assert (fact.subject, fact.name, fact.value) == ("cube-a", FactName.POLLED, 7)
    assert [one.payload for one in store.dead_letters()] == [b"\x00\xff"]
    assert store.origin("cube-a", "CUBE_T_STD") == T0
    assert [one.units for one in store.hours("cube-a", "CUBE_T_STD", T0, T0 + HOUR)] == [216]
    assert [(one.version, one.units) for one in store.measurements(versions="all")] == [
        (1, 216),
        (2, 252),
    ]
    assert [one.units for one in store.measurements()] == [252]
    assert [one.key.rule for one in store.standings()] == ["ack_overdue"]
    assert [one.aliases for one in store.devices()] == [{"192.0.2.9"}]
    assert store.touched() == [("cube-a", T0 + 2 * HOUR)]
    assert store.commit(Batch()).number == 4
    assert upkeep.verify(path) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.stem))
def test_a_sample_can_be_verified_as_it_is(sample: Path, tmp_path: Path) -> None:
    assert upkeep.verify(laid_out(sample, tmp_path / "data")) == []


def test_a_newer_file_is_refused_by_everything_and_left_alone(
    opened: Opener, tmp_path: Path
) -> None:
    path = laid_out(SAMPLES[-1], tmp_path / "data")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    for call in (
        opened,
        lambda: upkeep.status(path.parent),
        lambda: upkeep.verify(path),
        lambda: upkeep.compact(path.parent),
        lambda: upkeep.restore(path, tmp_path / "other"),
    ):
        with pytest.raises(ConfigError, match=r"newer cubemon \(schema 99"):
            call()
    assert path.read_bytes() == before
