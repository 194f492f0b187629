"""Maintenance windows: what people work on, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window [start, end), seconds since 1970 UTC; who opened it, when and why."""

    id: str
    subjects: tuple[str, ...]
    """Subjects of findings: device ids, names of pairs, accounts and shared causes."""
    start: float
    end: float
    by: str
    reason: str = ""
    created: float = 0.0
    ended_by: str = ""
    """Who ended it before its time; then `end` is that moment."""

    def covers(self, now: float) -> bool:
        """Whether it holds at that moment."""
        return self.start <= now < self.end


def under_maintenance(windows: Iterable[Window], now: float) -> frozenset[str]:
    """Subjects that some window names at that moment."""
    return frozenset(
        subject for window in windows if window.covers(now) for subject in window.subjects
    )


def next_edge(windows: Iterable[Window], now: float) -> float | None:
    """The next moment at which a window begins or ends; None where none does."""
    edges = (edge for window in windows for edge in (window.start, window.end) if edge > now)
    return min(edges, default=None)
