"""How fast and how small readings are kept, beside other shapes on the same SQLite.

python benchmarks/store.py [--seconds 3600] [--series 1000]

Peer: one row a reading, as most tools keep them. Each figure has its own temporary directory on the
disk of TMPDIR; commits are durable (synchronous FULL) everywhere.
"""

import argparse
import contextlib
import os
import platform
import sqlite3
import sys
import tempfile
import time
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from monitor.aggregate.live import Live
from monitor.aggregate.rules import DeviceRules
from monitor.domain.instants import DAY, HOUR
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig
from monitor.store.embedded.packing import Columns, encode, pack

T0 = 1_700_000_000 // HOUR * HOUR
Counts = NDArray[np.int64]
T = TypeVar("T")
Rows = Callable[[int, Counts], Sequence[tuple[object, ...]]]


def walks(series: int, seconds: int) -> Counts:
    """Sessions by (second, series): random walks between 0 and 1,500 that move now and then."""
    chance = np.random.default_rng(7)
    steps = chance.integers(-1, 2, (seconds, series)) * (chance.random((seconds, series)) < 0.4)
    counts: Counts = np.abs(chance.integers(0, 1_500, series) + steps.cumsum(axis=0))
    return counts


def batches(counts: Counts) -> Iterator[Batch]:
    """A batch a second with one reading of each series."""
    series = [Series(f"cube-{k:04d}", "CUBE_T_STD", "lab") for k in range(counts.shape[1])]
    which = array("I", range(len(series)))
    for second, row in enumerate(counts):
        columns = ReadingColumns(
            series=list(series),
            which=which,
            seconds=array("q", [T0 + second]) * len(series),
            counts=array("q", row.tobytes()),
        )
        yield Batch(readings=[columns])


