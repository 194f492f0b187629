"""How long it takes to measure 90 days of 1,000 devices at one reading a second again.

python benchmarks/recompute.py [--devices 10] [--days 90]

Some devices are generated at full length and the whole is extrapolated: devices are independent of
each other, each worker takes one after the other. polars does the arithmetic alone, from memory.
"""

import argparse
import contextlib
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from monitor.aggregate.gather import gathered
from monitor.aggregate.kernels import hour_values
from monitor.aggregate.live import Live
from monitor.aggregate.rules import DeviceRules
from monitor.domain.instants import DAY, HOUR
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.pipeline.recomputing import Source
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig
from monitor.store.embedded.store import RetentionConfig

T0 = 1_700_006_400
TAG = "CUBE_T_STD"
KEPT = RetentionConfig(seconds_days=100)
RULES = DeviceRules(periods=((0, 8),))
WHOLE_DEVICES, WHOLE_DAYS = 1_000, 90
Counts = NDArray[np.int64]


def walk(seconds: int, seed: int) -> Counts:
    """Sessions of a busy trunk: a random walk that moves in four seconds of ten."""
    chance = np.random.default_rng(seed)
    steps = chance.integers(-1, 2, seconds) * (chance.random(seconds) < 0.4)
    counts: Counts = np.abs(chance.integers(0, 1_500) + steps.cumsum())
    return counts


def generate(directory: Path, devices: int, days: int) -> None:
    """Store and measure them as the running monitor does, a day at a time."""
    store = EmbeddedStore(EmbeddedStoreConfig(directory=directory, retention=KEPT))
    live = Live(store, lambda _: RULES)
    counts = [walk(days * DAY, seed) for seed in range(devices)]
    for day in range(days):
        start = T0 + day * DAY
        for device in range(devices):
            columns = ReadingColumns(
                series=[Series(f"cube-{device:04d}", TAG, "lab")],
                which=array("I", bytes(4 * DAY)),
                seconds=array("q", range(start, start + DAY)),
                counts=array("q", counts[device][day * DAY : (day + 1) * DAY].tobytes()),
            )
            store.commit(Batch(readings=[columns]))
            live.feed(columns, start + DAY)
        measure(store, live, start + DAY + HOUR)
        while store.compact(start + DAY + HOUR):
            pass
    store.close()


def measure(store: EmbeddedStore, live: Live, now: float) -> None:
    while live.due(now):
        work = live.work(now)
        store.commit(
            Batch(origins=work.origins, hours=work.hours, chains=work.chains, worked=work.worked)
        )


def say(what: str, readings: int, seconds: float, note: str = "") -> None:
    print(f"{what:<52}{seconds:>8.2f} s {readings / seconds / 1e6:>8.1f} M readings/s  {note}")


def _computed() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


class Watched:
    """The command itself, as a user runs it; the largest memory of each of its processes."""

    def __init__(self, words: Sequence[str]) -> None:
        self.peaks: dict[int, int] = {}
        start, before = time.perf_counter(), _computed()
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            while run.poll() is None:
                self._look(run.pid)
                time.sleep(0.02)
            self.seconds = time.perf_counter() - start
            self.computed = _computed() - before
            # Seconds on a core, of all its processes: on a busy machine the clock says little.
            if run.returncode:
                raise SystemExit(run.communicate()[1].decode())

    def _look(self, pid: int) -> None:
        with contextlib.suppress(OSError, IndexError):
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
            self.peaks[pid] = int(status.split("VmHWM:")[1].split()[0])
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                self._look(int(child))


def recompute(directory: Path, config: Path, workers: int, *more: str) -> Watched:
    words = ["recompute", "--config", str(config), "--data", str(directory), *more]
    return Watched([sys.executable, "-m", "monitor", *words, "--workers", str(workers)])


def fewest(workers: int) -> list[str]:
    """One device a worker: starting up costs as much then."""
    return [word for at in range(workers) for word in ("--device", f"cube-{at:04d}")]


