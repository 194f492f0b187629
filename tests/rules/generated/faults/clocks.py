"""Faults of a router's clock that is not ours."""

from dataclasses import replace

from tests.rules.generated.book import Setting, begun, told
from tests.rules.generated.story import DAY, HOUR, MINUTE, Story


def clock_ahead(s: Setting) -> Story:
    """The router's clock runs two hours ahead, so less is left."""
    due = 8 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due, clock=2 * HOUR, pushed=-DAY)
    return told(book, due + HOUR)


def clock_behind(s: Setting) -> Story:
    """An hour behind; a router that is four minutes off is left alone."""
    due = 4 * DAY + s.odd
    behind = -HOUR if s.odd % 2 else -4 * MINUTE
    book = begun(replace(s, source="cli"), due=due, clock=behind, planned=due + DAY)
    return told(book, due + 2 * HOUR)


def clock_at_the_edge(s: Setting) -> Story:
    """Five minutes off are left alone, a second more is counted on."""
    due = 2 * DAY + s.odd
    off = (300, 301, -300, -301)[s.odd % 4]
    book = begun(replace(s, source="cli"), due=due, clock=off, planned=due + DAY)
    return told(book, due + HOUR)
