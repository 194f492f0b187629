"""Faults around what the policy asks: a report sooner, otherwise, by hand, or none."""

from tests.rules.generated.book import Setting, begun, told
from tests.rules.generated.story import DAY, HOUR, Facts, Story


def usage_change(s: Setting) -> Story:
    """More is used than before: the policy asks for a report sooner, and D comes nearer."""
    due = 80 * DAY + s.odd
    book = begun(s, due=due)
    nearer = 10 * DAY + s.odd
    book.poll(DAY, deadline=nearer, planned=nearer - 4 * DAY)
    return told(book, nearer + HOUR)


def carried(s: Setting) -> Story:
    """No push is planned: reports are pulled or carried as files; an import ends it."""
    transport = "Transport Off" if s.odd % 2 else "cslu"
    due = 31 * DAY + s.odd
    book = begun(s, due=due, transport=transport, planned=None, written=None)
    book.poll(due - 5 * DAY, written=due - 6 * DAY)
    imported = due - DAY - HOUR
    book.poll(
        imported,
        acked=imported - HOUR,
        deadline=imported + 90 * DAY,
        written=due - 6 * DAY,
    )
    return told(book, due)


def not_required(s: Setting) -> Story:
    """No ACK is required, or none is due; then the policy changes."""
    due = 12 * DAY + s.odd
    off: Facts = {"required": False} if s.odd % 2 else {"deadline": None, "interval": 0}
    book = begun(s, due=due, **off)
    book.line(HOUR, communication="failed", peer="CSSM")
    book.poll(2 * DAY, required=True, deadline=due, interval=30, planned=due + DAY)
    return told(book, 3 * DAY)


def pull_forgotten(s: Setting) -> Story:
    """Nobody carries the report: every rung, and D."""
    due = 30 * DAY + HOUR
    book = begun(s, due=due, transport="Transport Off", planned=None, pushed=None, acked=None)
    return told(book, due + HOUR, silences=())
