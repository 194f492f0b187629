"""How fast databases outside are served, and what an outage of one costs.

python benchmarks/ship.py [--readings 2000000] [--minutes 1] [--rate 20000]

Three figures, with a real VictoriaMetrics on this machine (it shares the processors with us):
catching up from the log, beside the bound of the same lines sent without reading the log; sending
history again; and an outage: readings are committed at a rate, the database goes away for so many
minutes and comes back. `--minutes 10` is the full run.
"""

import argparse
import contextlib
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from monitor.domain.cursors import Kind, Piece
from monitor.domain.instants import HOUR
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig, Follower
from monitor.store.line.client import Client, Place
from monitor.store.line.failure import OutsideError
from monitor.store.line.points import points
from monitor.store.victoriametrics import VictoriaMetrics, VictoriaMetricsConfig

T0 = 1_700_000_000 // HOUR * HOUR
SERIES = 1_000
NAME = "ship:bench"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A VictoriaMetrics that can be stopped and started."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [
            "victoria-metrics",
            f"-storageDataPath={self._directory}",
            f"-httpListenAddr=127.0.0.1:{self.port}",
            "-retentionPeriod=100y",
            "-memory.allowedBytes=512MB",
        ]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{self.url}/health").read()  # noqa: S310 - our own server
                return
            time.sleep(0.05)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def flush(self) -> None:
        urllib.request.urlopen(f"{self.url}/internal/force_flush").read()  # noqa: S310 - our own server

    def bytes(self) -> int:
        data = self._directory / "data"
        return sum(one.stat().st_size for one in data.rglob("*") if one.is_file())


