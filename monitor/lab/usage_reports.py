"""`show license rum id all` of a virtual CUBE: a report a day and tag, until acknowledged."""

from collections.abc import Iterator, Sequence
from typing import Final

from monitor.domain.instants import DAY
from monitor.domain.release import is_before, rank
from monitor.lab.agent import AckState

_FIRST_RELEASE: Final = "17.9.1"
_KEPT: Final = 3 * DAY
"""How long before an acknowledgement a report must have ended for the router to drop it."""
_MOST: Final = 1_000
_HEAD: Final = """\
Smart Licensing Usage Report:
====================================
Report Id,          State,    Flag, Feature Name
"""


def lists_reports(release: str) -> bool:
    """Whether the release knows the command."""
    return rank(release) is not None and not is_before(release, _FIRST_RELEASE)


def listing(born: int, tags: Sequence[str], cycle: AckState, now: float) -> str:
    """The reports since `born` (seconds since 1970 UTC) as they stand at `now`."""
    rows = list(_rows(born, tags, cycle, now))[-_MOST:]
    return _HEAD + "".join(f"{number:<20}{state:<10}N     {tag}\n" for number, state, tag in rows)


def _rows(
    born: int, tags: Sequence[str], cycle: AckState, now: float
) -> Iterator[tuple[int, str, str]]:
    days = range(max(0, int(now) - born) // DAY + 1)
    for day in days[-_MOST:]:
        end = born + (day + 1) * DAY
        if cycle.last_ack is not None and end < cycle.last_ack - _KEPT:
            continue
        for place, tag in enumerate(tags):
            yield born + day * len(tags) + place, _state(end, cycle, now), tag


def _state(end: int, cycle: AckState, now: float) -> str:
    if end > now:
        return "OPEN"
    if cycle.last_ack is not None and end <= cycle.last_ack:
        return "ACK"
    return "UNACK" if cycle.last_push is not None and end <= cycle.last_push else "CLOSED"
