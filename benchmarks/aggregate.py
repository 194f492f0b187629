"""Speed of measuring: dense hours, arbitrary columns, live; beside polars and a plain maximum.

usage: python benchmarks/aggregate.py

Every figure is the best of several runs of one process. polars does the same work on the same
readings: mean of the three highest of each minute, the same of each hour, highest hour.
"""

import os
import platform
import time
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from monitor.aggregate.bulk import measure
from monitor.aggregate.chain import Hour, Name, Progress, advance
from monitor.aggregate.columns import Columns
from monitor.aggregate.kernels import hour_values
from monitor.aggregate.live import Live
from monitor.aggregate.rules import DeviceRules
from monitor.domain.measurement import HourValue, Measurement
from monitor.domain.readings import ReadingColumns, Series

BASE = 1_700_006_400
HOUR, DAY = 3_600, 86_400
SERIES, DAYS = 4, 30
DEVICES = 1_000
DISORDER_SECONDS = 60
STD, ENH = "CUBE_T_STD", "CUBE_T_ENH"
RULES = DeviceRules()


def rules(device: str) -> DeviceRules:
    del device
    return RULES


def best(run: Callable[[], object], times: int = 5) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


def say(what: str, readings: int, seconds: float, note: str = "") -> None:
    print(f"{what:<58}{readings / seconds / 1e6:>9.1f} M/s  {seconds * 1e3:>9.2f} ms  {note}")


def random_walk(length: int, seed: int) -> NDArray[np.int32]:
    steps = np.random.default_rng(seed).integers(-3, 4, length)
    return np.abs(np.cumsum(steps)).astype(np.int32) % 2_000


def chains(dense: NDArray[np.integer]) -> int:
    """Dense hours of several series, one after the other, to measurements."""
    values = hour_values(dense)
    units, seconds, minutes = (
        each.reshape(SERIES, -1).tolist() for each in (values.units, values.seconds, values.minutes)
    )
    starts = range(BASE, BASE + DAYS * DAY, HOUR)
    return sum(
        len(
            advance(
                Name(f"d{at}", STD),
                RULES,
                Progress(start=BASE),
                map(Hour, starts, units[at], seconds[at], minutes[at]),
                closed=BASE + DAYS * DAY,
            ).measurements
        )
        for at in range(SERIES)
    )