def batches(readings: int, chunk: int, start: int = T0) -> Iterator[Batch]:
    """Random walks; `chunk` readings a commit, one a second of each series."""
    chance = np.random.default_rng(7)
    series = [Series(f"cube-{k:04d}", "CUBE_T_STD", "lab") for k in range(SERIES)]
    counts = chance.integers(0, 1_500, SERIES)
    which = array("I", range(SERIES))
    for first in range(0, readings // SERIES, chunk // SERIES):
        columns = []
        for second in range(first, first + chunk // SERIES):
            counts = np.abs(counts + chance.integers(-1, 2, SERIES))
            columns.append(
                ReadingColumns(
                    series=series,
                    which=which,
                    seconds=array("q", [start + second]) * SERIES,
                    counts=array("q", counts.astype(np.int64).tobytes()),
                )
            )
        yield Batch(readings=columns)


def drain(store: EmbeddedStore, follower: Follower, target: VictoriaMetrics) -> int:
    sent = 0
    while (piece := follower.next()) is not None:
        sent += target.write(piece).written
        store.advance(follower.name, piece)
    return sent


def ready_lines(
    store: EmbeddedStore, follower: Follower, server: Server, config: VictoriaMetricsConfig
) -> None:
    """The bound: a part of the same lines, made beforehand."""
    store.rewind(NAME, T0)
    pieces: list[Piece] = []
    while (piece := follower.next()) is not None and len(pieces) < 5:
        pieces.append(piece)
        store.advance(NAME, piece)
    lines = [line for piece in pieces for line in points(piece).lines]
    client = Client(config, Place(url=server.url, org="-", bucket="b"))
    started = time.perf_counter()
    for at in range(0, len(lines), 10_000):
        client.write("\n".join(lines[at : at + 10_000]).encode())
    bound = len(lines) / (time.perf_counter() - started)
    print(f"  bound, ready lines only:       {bound:>10,.0f} readings/s")


def history(
    store: EmbeddedStore, follower: Follower, target: VictoriaMetrics, readings: int
) -> None:
    while store.compact(T0 + 1_000 * HOUR):
        pass
    store.rewind(NAME, T0)
    started = time.perf_counter()
    if drain(store, follower, target) < readings:
        raise SystemExit("not all of the history was sent again")
    rate = readings / (time.perf_counter() - started)
    print(f"  history again, from chunks:    {rate:>10,.0f} readings/s")


def catching_up(store: EmbeddedStore, server: Server, readings: int) -> None:
    follower = store.follow(NAME, [Kind.READINGS])
    started = time.perf_counter()
    for batch in batches(readings, 1_000):
        store.commit(batch)
    print(f"committed {readings:,} readings in {time.perf_counter() - started:.1f} s")
    config = VictoriaMetricsConfig(kind="victoriametrics", url=server.url)
    target = config.build()
    started = time.perf_counter()
    sent = drain(store, follower, target)
    spent = time.perf_counter() - started
    print(f"  catching up from the log:      {sent / spent:>10,.0f} readings/s (wanted: 100,000)")
    again = follower.next()
    print(f"  sent again after a restart:    {0 if again is None else len(again):>10,}")

    ready_lines(store, follower, server, config)
    history(store, follower, target, readings)
    server.flush()
    found = sum(map(len, target.readings(T0, T0 + readings // SERIES)))
    if found != readings:
        raise SystemExit(f"{found:,} of {readings:,} readings are there")
    print(f"  all {found:,} readings are there, once")
    used = store.statistics().used / readings
    # What was sent three times is merged by and by; its own figure is taken in `sizes`.
    print(f"  bytes/reading: ours {used:.2f} after compaction")


def sizes(directory: Path, readings: int) -> None:
    """The same readings once in VictoriaMetrics."""
    server = Server(directory / "once")
    try:
        with EmbeddedStoreConfig(directory=directory / "size").build() as store:
            follower = store.follow(NAME, [Kind.READINGS])
            for batch in batches(readings, 20_000):
                store.commit(batch)
            config = VictoriaMetricsConfig(kind="victoriametrics", url=server.url)
            drain(store, follower, config.build())
        server.flush()
        server.stop()
        print(f"  bytes/reading: VictoriaMetrics {server.bytes() / readings:.2f}")
    finally:
        server.stop()


class Outage:
    """Commits at a rate on one thread, ships on another, takes the database away and back."""

    def __init__(self, store: EmbeddedStore, server: Server, rate: int, seconds: int) -> None:
        self._store = store
        self._server = server
        self._rate = rate
        self._seconds = seconds
        self._follower = store.follow(NAME, [Kind.READINGS])
        self._worst_commit = 0.0
        self.committed = self.sent = self.failures = 0
        self._writing = threading.Event()

    def run(self) -> None:
        writer = threading.Thread(target=self._commit)
        shipper = threading.Thread(target=self._ship)
        self._writing.set()
        writer.start()
        shipper.start()
        time.sleep(5)
        self._server.stop()
        print(f"  the database is away for {self._seconds} s at {self._rate:,} readings/s")
        time.sleep(self._seconds)
        behind = self.committed - self.sent
        back = time.perf_counter()
        self._server.start()
        while self._follower.state().behind:
            time.sleep(0.2)
        spent = time.perf_counter() - back
        self._writing.clear()
        writer.join()
        shipper.join()
        print(
            f"  {behind:,} readings behind, caught up in {spent:.1f} s while"
            f" {self._rate:,}/s went on; {self.failures} failed writes,"
            f" longest commit {self._worst_commit:.2f} s"
        )

    def _commit(self) -> None:
        started = time.perf_counter()
        for number, batch in enumerate(batches(10**9, self._rate // 10, T0 + 400 * HOUR)):
            if not self._writing.is_set():
                return
            time.sleep(max(0.0, started + number / 10 - time.perf_counter()))
            before = time.perf_counter()
            self._store.commit(batch)
            self._worst_commit = max(self._worst_commit, time.perf_counter() - before)
            self.committed += self._rate // 10

    def _ship(self) -> None:
        target = VictoriaMetricsConfig(
            kind="victoriametrics", url=self._server.url, timeout_seconds=5
        ).build()
        while self._writing.is_set() or self._follower.next() is not None:
            try:
                self.sent += drain(self._store, self._follower, target)
            except OutsideError:
                self.failures += 1
                time.sleep(1)
            time.sleep(0.2)

    def check(self) -> None:
        self._server.flush()
        target = VictoriaMetricsConfig(kind="victoriametrics", url=self._server.url).build()
        start = T0 + 400 * HOUR
        found = sum(map(len, target.readings(start, start + self.committed // SERIES + 1)))
        if found != self.committed:
            raise SystemExit(f"{found:,} of {self.committed:,} readings are there")
        print(f"  all {found:,} readings are there, once")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--readings", type=int, default=2_000_000)
    words.add_argument("--minutes", type=float, default=0.5)
    words.add_argument("--rate", type=int, default=20_000)
    given = words.parse_args()
    if shutil.which("victoria-metrics") is None:
        print("NOT RUN: needs victoria-metrics (Debian package victoria-metrics)")
        return 0
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f},"
        f" Python {platform.python_version()}"
    )
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        server = Server(directory / "victoria")
        try:
            with EmbeddedStoreConfig(directory=directory / "data").build() as store:
                catching_up(store, server, given.readings)
                sizes(directory, given.readings)
                outage = Outage(store, server, given.rate, int(given.minutes * 60))
                outage.run()
                outage.check()
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
