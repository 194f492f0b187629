"""Faults by silence: collection that dies as a whole, or one source of it."""

from collections.abc import Sequence
from dataclasses import replace

from tests.rules.generated.book import CUBE, Book, Setting, begun, told
from tests.rules.generated.story import DAY, HOUR, Facts, Silence, Story


def collection_dies(s: Setting) -> Story:
    """All sources fall silent with four days left; the clock goes on."""
    due = 5 * DAY + s.odd
    book = begun(s, due=due, pushed=-DAY, planned=due - HOUR)
    dies = due - 4 * DAY
    book.poll(dies)
    silences = [Silence(at=dies, device=CUBE, source=source) for source in ("cli", *_others(s))]
    return told(book, due + HOUR, silences=tuple(silences))


def _others(s: Setting) -> Sequence[str]:
    return [one for one in s.source.split("+") if one != "cli"]


def collection_dies_early(s: Setting) -> Story:
    """The same a month before D: polls may be six hours apart."""
    due = 40 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due)
    silences = (Silence(at=DAY, device=CUBE, source="cli"),)
    book.poll(DAY)
    return told(book, 3 * DAY, silences=silences)


def silent_at_the_edge(s: Setting) -> Story:
    """Last read 14 days before D, or a second sooner: an hour or six are an interval."""
    due = 15 * DAY
    last = due - 14 * DAY - s.odd % 2
    book = begun(replace(s, source="cli"), due=due)
    book.poll(last)
    return told(book, 2 * DAY, silences=(Silence(at=last, device=CUBE, source="cli"),))


def source_dies(s: Setting) -> Story:
    """A stream, a poll over SNMP, or syslog falls silent, each late by its own rhythm."""
    s = replace(s, pair="none")
    book = Book(s)
    source = ("gnmi", "snmp", "syslog")[s.odd % 3]
    facts: Facts = {"days": 40, "deadline": 40 * DAY + s.odd}
    if source == "gnmi":
        facts = {"deadline": 40 * DAY, "required": True}
    book.say(s.odd, source, facts, proven=source != "syslog")
    silence = Silence(at=s.odd, device=CUBE, source=source)
    ends = 9 * DAY if source == "syslog" else 3 * HOUR
    return told(book, ends, silences=(silence,), configured={CUBE: s.release})


def one_source_dies(s: Setting) -> Story:
    """The stream dies, polls go on; or messages do: no warning, and it is shown for messages."""
    s = replace(s, source="cli+gnmi" if s.odd % 2 else "cli+syslog", pair="none")
    book = begun(s, due=80 * DAY + s.odd)
    book.poll(HOUR)
    source = s.source.removeprefix("cli+")
    ends = 9 * DAY if source == "syslog" else 2 * HOUR
    return told(book, ends, silences=(Silence(at=HOUR, device=CUBE, source=source),))