def by_polars(frame: pl.DataFrame) -> pl.DataFrame:
    top = pl.col("count").top_k(3).mean()
    minutes = frame.group_by("series", (pl.col("second") // 60).alias("minute")).agg(top)
    hours = minutes.group_by("series", (pl.col("minute") // 60).alias("hour")).agg(top)
    return hours.group_by("series").agg(pl.col("count").max())


def bench_dense() -> float:
    counts = np.concatenate([random_walk(DAYS * DAY, seed) for seed in range(SERIES)])
    dense = counts.reshape(-1, HOUR)
    frame = pl.DataFrame(
        {
            "series": np.repeat(np.arange(SERIES, dtype=np.uint32), DAYS * DAY),
            "second": np.tile(np.arange(BASE, BASE + DAYS * DAY), SERIES),
            "count": counts,
        }
    )
    polars = best(lambda: by_polars(frame), 3)
    print(f"dense hourly chunks: {SERIES} series of {DAYS} days")
    bound = best(lambda: dense.max(axis=1))
    say("  bound: one plain maximum of each hour (int32)", dense.size, bound)
    for kind in (np.int32, np.uint16):
        chunks = dense.astype(kind)
        taken = best(lambda chunks=chunks: chains(chunks))  # type: ignore[misc]  # bound now
        ratio = f"{polars / taken:.1f} x polars"
        say(f"  to measurements, {kind.__name__}", dense.size, taken, ratio)
    say("  polars, rows sorted", dense.size, polars)
    return polars / dense.size


def disordered(tags: Sequence[str], devices: int, days: int, *, interleaved: bool) -> Columns:
    series = [Series(f"d{at}", tag, "s") for at in range(devices) for tag in tags]
    seconds = np.arange(BASE, BASE + days * DAY)
    which = np.arange(len(series), dtype=np.uint32)
    if interleaved:
        which, seconds = np.tile(which, len(seconds)), np.repeat(seconds, len(which))
    else:
        which, seconds = np.repeat(which, len(seconds)), np.tile(seconds, len(which))
    reach = DISORDER_SECONDS * (len(series) if interleaved else 1)
    random = np.random.default_rng(7)
    order = np.argsort(np.arange(len(which)) + random.integers(0, reach, len(which)))
    counts = random_walk(len(which), 3).astype(np.int64)
    return Columns(series=series, which=which[order], seconds=seconds[order], counts=counts)


def bench_columns(polars: float) -> None:
    print(f"arbitrary columns, out of order by up to {DISORDER_SECONDS} s, the aggregate included")
    cases = {
        "1 device, 1 tag, 30 days": ([STD], 1, 30),
        "10 devices, 1 tag, 5 days, series by series": ([STD], 10, 5),
        "4 devices, 2 tags, 10 days, in order of time": ([STD, ENH], 4, 10),
        "100 devices, 2 tags, 1 day, in order of time": ([STD, ENH], 100, 1),
    }
    for what, (tags, devices, days) in cases.items():
        columns = disordered(tags, devices, days, interleaved="time" in what)
        readings = len(columns.seconds)
        taken = best(lambda columns=columns: measure(columns, rules), 3)  # type: ignore[misc]  # bound now
        say(
            f"  {what}", readings, taken, f"{polars * readings / taken:.1f} x polars on sorted rows"
        )
    columns = disordered([STD], 1, 30, interleaved=False)
    shuffle = np.random.default_rng(1).permutation(len(columns.seconds))
    random = Columns(
        series=columns.series,
        which=columns.which[shuffle],
        seconds=columns.seconds[shuffle],
        counts=columns.counts[shuffle],
    )
    say("  1 device, 30 days, in no order", len(shuffle), best(lambda: measure(random, rules), 3))


@dataclass
class Memory:
    """A store that has every second at hand, so that only the aggregator is measured."""

    device_seconds: dict[Series, NDArray[np.int32]]
    marks: list[tuple[str, int]] = field(default_factory=list)

    def origin(self, device: str, tag: str) -> int | None:
        return BASE - HOUR

    def checkpoint(self, device: str, tag: str, at: int) -> Measurement | None:
        return None

    def latest_version(self, device: str, tag: str) -> int:
        return 0

    def hours(self, device: str, tag: str, start: int, end: int) -> Sequence[HourValue]:
        return ()

    def dense(self, device: str, start: int, hours: int) -> Mapping[Series, NDArray[np.int32]]:
        series = Series(device, STD, "s")
        return {series: self.device_seconds[series]}

    def touched(self) -> Sequence[tuple[str, int]]:
        return self.marks

    def sealed(self, device: str, starts: Collection[int]) -> Collection[int]:
        return ()

    def tags(self, device: str) -> Sequence[str]:
        return [STD]


def bench_live() -> None:
    series = [Series(f"d{at}", STD, "s") for at in range(DEVICES)]
    counts = random_walk(DEVICES * HOUR, 5).reshape(DEVICES, 1, HOUR)
    memory = Memory(dict(zip(series, counts, strict=True)))
    live = Live(memory, rules)
    which = array("I", range(DEVICES))
    fed = 0.0
    for second in range(BASE, BASE + HOUR + 91):
        columns = ReadingColumns(
            series=series,
            which=which,
            seconds=array("q", [second]) * DEVICES,
            counts=array("q", counts[:, 0, second % HOUR].tolist()),
        )
        start = time.perf_counter()
        live.feed(columns, second + 0.5)
        if second < BASE + HOUR + 90:
            live.due(second + 0.5)
        fed += time.perf_counter() - start
    memory.marks = [(each.device, BASE) for each in series]
    start = time.perf_counter()
    work = live.work(BASE + HOUR + 91)
    worked = time.perf_counter() - start
    print(f"live: {DEVICES} devices, batches of one second, one hour")
    say("  hearing of readings and asking what is due", DEVICES * HOUR, fed)
    say(f"  working out the hour ({len(work.hours)} hour values)", DEVICES * HOUR, worked)
    say("  both", DEVICES * HOUR, fed + worked)


def main() -> None:
    print(f"{os.cpu_count()} cores {platform.machine()}, Python {platform.python_version()},")
    print(f"numpy {np.__version__} on one thread,", end=" ")
    print(f"polars {pl.__version__} on {pl.thread_pool_size()} threads\n")
    bench_columns(bench_dense())
    bench_live()


if __name__ == "__main__":
    main()