def steps(directory: Path, days: int) -> None:
    """Where the time of one device goes."""
    history = Source(directory=directory).open()
    device, readings = "cube-0000", days * DAY
    history.dense(device, T0, 24)
    start = time.perf_counter()
    for day in range(days):
        history.dense(device, T0 + day * DAY, 24)
    say("  reading and decoding it", readings, time.perf_counter() - start)
    dense = history.dense(device, T0, 24)[Series(device, TAG, "lab")]
    start = time.perf_counter()
    for _ in range(days):
        hour_values(dense)
    say("  minutes and hours of what is decoded", readings, time.perf_counter() - start)
    start = time.perf_counter()
    gathered(history, lambda _: RULES, {device: range(T0, T0 + days * DAY, HOUR)})
    say("  both, with the aggregate", readings, time.perf_counter() - start)
    history.close()


def by_polars(days: int) -> None:
    frame = pl.DataFrame({"second": np.arange(T0, T0 + days * DAY), "count": walk(days * DAY, 0)})
    top = pl.col("count").top_k(3).mean()
    start = time.perf_counter()
    minutes = frame.group_by((pl.col("second") // 60).alias("minute")).agg(top)
    minutes.group_by((pl.col("minute") // 60).alias("hour")).agg(top)
    taken = time.perf_counter() - start
    say("  polars, both cores, from memory: hours alone", days * DAY, taken)


def commands(directory: Path, config: Path, devices: int, days: int) -> None:
    print("cubemon recompute, the program as it is called")
    single = 0.0
    for workers in (1, 2):
        few = recompute(directory, config, workers, *fewest(workers))
        run = recompute(directory, config, workers)
        more = devices - workers
        clock, cores = (run.seconds - few.seconds) / more, (run.computed - few.computed) / more
        say(f"  {workers} workers, all devices", devices * days * DAY, run.seconds)
        note = f"{cores / days * 1e3:.2f} ms a device-day"
        say("    each device more, on a core", days * DAY, cores, note)
        on_cores = (few.seconds + cores / workers * (WHOLE_DEVICES - workers)) / 60
        print(
            f"    {WHOLE_DEVICES} devices, {WHOLE_DAYS} days, extrapolated: {on_cores:.1f} min",
            end=" ",
        )
        print(f"on {workers} cores with nothing else to do,")
        if clock * workers < cores:
            print("      nothing by the clock: the machine was too busy to tell")
        else:
            single = single or clock
            by_clock = (few.seconds + clock * (WHOLE_DEVICES - workers)) / 60
            print(f"      {by_clock:.1f} min by the clock, {single / clock:.2f} x one worker")
        peak = ", ".join(f"{one / 1024:.0f}" for one in run.peaks.values() if one > 1 << 15)
        print(f"    peak memory of each process: {peak} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=10)
    parser.add_argument("--days", type=int, default=WHOLE_DAYS)
    given = parser.parse_args()
    print(
        f"{os.cpu_count()} cores {platform.machine()}, Python {platform.python_version()},", end=" "
    )
    print(f"load before: {os.getloadavg()[0]:.1f}")
    readings = given.devices * given.days * DAY
    with tempfile.TemporaryDirectory() as temporary:
        directory, config = Path(temporary) / "data", Path(temporary) / "cubemon.yml"
        config.write_text("usage: {periodicity: 8h}\n", encoding="utf-8")
        start = time.perf_counter()
        generate(directory, given.devices, given.days)
        say(
            f"generated {given.devices} devices, measured live",
            readings,
            time.perf_counter() - start,
        )
        size = sum(one.stat().st_size for one in directory.iterdir())
        print(f"  {size / readings:.2f} bytes a reading; load {os.getloadavg()[0]:.1f}")
        print("one device")
        steps(directory, given.days)
        by_polars(given.days)
        commands(directory, config, given.devices, given.days)
        print(f"  load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