def timed(call: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


@contextlib.contextmanager
def plain(create: str) -> Iterator[tuple[sqlite3.Connection, Path]]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "peer.db"
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(create)
        yield connection, path
        connection.close()


def shape(name: str, create: str, insert: str, rows: Rows, counts: Counts) -> float:
    """Commit batch after batch in another shape; readings a second come back."""
    with plain(create) as (connection, path):
        spent = []
        for second, row in enumerate(counts):
            ready = rows(T0 + second, row)
            started = time.perf_counter()
            connection.execute("BEGIN")
            connection.executemany(insert, ready)
            connection.execute("COMMIT")
            spent.append(time.perf_counter() - started)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rate = counts.size / sum(spent)
        report(name, rate, spent, path.stat().st_size / counts.size)
    return rate


def report(name: str, rate: float, spent: list[float], size: float) -> None:
    p50, p99 = np.quantile(spent, [0.5, 0.99]) * 1e3
    print(
        f"  {name:<44}{rate / 1e6:8.2f} M readings/s"
        f"   commit p50 {p50:6.2f} ms, p99 {p99:6.2f} ms   {size:6.2f} bytes/reading"
    )


def disk() -> None:
    """The bound of every durable commit: a write of 24 KiB, what one commit logs, and fdatasync."""
    spent = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(500):
            started = time.perf_counter()
            os.write(file.fileno(), bytes(24_576))
            os.fdatasync(file)
            spent.append(time.perf_counter() - started)
    p50, p99 = np.quantile(spent, [0.5, 0.99]) * 1e3
    print(f"this disk, a write made durable: p50 {p50:.2f} ms, p99 {p99:.2f} ms")


def shapes(counts: Counts) -> float:
    """Candidates, without the rest of the store around them; the slowest get fewer commits."""
    ids = np.arange(1, counts.shape[1] + 1)

    def each(second: int, row: Counts) -> list[tuple[object, ...]]:
        return [(k, second, count) for k, count in zip(ids.tolist(), row.tolist(), strict=True)]

    def packed(second: int, row: Counts) -> list[tuple[bytes]]:
        return [(pack(Columns(ids=ids, seconds=np.full(len(row), second), counts=row)),)]

    def deflated(second: int, row: Counts) -> list[tuple[bytes]]:
        return [(zlib.compress(packed(second, row)[0][0], 1),)]

    three = "CREATE TABLE r (series INTEGER, second INTEGER, count INTEGER"
    row_a_reading = "INSERT INTO r VALUES (?, ?, ?)"
    print("shapes of a row, SQLite alone (packing not counted):")
    peer = shape(
        "a row a reading, by series and second",
        f"{three}, PRIMARY KEY (series, second)) WITHOUT ROWID",
        row_a_reading,
        each,
        counts[:400],
    )
    shape("a row a reading, no index", f"{three})", row_a_reading, each, counts[:400])
    blob = "CREATE TABLE r (number INTEGER PRIMARY KEY, data BLOB)"
    shape("a row a commit, packed", blob, "INSERT INTO r (data) VALUES (?)", packed, counts)
    shape("the same, deflated", blob, "INSERT INTO r (data) VALUES (?)", deflated, counts)
    return peer


def chunks(counts: Counts) -> None:
    """An hour of one series: raw, deflated, differences deflated."""
    print("an hour of one series in a chunk:")
    lines = [(line[:HOUR] + 1).astype(np.uint16) for line in counts.T[:200]]
    kinds: dict[str, Callable[[NDArray[np.uint16]], bytes]] = {
        "16 bits": lambda line: line.tobytes(),
        "narrowest and deflated where it pays (chosen)": lambda line: encode(line)[1],
        "differences, deflated": lambda line: zlib.compress(
            np.diff(line, prepend=np.uint16(0)).tobytes(), 1
        ),
    }
    for name, code in kinds.items():
        spent, coded = timed(lambda code=code: [code(line) for line in lines])  # type: ignore[misc]
        size = sum(map(len, coded)) / sum(map(len, lines))
        print(f"  {name:<48}{size:6.2f} bytes/second{spent / len(lines) * 1e6:8.1f} us")


def append(store: EmbeddedStore, counts: Counts, peer: float) -> None:
    spent = []
    for batch in batches(counts):
        took, _ = timed(lambda batch=batch: store.commit(batch))  # type: ignore[misc]
        spent.append(took)
    rate = counts.size / sum(spent)
    report("embedded store, commit", rate, spent, store.statistics().used / counts.size)
    typical = counts.shape[1] / float(np.median(spent))
    print(
        f"  at the median commit {typical / 1e6:.2f} M readings/s: the rest is waiting for the disk"
    )
    print(f"  {rate / peer:.1f} x a row a reading; wanted: 1.00 M readings/s")


def top_of_the_hour(store: EmbeddedStore, devices: int, where: str) -> None:
    names = [f"cube-{k:04d}" for k in range(devices)]
    spent, found = timed(lambda: [store.dense(name, T0, 1) for name in names])
    if not all(found):
        raise SystemExit("an hour is missing")
    print(f"  an hour of {devices} devices, one after the other, from {where}: {spent:.3f} s")


def compact(store: EmbeddedStore, readings: int) -> None:
    steps = [timed(lambda: store.compact(T0 + 2 * DAY))]
    while steps[-1][1]:
        steps.append(timed(lambda: store.compact(T0 + 2 * DAY)))
    spent = [took for took, _ in steps]
    print(
        f"  compaction: {sum(spent):.3f} s in {len(spent)} steps, the longest {max(spent):.3f} s;"
        f" after it {store.statistics().used / readings:.2f} bytes/reading"
    )


def scan(store: EmbeddedStore) -> None:
    spent, number = timed(lambda: sum(map(len, store.readings())))
    print(f"  all readings as columns: {number / spent / 1e6:.1f} M readings/s")


def month(directory: Path) -> None:
    """30 days of one series from the store to numpy, and to measurements."""
    counts = walks(1, 30 * DAY)[:, 0]
    series = Series("cube-0000", "CUBE_T_STD", "lab")
    with EmbeddedStoreConfig(directory=directory).build() as store:
        for at in range(0, len(counts), 10_000):
            part = counts[at : at + 10_000]
            seconds = np.arange(T0 + at, T0 + at + len(part))
            columns = ReadingColumns(
                series=[series],
                which=array("I", bytes(4 * len(part))),
                seconds=array("q", seconds.tobytes()),
                counts=array("q", part.tobytes()),
            )
            store.commit(Batch(readings=[columns]))
        while store.compact(T0 + 31 * DAY):
            pass
        to_numpy = min(timed(lambda: store.dense("cube-0000", T0, 720))[0] for _ in range(5))
        (dense,) = store.dense("cube-0000", T0, 720).values()
        if (dense.reshape(-1) != counts).any():
            raise SystemExit("read back differently")
        print(f"30 days of one series: {to_numpy * 1e3:.1f} ms to numpy")
        spent = min(timed(lambda: measure(store))[0] for _ in range(5))
        print(f"30 days of one series: {spent * 1e3:.1f} ms to measurements; wanted: 100 ms")


def measure(store: EmbeddedStore) -> None:
    live = Live(store, lambda device: DeviceRules())
    live.due(float(T0 + 31 * DAY))
    # Nothing was heard for ten minutes: every hour is closed.
    work = live.work(float(T0 + 31 * DAY + 600))
    if sum(len(chain.measurements) for chain in work.chains) < 4:
        raise SystemExit(f"too few measurements: {work}")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=int, default=3_600)
    words.add_argument("--series", type=int, default=1_000)
    given = words.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, numpy {np.__version__}"
    )
    disk()
    counts = walks(given.series, given.seconds)
    peer = shapes(counts)
    chunks(counts)
    print(f"the embedded store, {given.series} readings a commit:")
    with tempfile.TemporaryDirectory() as directory:
        config = EmbeddedStoreConfig(directory=Path(directory), compact_after_seconds=0)
        with config.build() as store:
            append(store, counts, peer)
            disk()
            top_of_the_hour(store, given.series, "memory")
            compact(store, counts.size)
            top_of_the_hour(store, given.series, "chunks")
            scan(store)
    with tempfile.TemporaryDirectory() as directory:
        month(Path(directory))
    return 0


if __name__ == "__main__":
    sys.exit(main())
