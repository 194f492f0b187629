"""Faults of sources: forged, replayed, conflicting, or telling less than the whole cycle."""

from dataclasses import replace

from tests.rules.generated.book import CUBE, Book, Setting, begun, told
from tests.rules.generated.story import DAY, HOUR, MINUTE, Facts, Story


def forged_line(s: Setting) -> Story:
    """A datagram promises 364 days while it is bad; another threatens with 2."""
    due = 6 * DAY + s.odd
    book = begun(s, due=due, planned=due + 9 * DAY)
    book.line(HOUR, days=364)
    book.line(2 * HOUR, days=2)
    return told(book, 3 * DAY + s.odd)


def replayed_line(s: Setting) -> Story:
    """Exact 60 days; a relay's queue says 3, then 1."""
    due = 60 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due)
    book.line(HOUR, days=3)
    book.line(30 * HOUR, days=1)
    return told(book, 5 * DAY)


def days_only(s: Setting) -> Story:
    """Nothing but whole days in syslog; long after them somebody reads the router."""
    s = replace(s, pair="none", source="cli")
    book = Book(s)
    book.line(0, days=15)
    book.line(5 * DAY, days=10)
    read = 16 * DAY + s.odd
    book.poll(
        read,
        deadline=read + 50 * DAY,
        planned=read + 40 * DAY,
        pushed=read - DAY,
        acked=read - DAY + MINUTE,
        required=True,
        trust=True,
        transport=s.transport,
    )
    return told(book, read + DAY, configured={CUBE: s.release})


def days_by_snmp(s: Setting) -> Story:
    """A poll over SNMP tells whole days, proven, and no cycle."""
    s = replace(s, pair="none")
    book = Book(s)
    for day in (0, 2, 4):
        book.say(day * DAY + s.odd, "snmp", {"days": 4 - day, "deadline": 4 * DAY + s.odd})
    return told(book, 5 * DAY, configured={CUBE: s.release})


def streamed_only(s: Setting) -> Story:
    """gNMI tells the exact D and A, and nothing of pushes."""
    s = replace(s, pair="none")
    book = Book(s)
    due = 4 * DAY + s.odd
    known: Facts = {"deadline": due, "acked": -9 * DAY, "required": True, "trust": True}
    book.say(0, "gnmi", known)
    came = due + 2 * HOUR
    book.say(came, "gnmi", {**known, "acked": came - MINUTE, "deadline": came + 30 * DAY})
    return told(book, came + HOUR, configured={CUBE: s.release})


def acknowledged_by_trap(s: Setting) -> Story:
    """Anybody's trap changes nothing; a proven one ends it before the next poll."""
    due = 5 * DAY + s.odd
    late: Facts = {"planned": due + DAY} if s.odd % 2 else {"pushed": -3 * DAY, "acked": -40 * DAY}
    book = begun(replace(s, source="cli"), due=due, **late)
    book.say(HOUR, "trap", {"acked": HOUR}, proven=False)
    book.say(2 * HOUR, "trap", {"acked": 2 * HOUR})
    return told(book, DAY)


def sources_disagree(s: Setting) -> Story:
    """gNMI prints another D than the command line an hour later: the newer exact word holds."""
    due = 20 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due, planned=due + DAY)
    other: Facts = {"deadline": 5 * DAY + s.odd, "required": True}
    book.say(HOUR, "gnmi", other)
    book.poll(DAY)
    return told(book, DAY + HOUR)


def disagreement_at_the_edge(s: Setting) -> Story:
    """A minute, or a day, apart: shown when it is a second more."""
    due = 50 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due)
    more = s.odd % 2
    if s.odd % 3:
        book.say(HOUR, "gnmi", {"deadline": due + MINUTE + more, "required": True})
    else:
        at = due - 49 * DAY - more
        book.line(at, days=48)
    return told(book, 3 * DAY)
