"""Runs the monitor as `cubemon serve` does, and notes when each syslog event was committed.

usage: _timed_serve.py CONFIG COMMITTED_FILE

COMMITTED_FILE gets a line `counter time` for each event once the monitor has stopped.
"""

import asyncio
import sys
import time
from pathlib import Path

from monitor.app import logs, run
from monitor.config import load
from monitor.domain.records import Batch, Committed
from monitor.instrument import Instruments
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

notes: list[tuple[int | None, float]] = []


class TimedStore(EmbeddedStore):
    """The store, with a note of each event's commit."""

    def commit(self, batch: Batch) -> Committed:
        """Commit, then note the time."""
        committed = super().commit(batch)
        now = time.time()
        notes.extend((event.counter, now) for event in batch.events)
        return committed


class TimedConfig(EmbeddedStoreConfig, frozen=True):
    """Settings of the store; builds the timed one."""

    def build(self, instruments: Instruments | None = None) -> TimedStore:
        """Open it."""
        del instruments
        return TimedStore(self)


def main() -> None:
    """Serve until SIGTERM, then write the notes."""
    config = load(Path(sys.argv[1]))
    timed = config.model_copy(update={"store": TimedConfig(**config.store.model_dump())})
    logs.configure("WARNING")
    asyncio.run(run(timed))
    rows = "".join(f"{counter} {moment:.6f}\n" for counter, moment in notes)
    Path(sys.argv[2]).write_text(rows, encoding="ascii")


if __name__ == "__main__":
    main()
