"""The process dies at named points: what was acknowledged is there once, and work goes on."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig, points, schema, upkeep

HOUR, DAY = 3_600, 86_400
T0 = 1_700_000_000 // HOUR * HOUR
SERIES = 20

# Commit number n holds second n of every series; four commits to the hour. Hours are measured and
# packed at once, and their seconds go after eight days, which each commit brings nearer.
WRITER = """
import sys
from array import array
from pathlib import Path
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStoreConfig, upkeep

directory, t0, many = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = EmbeddedStoreConfig(directory=directory).build()
series = [Series(f"cube-{k}", "AGG", "lab") for k in range(many)]
number = store.statistics().number
for number in range(number + 1, number + 21):
    second = t0 + number * 900
    columns = ReadingColumns(series=series, which=array("I", range(many)),
        seconds=array("q", [second] * many), counts=array("q", [number] * many))
    done = [mark for mark in store.touched() if mark[1] + 3600 <= second]
    store.commit(Batch(readings=[columns], worked=done))
    print(number, flush=True)
    while store.compact(float(second + 8 * 86400)):
        pass
    if number % 10 == 0:
        upkeep.backup(directory, directory / "copy.db", force=True)
print("end", flush=True)
"""


def run(directory: Path, point: str, script: str = WRITER) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", script, str(directory), str(T0), str(SERIES)],
        env=os.environ | {points.VARIABLE: point},
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.split()


def check(directory: Path, acknowledged: int, commits: int | None = None) -> int:
    """Nothing is missing or there twice; how many commits with readings there are."""
    with closing(EmbeddedStore.open_reader(directory)) as reader:
        number = reader.statistics().number
        if commits is not None:
            assert number == commits
            number = acknowledged
        assert acknowledged <= number <= acknowledged + 1
        kept = {f"cube-{k}": 0 for k in range(SERIES)}
        for columns in reader.readings():
            for which in columns.which:
                kept[columns.series[which].device] += 1
        for device in kept if number else ():
            for _, seconds in reader.minutes(device, T0, number).values():
                kept[device] += int(seconds.sum())
        assert set(kept.values()) == {number}, "each second once, as a reading or in its minute"
    assert upkeep.verify(directory / "cubemon.db") == []
    return number


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "point",
    [
        "commit-before-write:9",
        "commit-before-commit:9",
        "commit-after:9",
        "compaction-before-commit:3",
        "compaction-mid:3",
        "retention-before-commit:2",
        "retention-mid:2",
        "backup-mid",
        "backup-before-rename",
    ],
)
def test_dying_at_a_point_loses_nothing_acknowledged(tmp_path: Path, point: str) -> None:
    code, said = run(tmp_path, point)
    assert code == -signal.SIGKILL
    assert "end" not in said
    number = check(tmp_path, int(said[-1]))
    assert not (tmp_path / "copy.db").exists(), "whole or not at all"

    with EmbeddedStoreConfig(directory=tmp_path).build() as store:
        assert store.unclean
        assert store.commit(Batch(worked=store.touched())).number == number + 1
        while store.compact(float(T0 + 20 * DAY)):
            pass
        assert list(store.readings()) == [], "retention goes on where it was"
    upkeep.backup(tmp_path, tmp_path / "copy.db")
    assert upkeep.verify(tmp_path / "copy.db") == []
    check(tmp_path, number, commits=number + 1)


@pytest.mark.parametrize(
    "point", ["migration-before-commit:1", "migration-mid:1", "migration-before-commit:4"]
)
def test_dying_during_a_migration_leaves_a_file_that_migrates(tmp_path: Path, point: str) -> None:
    sample = Path(__file__).parent / "samples" / "schema_1.sql"
    with closing(sqlite3.connect(tmp_path / "cubemon.db")) as connection:
        connection.executescript(sample.read_text(encoding="utf-8"))
    code, _ = run(tmp_path, point)
    assert code == -signal.SIGKILL
    with EmbeddedStoreConfig(directory=tmp_path).build() as store:
        assert store.statistics().schema_version == schema.VERSION
        assert store.statistics().number == 3
        assert sum(map(len, store.readings())) == 124
    assert upkeep.verify(tmp_path / "cubemon.db") == []
