"""Faults on the way to CSSM: one router or many fail to reach it."""

from dataclasses import replace

from tests.rules.generated.book import CUBE, Book, Setting, begun, told
from tests.rules.generated.story import DAY, HOUR, Facts, Story


def cssm_unreachable_alone(s: Setting) -> Story:
    """One router fails to reach CSSM from nine days before D until two days before it."""
    due = 10 * DAY + s.odd
    book = begun(s, due=due, planned=due - 30 * HOUR)
    book.line(due - 9 * DAY, communication="failed", peer="CSSM")
    book.line(due - 2 * DAY, communication="restored", peer="CSSM")
    return told(book, due - 40 * HOUR)


def harmless_failures(s: Setting) -> Story:
    """Two routers fail to reach CSSM, and none of them has anything due: for information only."""
    book = begun(replace(s, source="cli", pair="none"), due=60 * DAY + s.odd, required=False)
    book.say(0, "cli", dict(book.truth), device="cube-3")
    for device in (CUBE, "cube-3"):
        failed: Facts = {"communication": "failed", "peer": "CSSM"}
        book.say(HOUR, "syslog", failed, device=device, proven=False)
    return told(book, 3 * HOUR)


def fails_in_the_second_of_the_ack(s: Setting) -> Story:
    """The router fails to reach CSSM in the very second of its last ACK, or a second before."""
    book = begun(replace(s, source="cli"), due=90 * DAY + s.odd)
    book.line(HOUR, communication="failed", peer="CSSM")
    acked = HOUR + s.odd % 2
    book.poll(2 * HOUR, pushed=HOUR - 60, acked=acked, deadline=80 * DAY, planned=70 * DAY)
    return told(book, 3 * HOUR)


def cssm_unreachable_for_many(s: Setting) -> Story:
    """Three routers fail to reach the same server; one of them is within a week of its D."""
    s = replace(s, pair="none")
    due = 8 * DAY + s.odd
    book = begun(s, due=due, planned=due - 30 * HOUR)
    names = ("cube-3", "cube-4")
    for number, name in enumerate(names):
        far: Facts = {**book.truth, "deadline": due + (90 + number) * DAY}
        book.say(0, "cli", {**far, "planned": due + 80 * DAY}, device=name)
    for number, name in enumerate((CUBE, *names)):
        failed = {"communication": "failed", "peer": "CSSM"}
        book.say(HOUR + 600 * number, "syslog", failed, device=name, proven=False)
    for number, name in enumerate((CUBE, *names)):
        good = {"communication": "restored", "peer": "CSSM"}
        book.say(2 * DAY + 700 * number, "syslog", good, device=name, proven=False)
    return told(book, 3 * DAY)


def days_and_a_failure(s: Setting) -> Story:
    """Whole days are known, and that CSSM is not reached: it pages near D, not after it."""
    s = replace(s, pair="none")
    book = Book(s)
    book.line(0, days=8)
    book.line(HOUR, communication="failed", peer="CSSM")
    return told(book, 9 * DAY, configured={CUBE: s.release})
