"""Marks of (device, UTC hour) with readings that have not been measured yet."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.store.embedded.packing import SECONDS, Columns, Ints
from monitor.store.embedded.tail import by_hour
from monitor.store.embedded.text import storable


class Mark(NamedTuple):
    """A device and an hour (whole hours since 1970)."""

    device: str
    hour: int


class Marks:
    """The marks that are in the database, so that an hour already marked costs no write.

    Used by the writer thread only. Devices are numbered here, for the life of the process.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._devices: list[str] = []
        self._marked: dict[int, NDArray[np.bool_]] = {}

    def load(self, connection: sqlite3.Connection) -> None:
        """Take over what the database holds."""
        self.add(Mark(*row) for row in connection.execute("SELECT device, hour FROM touched"))

    def add(self, marks: Iterable[Mark]) -> None:
        """These are in the database now."""
        for mark in marks:
            device = self.device(mark.device)
            self._row(mark.hour)[device] = True

    def remove(self, marks: Iterable[Mark]) -> None:
        """These no longer are."""
        for mark in marks:
            device = self.device(mark.device)
            row = self._row(mark.hour)
            row[device] = False
            if not row.any():
                del self._marked[mark.hour]

    def missing(self, devices: Ints, columns: Columns, worked: Sequence[Mark]) -> list[Mark]:
        """The marks a batch needs that will not be there once `worked` is taken off.

        `devices` holds the device number of each reading.
        """
        taken_off = set(worked)
        wanted = []
        for hour, part in by_hour(Columns(ids=devices, seconds=columns.seconds, counts=devices)):
            wanted += self._missing_in(hour, part.ids, taken_off)
        return wanted

    def device(self, name: str) -> int:
        """The number of a device."""
        number = self._numbers.get(name)
        if number is None:
            kept = storable(name)
            number = self._numbers.setdefault(kept, len(self._devices))
            if number == len(self._devices):
                self._devices.append(kept)
            self._numbers[name] = number
        return number

    def _missing_in(self, hour: int, devices: Ints, taken_off: set[Mark]) -> list[Mark]:
        present = self._row(hour)[devices]
        if not taken_off and bool(present.all()):
            return []
        marks = [(Mark(self._devices[one], hour), one) for one in np.unique(devices)]
        row = self._row(hour)
        return [mark for mark, one in marks if mark in taken_off or not row[one]]

    def _row(self, hour: int) -> NDArray[np.bool_]:
        row = self._marked.get(hour)
        if row is None or len(row) < len(self._devices):
            grown = np.zeros(max(64, 2 * len(self._devices)), np.bool_)
            if row is not None:
                grown[: len(row)] = row
            row = self._marked[hour] = grown
        return row


def delete(connection: sqlite3.Connection, marks: Sequence[Mark]) -> None:
    """Take marks off, inside the caller's transaction."""
    connection.executemany("DELETE FROM touched WHERE device = ? AND hour = ?", marks)


def insert(connection: sqlite3.Connection, marks: Sequence[Mark]) -> None:
    """Put marks on, inside the caller's transaction."""
    connection.executemany("INSERT OR IGNORE INTO touched (device, hour) VALUES (?, ?)", marks)


def as_marks(worked: Iterable[tuple[str, int]]) -> list[Mark]:
    """Marks of (device, start of the hour in seconds)."""
    return [Mark(storable(device), start // SECONDS) for device, start in worked]
