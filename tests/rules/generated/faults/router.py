"""Faults of the router itself: its release, place and SIP service, and work that is going on."""

from dataclasses import replace

from tests.rules.generated.book import CUBE, Book, Setting, begun, told
from tests.rules.generated.story import DAY, HOUR, MINUTE, Facts, Story, Work


def upgrade(s: Setting) -> Story:
    """Another release while it is bad: the same D means something else."""
    due = 6 * DAY + s.odd
    book = begun(s, due=due, planned=due + 3 * DAY)
    book.poll(2 * DAY, release="17.9.4a" if s.stops else "17.3.3")
    return told(book, due + HOUR)


def sip_down_by_operator(s: Setting) -> Story:
    """SIP goes down while the ACK is valid, and comes back."""
    book = begun(s, due=50 * DAY + s.odd, sip="Up")
    book.poll(DAY, sip="Down")
    book.poll(DAY + 3 * HOUR, sip="Up")
    return told(book, 2 * DAY)


def sip_down_by_deadline(s: Setting) -> Story:
    """D passes, SIP goes down; the ACK comes, SIP comes back."""
    due = 4 * DAY + s.odd
    book = begun(s, due=due, planned=due - 30 * HOUR, sip="Up")
    book.poll(due + 20 * MINUTE, sip="Down")
    fixed = due + 6 * HOUR
    book.poll(
        fixed,
        sip="Up",
        pushed=fixed - 10 * MINUTE,
        acked=fixed - 9 * MINUTE,
        deadline=fixed + s.interval * DAY,
        planned=fixed + (s.interval - 3) * DAY,
    )
    return told(book, fixed + DAY)


def replaced(s: Setting) -> Story:
    """A new serial number under the old name, a day before the old D."""
    s = replace(s, pair="none", source="cli")
    due = 5 * DAY + s.odd
    book = begun(s, due=due, planned=due + DAY, serial="OLD0001")
    new = due - DAY
    first = new + s.first_report * DAY
    book.poll(
        new,
        serial="NEW0002",
        deadline=first,
        planned=first - 9 * DAY,
        acked=None,
        pushed=None,
        trust=s.odd % 2 == 0,
    )
    return told(book, due + DAY)


def maintained(s: Setting) -> Story:
    """Work is announced until after D: warnings hide, what stops calls does not."""
    s = replace(s, pair="none")
    due = 8 * DAY + s.odd
    book = begun(s, due=due, pushed=-DAY, planned=due - HOUR)
    work = Work(at=HOUR, until=due + 3 * HOUR, subjects=(CUBE,))
    return told(book, due + 5 * HOUR, works=(work,))


def restarted(s: Setting) -> Story:
    """Killed across the step of three days: the same pages, none twice."""
    due = 5 * DAY + s.odd
    book = begun(s, due=due, planned=due + DAY)
    back = due - 2 * DAY
    return told(book, due + HOUR, restarts=(back, back + DAY), looks=(back, back + DAY))


def before_policy(s: Setting) -> Story:
    """Older than 17.3.2: no report deadline, but a registration that expires."""
    s = replace(s, release="16.12.4" if s.stops else "17.2.1r", pair="none", source="cli")
    book = Book(s)
    expires = 2 * DAY + s.odd
    known: Facts = {"release": s.release, "registration_expires": expires}
    book.say(0, "cli", known)
    book.say(expires + 5 * HOUR, "cli", {**known, "registration_expires": 300 * DAY})
    return told(book, expires + DAY)
