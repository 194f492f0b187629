"""kill -9 during ingest and shipping: nothing accepted is lost, nothing is doubled for a reader.

`CUBEMON_KILLS=200 pytest tests/store/outside/test_kill_shipping.py` is the long run.
"""

import os
import random
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.cursors import Kind
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

HOUR = 3_600
T0 = 1_700_000_000 // HOUR * HOUR
SERIES = 20
KILLS = int(os.environ.get("CUBEMON_KILLS", "4"))

# Commits on one thread and ships on another, as the service does. Commit n holds second n of every
# series with count n; every fifth brings a lower count of an earlier second as well. What is
# printed has been accepted.
MONITOR = """
import sys
import threading
from array import array
from pathlib import Path
from monitor.domain.cursors import Kind
from monitor.domain.measurement import HourValue
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStoreConfig
from monitor.store.victoriametrics import VictoriaMetricsConfig

directory, url, t0, many = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
store = EmbeddedStoreConfig(directory=directory).build()
follower = store.follow("ship:out", list(Kind))
target = VictoriaMetricsConfig(kind="victoriametrics", url=url).build()


def ship():
    while True:
        piece = follower.next()
        if piece is not None:
            target.write(piece)
            store.advance("ship:out", piece)


threading.Thread(target=ship, daemon=True).start()
series = [Series(f"cube-{k}", "KILL", "lab") for k in range(many)]
number = store.statistics().number
print("ready", number, flush=True)
while True:
    number += 1
    second = t0 + number * 36
    rows = [(k, second, number) for k in range(many)]
    if number % 5 == 0:
        rows.append((0, second - 36, 0))
    which, seconds, counts = zip(*rows)
    columns = ReadingColumns(series=series, which=array("I", which), seconds=array("q", seconds),
                             counts=array("q", counts))
    hour = HourValue(device="cube-0", tag="KILL", start=t0 + number * 3600, units=number,
                     seconds=1, minutes=1)
    store.commit(Batch(readings=[columns], hours=[hour]))
    print(number, flush=True)
    store.compact(float(second))
"""


def run_and_kill(directory: Path, url: str, after: float) -> int:
    process = subprocess.Popen(
        [sys.executable, "-c", MONITOR, str(directory), url, str(T0), str(SERIES)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        ready = process.stdout.readline().split()
        assert ready[:1] == ["ready"], "it did not start"
        timer = threading.Timer(after, process.send_signal, [signal.SIGKILL])
        timer.start()
        lines = [line for line in process.stdout if line.endswith("\n")]
        timer.join()
    assert process.returncode == -signal.SIGKILL
    return int(lines[-1] if lines else ready[1])


@pytest.mark.engine("victoria-metrics")
@pytest.mark.timeout(3_600)
def test_what_was_accepted_is_there_once_after_kill_9(
    tmp_path: Path, victoria: Any, ship: Any
) -> None:
    chance = random.Random(20261122)  # noqa: S311 - the same moments in every run
    directory = tmp_path / "data"
    url = f"http://{victoria.front.backend.netloc}"
    accepted = 0
    for _ in range(KILLS):
        accepted = max(accepted, run_and_kill(directory, url, chance.uniform(0.0, 0.4)))
    assert accepted > 0
    with closing(EmbeddedStoreConfig(directory=directory).build()) as store:
        number = store.statistics().number
        assert accepted <= number
        ship(store, store.follow("ship:out", list(Kind)), victoria.target())
        assert isinstance(store, EmbeddedStore)
    victoria.settle()

    target = victoria.target()
    end = T0 + (number + 1) * HOUR
    found: dict[str, list[tuple[int, int]]] = {}
    for columns in target.readings(T0, end, tag="KILL"):
        for which, *rest in zip(columns.which, columns.seconds, columns.counts, strict=True):
            found.setdefault(columns.series[which].device, []).append((rest[0], rest[1]))
    # The lower counts of earlier seconds leave no trace.
    expected = [(T0 + one * 36, one) for one in range(1, number + 1)]
    assert len(found) == SERIES
    for device, told in found.items():
        assert told == expected, device
    hours = [one.value.units for one in target.hours(T0, end, tag="KILL")]
    assert hours == list(range(1, number + 1))
