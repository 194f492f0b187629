"""A store that holds what live measuring recorded, and readings to measure."""

from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from monitor.aggregate.live import Live
from monitor.aggregate.rules import DeviceRules
from monitor.domain.measurement import Measurement
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

BASE = 1_700_006_400
HOUR, DAY = 3_600, 86_400
STD, ENH = "CUBE_T_STD", "CUBE_T_ENH"


class Monitor:
    """A store that the live aggregator measures into, without the service around it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.store = EmbeddedStore(EmbeddedStoreConfig(directory=directory))
        self.live = Live(self.store, lambda _: DeviceRules(periods=((0, 8),)))
        self.now = float(BASE)

    def hears(
        self,
        start: int,
        counts: Sequence[int],
        *,
        device: str = "cube-1",
        tag: str = STD,
        source: str = "lab",
        step: int = 30,
    ) -> None:
        """So many readings from a second on, `step` apart."""
        seconds = array("q", range(start, start + len(counts) * step, step))
        columns = ReadingColumns(
            series=[Series(device, tag, source)],
            which=array("I", bytes(4 * len(counts))),
            seconds=seconds,
            counts=array("q", counts),
        )
        self.store.commit(Batch(readings=[columns]))
        self.live.feed(columns, self.now)

    def measures(self, now: float) -> None:
        self.now = now
        while self.live.due(now):
            work = self.live.work(now)
            self.store.commit(
                Batch(
                    origins=work.origins, hours=work.hours, chains=work.chains, worked=work.worked
                )
            )

    def latest(self) -> Sequence[Measurement]:
        return self.store.measurements()


def walk(length: int, seed: int = 1) -> list[int]:
    steps = np.random.default_rng(seed).integers(-2, 3, length)
    counts: list[int] = (np.abs(np.cumsum(steps)) + 5).tolist()
    return counts


Run = Callable[..., tuple[int, list[dict[str, object]], str]]
