"""The stored series and their numbers, in memory; the database holds the same list."""

import sqlite3
import threading
from collections.abc import Mapping, Sequence

from monitor.domain.readings import Series
from monitor.store.embedded.text import storable


class Catalogue:
    """Series by number and by device."""

    def __init__(self) -> None:
        self._ids: dict[Series, int] = {}
        self._series: dict[int, Series] = {}
        self._of_device: dict[str, list[int]] = {}
        self._last = 0
        self._lock = threading.Lock()

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Learn the series another process has added since."""
        rows = connection.execute(
            "SELECT id, device, tag, source FROM series WHERE id > ? ORDER BY id", (self._last,)
        ).fetchall()
        self.learn({Series(*names): number for number, *names in rows})

    def learn(self, numbers: Mapping[Series, int]) -> None:
        """Take over numbers that are committed."""
        with self._lock:
            for series, number in numbers.items():
                if number not in self._series:
                    self._series[number] = series
                    self._of_device.setdefault(series.device, []).append(number)
                self._ids[series] = number
                self._last = max(self._last, number)

    def numbering(self) -> "Numbering":
        """Numbers for one commit."""
        return Numbering(self._ids, self._last + 1)

    def __getitem__(self, number: int) -> Series:
        return self._series[number]

    def has(self, numbers: Sequence[int]) -> bool:
        """Whether all of them are known."""
        return all(number in self._series for number in numbers)

    def __len__(self) -> int:
        return len(self._series)

    def device(self, name: str) -> Sequence[int]:
        """Numbers of a device's series."""
        with self._lock:
            return tuple(self._of_device.get(storable(name), ()))

    def all(self) -> Sequence[int]:
        """Every number."""
        with self._lock:
            return tuple(self._series)


class Numbering:
    """Numbers series for one commit; the new ones count only once they are committed."""

    def __init__(self, known: Mapping[Series, int], following: int) -> None:
        self._known = known
        self._next = following
        self.fresh: dict[Series, int] = {}
        """Also under the spelling in which a new series arrived."""

    def of(self, series: Sequence[Series]) -> list[int]:
        """Their numbers, one each."""
        try:
            return [self._known[one] for one in series]
        except KeyError:
            return [self._known.get(one) or self._fresh(one) for one in series]

    def insert(self, connection: sqlite3.Connection) -> None:
        """File the new series, inside the caller's transaction."""
        connection.executemany(
            "INSERT INTO series (id, device, tag, source) VALUES (?, ?, ?, ?)",
            [(number, *one) for one, number in self.fresh.items() if one == _kept(one)],
        )

    def _fresh(self, series: Series) -> int:
        known = self.fresh.get(series)
        if known is not None:
            return known
        # Text that a database cannot hold is filed under what it can, with the same number.
        kept = _kept(series)
        number = self._known.get(kept) or self.fresh.get(kept)
        if number is None:
            number = self._next
            self._next += 1
            self.fresh[kept] = number
        self.fresh[series] = number
        return number


def _kept(series: Series) -> Series:
    return Series(*map(storable, series))
