"""Everything that works on one open database, built together and given up together."""

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from monitor.store.embedded.catalogue import Catalogue
from monitor.store.embedded.compaction import Compactor
from monitor.store.embedded.disk import Budget
from monitor.store.embedded.events import DeadLetterBox
from monitor.store.embedded.opening import explained
from monitor.store.embedded.retention import Retention
from monitor.store.embedded.tail import Tail
from monitor.store.embedded.writing import BatchWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The parts; all are used by the writer thread, catalogue and tail are read by others too."""

    connection: sqlite3.Connection
    catalogue: Catalogue
    tail: Tail
    writer: BatchWriter
    compactor: Compactor
    retention: Retention
    budget: Budget

    @classmethod
    def start(
        cls, connection: sqlite3.Connection, path: Path, memory_bytes: int, box: DeadLetterBox
    ) -> "Engine":
        """Load what has to be in memory. DamageError or StoreError; the connection is closed then.

        `memory_bytes` bounds the hours that are not compacted.
        """
        catalogue, tail = Catalogue(), Tail(memory_bytes)
        try:
            with explained(path):
                writer = BatchWriter(connection, catalogue, tail, box)
        except BaseException:
            connection.close()
            raise
        compactor = Compactor(connection, catalogue, tail)
        retention = Retention(connection, catalogue, tail)
        return cls(
            connection=connection,
            catalogue=catalogue,
            tail=tail,
            writer=writer,
            compactor=compactor,
            retention=retention,
            budget=Budget(connection, compactor, retention),
        )

    def close(self) -> None:
        """Let go of the file, whatever state it is in."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()
