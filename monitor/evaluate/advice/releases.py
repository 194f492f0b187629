"""Tables of releases: the way out of those that stop calls, and those that pile up reports."""

from dataclasses import dataclass
from typing import Final

from monitor.domain.release import Rank, rank

_LAST_LETTER: Final = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Releases of one train from `first` to `last`, both included, and what mends them."""

    first: Rank
    last: Rank
    mended: str


PILE_UP: Final = (
    Span(first=(17, 3, 2, "a"), last=(17, 3, 6, _LAST_LETTER), mended="17.3.7"),
    Span(first=(17, 4, 1, ""), last=(17, 4, 1, _LAST_LETTER), mended="17.6.5"),
    Span(first=(17, 5, 1, ""), last=(17, 5, 1, _LAST_LETTER), mended="17.6.5"),
    Span(first=(17, 6, 1, ""), last=(17, 6, 4, _LAST_LETTER), mended="17.6.5"),
    Span(first=(17, 7, 1, ""), last=(17, 7, 1, _LAST_LETTER), mended="17.9.1"),
)
"""Cisco field notice FN72578: usage reports that are never acknowledged pile up."""

_OUT: Final = {
    (17, 3): ("17.3.5", "17.3.7"),
    (17, 4): ("17.6.2", "17.6.5"),
    (17, 5): ("17.6.2", "17.6.5"),
    (17, 6): ("17.6.2", "17.6.5"),
}
"""Train -> the nearest release that does not stop calls, and the nearest that piles up nothing."""


def mended(release: str | None) -> str | None:
    """The release that ends the pile-up of FN72578; None where this one is not named by it."""
    number = rank(release)
    if number is None:
        return None
    return next((span.mended for span in PILE_UP if span.first <= number <= span.last), None)


def way_out(release: str) -> str:
    """What to run in place of a release that stops calls."""
    number = rank(release)
    nearest = None if number is None else _OUT.get(number[:2])
    if nearest is None:
        return "Find out its exact release, or run 17.9.1 or later."
    return (
        f"The nearest release that does not is {nearest[0]}; {nearest[1]} also ends the pile-up of"
        " reports (FN72578)."
    )
