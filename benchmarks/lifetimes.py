"""What growing old costs: commits beside tidying, bytes a reading at each level and outside.

python benchmarks/lifetimes.py [--series 1000] [--hours 3]

Beside it VictoriaMetrics holds the same readings, where the engine is installed: written as line
protocol, flushed and merged.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.aggregate.condensing import merged_minutes
from monitor.aggregate.rules import DeviceRules
from monitor.domain.instants import DAY, HOUR
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig, upkeep

T0 = int(time.time() - 2 * DAY) // HOUR * HOUR
PAUSE = 0.02
Counts = NDArray[np.int64]


def walks(series: int, seconds: int) -> Counts:
    """Sessions by (second, series): random walks between 0 and 1,500 that move now and then."""
    chance = np.random.default_rng(7)
    steps = chance.integers(-1, 2, (seconds, series)) * (chance.random((seconds, series)) < 0.4)
    counts: Counts = np.abs(chance.integers(0, 1_500, series) + steps.cumsum(axis=0))
    return counts


def columns(second: int, row: Counts) -> ReadingColumns:
    """One second of every series."""
    return ReadingColumns(
        series=[Series(f"cube-{k:04d}", "CUBE_T_STD", "lab") for k in range(len(row))],
        which=array("I", range(len(row))),
        seconds=array("q", [second]) * len(row),
        counts=array("q", row.tobytes()),
    )


def tidied(store: EmbeddedStore, now: float, name: str, row: Counts) -> None:
    """Tidy up until nothing is left, as the service does, with commits in between."""
    spent: list[float] = []
    done = threading.Event()

    def commits() -> None:
        number = 0
        while not done.is_set():
            number += 1
            batch = Batch(readings=[columns(int(now) + number, row)])
            started = time.perf_counter()
            store.commit(batch)
            spent.append(time.perf_counter() - started)
            time.sleep(PAUSE)

    thread = threading.Thread(target=commits)
    thread.start()
    steps: list[float] = []
    working = 1
    while working:
        started = time.perf_counter()
        working = store.compact(now)
        steps.append(time.perf_counter() - started)
        time.sleep(0)
    done.set()
    thread.join()
    p50, p99 = np.quantile(spent, [0.5, 0.99]) * 1e3
    print(
        f"  {name}: {sum(steps):.2f} s in {len(steps)} steps,"
        f" the longest {max(steps) * 1e3:.0f} ms;"
        f" {len(spent)} commits beside it: p50 {p50:.1f} ms, p99 {p99:.1f} ms,"
        f" longest {max(spent) * 1e3:.0f} ms"
    )


def levels(store: EmbeddedStore, readings: int) -> None:
    """Bytes a reading at each level."""
    for level in upkeep.status(store.directory).levels:
        if level.level in {"seconds", "minutes"} and level.rows:
            print(f"  {level.level}: {level.bytes / readings:.3f} bytes a reading")


def embedded(counts: Counts) -> None:
    """The store through compaction and the end of its seconds."""
    with (
        tempfile.TemporaryDirectory() as directory,
        EmbeddedStoreConfig(directory=Path(directory)).build() as store,
    ):
        store.merge_with(lambda _, dense: merged_minutes(dense, DeviceRules()))
        for second, row in enumerate(counts):
            store.commit(Batch(readings=[columns(T0 + second, row)]))
        end = T0 + len(counts) + HOUR
        tidied(store, float(end), "compaction", counts[0])
        levels(store, counts.size)
        store.commit(Batch(worked=store.touched()))
        tidied(store, float(end + 8 * DAY), "seconds become minutes", counts[0])
        levels(store, counts.size)


@contextmanager
def victoria(directory: Path) -> Iterator[str]:
    """A VictoriaMetrics of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    binary = shutil.which("victoria-metrics") or ""
    words = [f"-storageDataPath={directory}", f"-httpListenAddr=127.0.0.1:{port}",
             "-retentionPeriod=100y"]  # fmt: skip
    process = subprocess.Popen(
        [binary, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            with suppress(OSError):
                call(f"{url}/health")
                break
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()


def call(url: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(url, body, timeout=60) as answer:  # noqa: S310 - loopback
        content: bytes = answer.read()
    return content


def outside(counts: Counts) -> None:
    """The same readings in VictoriaMetrics."""
    with tempfile.TemporaryDirectory() as directory:
        with victoria(Path(directory)) as url:
            for second, row in enumerate(counts):
                at = (T0 + second) * 10**9
                lines = "".join(
                    f"cube,device=cube-{k:04d},tag=CUBE_T_STD,source=lab sessions={count}i {at}\n"
                    for k, count in enumerate(row.tolist())
                )
                call(f"{url}/write", lines.encode())
            for path in ("/internal/force_flush", "/internal/force_merge"):
                call(url + path)
            settled(lambda: size_of(Path(directory)))
        size = size_of(Path(directory) / "data")
        print(f"  VictoriaMetrics, merged: {size / counts.size:.3f} bytes a reading"
              f" ({size / 2**20:.1f} MiB)")  # fmt: skip


def settled(measure: Callable[[], int]) -> None:
    before = -1
    while (now := measure()) != before:
        before = now
        time.sleep(2)


def size_of(directory: Path) -> int:
    total = 0
    for one in directory.rglob("*"):
        with suppress(FileNotFoundError):
            total += one.stat().st_blocks * 512 if one.is_file() else 0
    return total


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--series", type=int, default=1_000)
    words.add_argument("--hours", type=int, default=1)
    given = words.parse_args()
    counts = walks(given.series, given.hours * HOUR)
    print(f"{os.cpu_count()} processors; {counts.size / 1e6:.1f} million readings of"
          f" {given.series} series")  # fmt: skip
    embedded(counts)
    if shutil.which("victoria-metrics"):
        outside(counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
