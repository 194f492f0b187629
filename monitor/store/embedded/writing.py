"""One commit: everything of a batch in one transaction, then in memory."""

import sqlite3
from typing import Final

from monitor.domain.facts import Fact
from monitor.domain.records import Batch, Committed
from monitor.store.embedded import points
from monitor.store.embedded.audit import write_audit
from monitor.store.embedded.catalogue import Catalogue
from monitor.store.embedded.events import DeadLetterBox, write_events
from monitor.store.embedded.facts import FactSheet, write_devices, write_standings
from monitor.store.embedded.measurements import write_chains, write_hours, write_origins
from monitor.store.embedded.opening import counter
from monitor.store.embedded.page_rows import write_pages
from monitor.store.embedded.readings import ReadingWriter
from monitor.store.embedded.rum import write_rum
from monitor.store.embedded.seconds import rows_between
from monitor.store.embedded.sessions import transaction
from monitor.store.embedded.silences import write_silences, write_windows
from monitor.store.embedded.tail import Tail

_EVER: Final = range(-(2**62), 2**62)


class BatchWriter:
    """Writes batches and remembers what later ones need; used by the writer thread only."""

    def __init__(
        self, connection: sqlite3.Connection, catalogue: Catalogue, tail: Tail, box: DeadLetterBox
    ) -> None:
        self._connection = connection
        self._readings = ReadingWriter(catalogue, tail)
        self._sheet = FactSheet()
        self._box = box
        catalogue.refresh(connection)
        self._readings.load(connection)
        self._sheet.load(connection)
        for columns in rows_between(connection, _EVER):
            tail.add(columns)

    def commit(self, batch: Batch) -> Committed:
        """Write all of it or nothing; memory follows only a transaction that has committed."""
        connection = self._connection
        points.reach("commit-before-write")
        with transaction(connection):
            number = self._number()
            written = self._readings.write(connection, number, batch.readings, batch.worked)
            newer = self._sheet.write(connection, batch.facts)
            duplicates = write_events(connection, batch.events)
            self._box.write(connection, batch.dead_letters)
            _write_rest(connection, batch)
            points.reach("commit-before-commit")
        points.reach("commit-after")
        self._readings.committed(written)
        self._sheet.committed(newer)
        return Committed(
            number=number,
            readings=len(written.columns),
            events=len(batch.events) - len(duplicates),
            duplicates=duplicates,
        )

    def filed(self) -> list[Fact]:
        """Every fact that is committed, from memory."""
        return self._sheet.filed()

    def _number(self) -> int:
        self._connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'number'")
        return counter(self._connection, "number")


def _write_rest(connection: sqlite3.Connection, batch: Batch) -> None:
    write_origins(connection, batch.origins)
    write_hours(connection, batch.hours)
    write_chains(connection, batch.chains)
    write_standings(connection, batch.standings)
    write_devices(connection, batch.devices)
    write_rum(connection, batch.rum)
    write_pages(connection, batch.pages)
    write_windows(connection, batch.windows)
    write_silences(connection, batch.silences)
    write_audit(connection, batch.audit)
