"""IOS XE releases and what a missed acknowledgement deadline does on each.

Source: Cisco's chapter, warning under "Smart License Operation": CUBE shuts down on 17.3.2, 17.3.3,
17.3.4a, 17.6.1a and any 17.4 or 17.5 release. 17.3.2a is in nobody's list: it may stop.
"""

import re
from enum import StrEnum

_RELEASE = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?([a-z]*)", re.IGNORECASE)
_STOPPING = frozenset({"17.3.2", "17.3.3", "17.3.4a", "17.6.1a"})
_STOPPING_TRAINS = frozenset({(17, 4), (17, 5)})
_UNCLEAR = frozenset({"17.3.2a"})
_FIRST_WITH_POLICY = (17, 3, 2)

Rank = tuple[int, int, int, str]


class Stopping(StrEnum):
    """Whether call processing stops when the acknowledgement deadline passes."""

    STOPS = "stops"
    MAY_STOP = "may_stop"
    NEVER = "never"
    BEFORE_POLICY = "before_policy"
    """Before Smart Licensing Using Policy: no report deadline; registration counts instead."""


def normal(release: str) -> str | None:
    """`17.06.01a` and `17.6.1a` are one release; None for text that names none.

    >>> normal("Version 17.06.01a"), normal("16.11.1"), normal("soon")
    ('17.6.1a', '16.11.1', None)
    """
    found = _RELEASE.search(release)
    if found is None:
        return None
    numbers = [str(int(part)) for part in found.groups()[:3] if part is not None]
    return ".".join(numbers) + found[4].lower()


def rank(release: str | None) -> Rank | None:
    """What releases are ordered by; None for text that names no whole release.

    >>> rank("17.03.04a"), rank("17.3.4a") > rank("17.3.4"), rank("17.3")
    ((17, 3, 4, 'a'), True, None)
    """
    found = _RELEASE.fullmatch(normal(release or "") or "")
    if found is None or found[3] is None:
        return None
    return int(found[1]), int(found[2]), int(found[3]), found[4]


def is_before(release: str | None, other: str) -> bool:
    """Whether a known release is older than another; letters behind the numbers do not count.

    >>> is_before("16.11.1a", "17.2.1"), is_before("17.2.1r", "17.2.1"), is_before(None, "17.2.1")
    (True, False, False)
    """
    mine, theirs = _number(release), _number(other)
    return mine is not None and theirs is not None and mine < theirs


def _number(release: str | None) -> tuple[int, ...] | None:
    found = _RELEASE.search(release or "")
    return None if found is None else tuple(int(part or 0) for part in found.groups()[:3])


def stopping(release: str | None) -> Stopping:
    """What the release does at a missed deadline; an unknown release may stop."""
    text = normal(release or "")
    found = _RELEASE.fullmatch(text or "")
    if text is None or found is None or found[3] is None:
        return Stopping.MAY_STOP
    number = (int(found[1]), int(found[2]), int(found[3]))
    if text in _STOPPING or number[:2] in _STOPPING_TRAINS:
        return Stopping.STOPS
    if number < _FIRST_WITH_POLICY:
        return Stopping.BEFORE_POLICY
    return Stopping.MAY_STOP if text in _UNCLEAR else Stopping.NEVER
