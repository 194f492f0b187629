"""What was measured for the period that ended by an instant, kept as far as it was asked for."""

from collections.abc import Callable
from typing import Protocol

from monitor.domain.measurement import Measurement
from monitor.errors import StoreError

_MOST = 16


class Archive(Protocol):
    """The store, as far as it is asked."""

    def checkpoint(self, device: str, tag: str, at: int) -> Measurement | None:
        """The newest measurement of the latest version that ended at or before `at`."""
        ...


class Measured:
    """Answers from memory where it was asked before; a store that fails changes no answer."""

    def __init__(self, archive: Archive, period_seconds: Callable[[str, int], int]) -> None:
        """`period_seconds`: length of a period of a device that begins at an instant."""
        self._archive = archive
        self._period_seconds = period_seconds
        self._kept: dict[tuple[str, str], dict[int, Measurement | None]] = {}
        self._outdated: set[tuple[str, str]] = set()

    def __call__(self, device: str, tag: str, at: float) -> Measurement | None:
        """None where nothing was measured, or the period after it should have ended too by then."""
        found = self._found(device, tag, int(at))
        if found is None or at >= found.end + self._period_seconds(device, found.end):
            return None
        return found

    def renew(self, device: str, tag: str) -> None:
        """Something was recorded: ask the store again."""
        self._outdated.add((device, tag))

    def _found(self, device: str, tag: str, at: int) -> Measurement | None:
        key = (device, tag)
        kept = self._kept.setdefault(key, {})
        if key not in self._outdated and at in kept:
            return kept[at]
        try:
            found = self._archive.checkpoint(device, tag, at)
        except StoreError:
            return kept.get(at)
        if key in self._outdated or len(kept) >= _MOST:
            self._outdated.discard(key)
            kept.clear()
        kept[at] = found
        return found
