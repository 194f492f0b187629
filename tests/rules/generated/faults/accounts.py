"""Faults of licences: balances below zero, and what the router says of its compliance."""

from dataclasses import replace

from tests.rules.generated.book import Setting, begun, told
from tests.rules.generated.story import DAY, HOUR, Story


def short_of_licences(s: Setting) -> Story:
    """Of 50: short for less than an hour, nothing left, short for longer, nothing left, good."""
    s = replace(s, pair="none", source="cli")
    book = begun(s, due=200 * DAY + s.odd, count=20)
    counts = (51, 49, 50, 51, 52, 50, 49, 49, 20)
    waits = (3_000, 3_000, 1_800, 3_660, 3_000, 1_800, 2_400, 3_660, 900)
    at = HOUR
    for count, wait in zip(counts, waits, strict=True):
        book.poll(at, count=count)
        at += wait + s.odd % 60
    return told(book, at + 2 * HOUR, purchased={"CUBE_T_STD": 50})


def out_of_compliance(s: Setting) -> Story:
    """The router says so, and takes it back; it stops nothing."""
    book = begun(replace(s, source="cli"), due=90 * DAY + s.odd, out=False)
    book.poll(DAY, out=True)
    book.poll(2 * DAY, out=False)
    return told(book, 3 * DAY)
