"""Faults of one router's cycle: P late or without room, pushes that fail, ACKs that do not come."""

from dataclasses import replace

from tests.rules.generated.book import Setting, begun, told
from tests.rules.generated.story import DAY, HOUR, MINUTE, Story


def healthy_tight(s: Setting) -> Story:
    """Pushes 4 minutes before D, acknowledged a minute later, and again."""
    due = 9 * DAY + s.odd
    book = begun(s, due=due, planned=due - 4 * MINUTE)
    next_due = due + s.interval * DAY
    book.poll(
        due - 2 * MINUTE,
        pushed=due - 4 * MINUTE,
        acked=due - 3 * MINUTE,
        deadline=next_due,
        planned=next_due - 4 * MINUTE,
    )
    return told(book, due + DAY)


def healthy_with_room(s: Setting) -> Story:
    """Pushes five days before D."""
    due = 12 * DAY + s.odd
    book = begun(s, due=due)
    push = due - 5 * DAY
    book.poll(
        push + HOUR,
        pushed=push,
        acked=push + MINUTE,
        deadline=push + s.interval * DAY,
        planned=push + (s.interval - 5) * DAY,
    )
    return told(book, due + HOUR)


def push_fails_once(s: Setting) -> Story:
    """The first push fails, the second works."""
    due = 13 * DAY + s.odd
    book = begun(s, due=due)
    push = due - 5 * DAY
    book.poll(push + 6 * HOUR)
    again = push + DAY
    book.poll(
        again + 30 * MINUTE,
        pushed=again,
        acked=again + MINUTE,
        deadline=again + s.interval * DAY,
        planned=again + (s.interval - 5) * DAY,
    )
    return told(book, due + HOUR)


def push_fails_tight(s: Setting) -> Story:
    """No room to retry, and the push fails; after D somebody gets it through."""
    due = 3 * DAY + s.odd
    book = begun(s, due=due, planned=due - 20 * HOUR)
    fixed = due + 5 * HOUR
    book.poll(due - 10 * HOUR)
    book.poll(
        fixed,
        pushed=fixed - 10 * MINUTE,
        acked=fixed - 5 * MINUTE,
        deadline=fixed + s.interval * DAY,
        planned=fixed + (s.interval - 2) * DAY,
    )
    return told(book, fixed + DAY)


def push_planned_late(s: Setting) -> Story:
    """P after D, moved ten days before it, acknowledged."""
    due = 21 * DAY + s.odd
    book = begun(s, due=due, planned=due + 20 * DAY)
    moved = due - 10 * DAY
    book.poll(
        moved,
        pushed=moved - HOUR,
        acked=moved - 59 * MINUTE,
        deadline=moved + s.interval * DAY,
        planned=moved + (s.interval - 5) * DAY,
    )
    return told(book, moved + DAY)


def push_planned_late_and_left(s: Setting) -> Story:
    """P an hour after D, and nobody does anything."""
    due = 15 * DAY + s.odd
    book = begun(s, due=due, planned=due + HOUR)
    book.poll(due - 2 * DAY)
    return told(book, due + 4 * HOUR)


def never_acknowledged(s: Setting) -> Story:
    """A new router without a trust code counts down its first report."""
    due = s.first_report % 30 * DAY + 16 * DAY + s.odd
    book = begun(s, due=due, planned=due - 9 * DAY, acked=None, pushed=None, trust=False)
    trusted = due - 4 * DAY
    book.poll(
        trusted,
        trust=True,
        pushed=trusted - 8 * MINUTE,
        acked=trusted - 7 * MINUTE,
        deadline=trusted + s.interval * DAY,
        planned=trusted + (s.interval - 3) * DAY,
    )
    return told(book, trusted + DAY)


def sent_not_acknowledged(s: Setting) -> Story:
    """Sent, and no ACK: past 48 hours, 7 days, 3 days, a day, D."""
    due = 10 * DAY + s.odd
    book = begun(s, due=due, planned=due + s.interval * DAY)
    pushed = 5 * HOUR + s.odd
    book.poll(6 * HOUR + s.odd, pushed=pushed, planned=due - 2 * HOUR)
    return told(book, due + HOUR)


def acknowledged_late(s: Setting) -> Story:
    """Sent six days before D; the ACK comes two days before it."""
    due = 8 * DAY + s.odd
    book = begun(s, due=due, planned=due - 6 * DAY)
    sent = due - 6 * DAY
    book.poll(sent + HOUR, pushed=sent, planned=due - DAY)
    came = due - 2 * DAY
    book.poll(
        came + HOUR,
        acked=came,
        deadline=came + s.interval * DAY,
        planned=came + (s.interval - 3) * DAY,
    )
    return told(book, came + 2 * DAY)


def room_at_the_edge(s: Setting) -> Story:
    """Just 24 hours between P and D, or a second less; D exactly at a week when it is read."""
    due = 7 * DAY
    book = begun(replace(s, source="cli"), due=due, planned=due - DAY + s.odd % 2)
    return told(book, due + HOUR)


def push_fails_early(s: Setting) -> Story:
    """Nine days before D a push fails, and nobody cares."""
    due = 12 * DAY + s.odd
    book = begun(s, due=due, planned=due - 9 * DAY)
    return told(book, due - 6 * DAY)


def sent_a_day_before_the_rung(s: Setting) -> Story:
    """Sent 20 hours before the week, or before the last three days: the net holds first."""
    due = 9 * DAY + s.odd
    sent = due - (7 if s.odd % 2 else 3) * DAY - 20 * HOUR
    book = begun(s, due=due, planned=sent)
    book.poll(sent + 2 * MINUTE, pushed=sent, planned=due - HOUR)
    return told(book, due - 2 * DAY)


def all_at_once(s: Setting) -> Story:
    """Pushed and acknowledged in the very second that was planned, and planned no further."""
    due = 9 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due, planned=DAY)
    book.poll(DAY + HOUR, pushed=DAY, acked=DAY, deadline=due)
    return told(book, due + HOUR)


def planned_at_the_deadline(s: Setting) -> Story:
    """P and D are one second: that is no room, and not too late."""
    due = 3 * DAY + s.odd
    return told(begun(s, due=due, planned=due), due + HOUR)
