"""Cisco field notice FN72578: releases that pile up usage reports nobody acknowledges.

Processor and memory run out at about a thousand of them. Source: the notice's tables of affected
and mended releases; a release it does not name is not affected.
"""

from dataclasses import dataclass
from typing import Final

from monitor.domain.release import Rank, rank

_LAST_LETTER: Final = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """Releases of one train from `first` to `last`, both included, and what mends them."""

    first: Rank
    last: Rank
    mended: str


PILE_UP: Final = (
    Affected(first=(17, 3, 2, "a"), last=(17, 3, 6, _LAST_LETTER), mended="17.3.7"),
    Affected(first=(17, 4, 1, ""), last=(17, 4, 1, _LAST_LETTER), mended="17.6.5"),
    Affected(first=(17, 5, 1, ""), last=(17, 5, 1, _LAST_LETTER), mended="17.6.5"),
    Affected(first=(17, 6, 1, ""), last=(17, 6, 4, _LAST_LETTER), mended="17.6.5"),
    Affected(first=(17, 7, 1, ""), last=(17, 7, 1, _LAST_LETTER), mended="17.9.1"),
)


def mended(release: str | None) -> str | None:
    """The release that ends the pile-up; None where this one is not named by the notice.

    >>> mended("17.6.4"), mended("17.6.5"), mended(None)
    ('17.6.5', None, None)
    """
    number = rank(release)
    if number is None:
        return None
    return next((one.mended for one in PILE_UP if one.first <= number <= one.last), None)
