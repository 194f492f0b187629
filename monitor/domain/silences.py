"""Silences: pages that are recorded and shown but not sent for a while."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.domain.page import Page

LONGEST_SILENCE: Final = 7 * DAY
"""Seconds; whoever wants more renews it, having looked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One silence [start, end), seconds since 1970 UTC; an empty matcher matches everything."""

    id: str
    start: float
    end: float
    by: str
    reason: str
    rule: str = ""
    subject: str = ""
    """A device, pair, account or cause; `*` and `?` stand for any letters."""
    severity: Severity | None = None
    forced: bool = False
    """Also critical pages of releases that stop calls."""
    created: float = 0.0
    ended_by: str = ""

    def covers(self, now: float) -> bool:
        """Whether it holds at that moment."""
        return self.start <= now < self.end

    def matches(self, page: Page) -> bool:
        """Whether it speaks of that page, whatever the time."""
        if page.severity is Severity.CRITICAL and page.stops and not self.forced:
            return False
        rule = self.rule in {"", page.key.rule}
        severity = self.severity in {None, page.severity}
        names = (page.key.subject, *page.devices)
        named = not self.subject or any(fnmatchcase(one, self.subject) for one in names)
        return rule and severity and named


def silenced_by(page: Page, silences: Iterable[Silence], now: float) -> Silence | None:
    """The first silence that keeps a page from being sent now."""
    return next((one for one in silences if one.covers(now) and one.matches(page)), None)
