"""kill -9 during ingest: what was acknowledged is there, it is noticed, the store works on.

`pytest tests/store/test_kill.py --kills 200` is the long run.
"""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

HOUR = 3_600
T0 = 1_700_000_000 // HOUR * HOUR
SERIES = 50
KILLS_A_STORE = 8

# Commit number n holds second n of every series with count n, one event and one fact n; compaction
# runs in between as in the service. What is printed has been acknowledged.
WRITER = """
import sys
from array import array
from pathlib import Path
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch, EventRecord
from monitor.store.embedded import EmbeddedStoreConfig

directory, t0, many = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = EmbeddedStoreConfig(directory=directory).build()
series = [Series(f"cube-{k}", "AGG", "lab") for k in range(many)]
number = store.statistics().number
print("ready", store.unclean, flush=True)
while True:
    number += 1
    # A hundred commits to the hour, so that there is always an hour to compact.
    second = t0 + number * 36
    batch = Batch(
        readings=[
            ReadingColumns(
                series=series,
                which=array("I", range(many)),
                seconds=array("q", [second] * many),
                counts=array("q", [number] * many),
            )
        ],
        events=[
            EventRecord(
                device="cube-0", source="syslog", received=float(second), device_time=None,
                effective=float(second), clock="unknown", counter=number, facility="SYS",
                severity=5, mnemonic="", text=str(number),
            )
        ],
        facts=[
            Fact(
                subject="cube-0", name=FactName.POLLED, source="cli", value=number,
                kind=FactKind.EXACT, received=float(second), effective=float(second),
            )
        ],
    )
    committed = store.commit(batch)
    assert committed.number == number
    print(number, flush=True)
    store.compact(float(second))
"""


@pytest.mark.timeout(1_800)
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    kills = int(pytestconfig.getoption("--kills", 5))
    chance = random.Random(20261122)  # noqa: S311 - the same moments in every run
    for first in range(0, kills, KILLS_A_STORE):
        directory = tmp_path / str(first)
        killed = False
        for _ in range(min(KILLS_A_STORE, kills - first)):
            said_unclean, acknowledged = _run_and_kill(directory, chance.uniform(0.0, 0.15))
            assert said_unclean == killed
            killed = True
            _check(directory, acknowledged)
            if chance.random() < 0.2:
                _start_cleanly(directory)
                killed = False


def _run_and_kill(directory: Path, after: float) -> tuple[bool, int]:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(directory), str(T0), str(SERIES)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    with writer:
        ready = writer.stdout.readline().split()
        assert ready[:1] == ["ready"], "the writer did not start"
        # A timer, so that the moment has nothing to do with where the writer is.
        timer = threading.Timer(after, writer.send_signal, [signal.SIGKILL])
        timer.start()
        lines = [line for line in writer.stdout if line.endswith("\n")]
        timer.join()
    assert writer.returncode == -signal.SIGKILL
    return ready[1] == "True", int(lines[-1]) if lines else 0


def _check(directory: Path, acknowledged: int) -> None:
    with closing(sqlite3.connect(directory / "cubemon.db")) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    with closing(EmbeddedStore.open_reader(directory)) as reader:
        number = reader.statistics().number
        # The last commit may have happened without its acknowledgement having been read.
        assert acknowledged <= number
        assert [event.counter for event in reader.events(limit=10**6)] == _up_to(number)
        assert [fact.value for fact in reader.facts()] == _up_to(number)[-1:]
        found: dict[str, list[tuple[int, int]]] = {}
        for columns in reader.readings():
            for which, *rest in zip(columns.which, columns.seconds, columns.counts, strict=True):
                found.setdefault(columns.series[which].device, []).append((rest[0], rest[1]))
    expected = [(T0 + one * 36, one) for one in _up_to(number)]
    assert len(found) == (SERIES if number else 0)
    assert all(one == expected for one in found.values())


def _up_to(number: int) -> list[int]:
    return list(range(1, number + 1))


def _start_cleanly(directory: Path) -> None:
    config = EmbeddedStoreConfig(directory=directory)
    with config.build() as store:
        assert store.unclean
        number = store.statistics().number
    with config.build() as store:
        assert not store.unclean
        assert store.statistics().number == number
