"""Whether points that were confirmed can be read back: a sample at a time.

VictoriaMetrics answers 204 also where it skips what it takes for malformed, or older than it keeps.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from monitor.domain.cursors import Piece
from monitor.domain.readings import ReadingColumns, Series
from monitor.store.line.failure import OutsideError

logger = logging.getLogger(__name__)

VISIBLE_AFTER: Final = 10.0
"""Seconds after which points that were written are surely found by a query."""

Count = Callable[[Series, int, int], int]
"""Seconds of a series in [start, end) that have a value; raises OutsideError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    series: Series
    start: int
    end: int
    seconds: int
    due: float


class Audit:
    """One sample is pending at most, so that reading back costs next to nothing."""

    def __init__(self, count: Count, now: Callable[[], float]) -> None:
        self._count = count
        self._now = now
        self._pending: _Sample | None = None

    def sent(self, piece: Piece) -> None:
        """Remember one series of a confirmed piece."""
        if self._pending is None and piece.readings:
            self._pending = _sample(piece.readings[0], self._now() + VISIBLE_AFTER)

    def check(self) -> int:
        """Points of the sample that are not there; 0 before it is due, or where nobody answers."""
        sample = self._pending
        if sample is None or self._now() < sample.due:
            return 0
        try:
            found = self._count(sample.series, sample.start, sample.end)
        except OutsideError:
            return 0
        self._pending = None
        missing = max(0, sample.seconds - found)
        if missing:
            logger.error(
                "confirmed points are not there: is the database's retention shorter than ours?"
                " its own log says more",
                extra={"series": tuple(sample.series), "start": sample.start, "missing": missing},
            )
        return missing


def _sample(columns: ReadingColumns, due: float) -> _Sample | None:
    if not len(columns):
        return None
    wanted = columns.which[-1]
    rows = zip(columns.which, columns.seconds, strict=True)
    seconds = {second for which, second in rows if which == wanted}
    return _Sample(
        series=columns.series[wanted],
        start=min(seconds),
        end=max(seconds) + 1,
        seconds=len(seconds),
        due=due,
    )
