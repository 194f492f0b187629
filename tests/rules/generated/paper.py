"""The slow judge: the paper's table read row by row, at one moment, from what was said until then.

It knows nothing of the monitor's code. Numbers stand here as the paper prints them. What the paper
leaves open is taken from docs/judgement.md, and marked so. Its sections stand in `sections/`.
"""

from typing import Final

from tests.rules.generated.sections.alone import own_rows
from tests.rules.generated.sections.balance import balance
from tests.rules.generated.sections.pairs import in_pair, takeover
from tests.rules.generated.sections.router import router_of
from tests.rules.generated.sections.rows import CRITICAL, Told
from tests.rules.generated.sections.servers import shared
from tests.rules.generated.story import DAY, HOUR, MINUTE, Story


def told(story: Story, now: int) -> frozenset[Told]:
    """Everything a person is told, or shown of the cycle for information, at that moment."""
    found = set(shared(story, now)) | set(takeover(story, now))
    if story.purchased:
        found |= set(balance(story, now))
    if story.pair:
        found |= set(in_pair(story, now))
    else:
        routers = [router_of(story, name, now) for name in story.devices]
        found |= {Told(one.name, *row) for one in routers for row in own_rows(one)}
    return frozenset(one for one in found if not hidden(story, now, one))


def hidden(story: Story, now: int, one: Told) -> bool:
    """Maintenance hides warnings, and never an overdue ACK on a release that stops."""
    subjects = {s for work in story.works if work.at <= now < work.until for s in work.subjects}
    if one.severity == CRITICAL or one.subject not in subjects:
        return False
    router = router_of(story, one.subject, now)
    return not (one.rule == "ack_overdue" and router.stops)


WAITS: Final = (
    *(-days * DAY for days in (30, 14, 7, 3, 1, 0)),
    *(hours * HOUR for hours in (1, 2, 3, 18, 24, 48)),
    *(minutes * MINUTE for minutes in (2, 5, 15, 45)),
    8 * DAY,
)
"""Every duration the paper prints, before D or after something."""


def moments(story: Story) -> list[int]:
    """Every second at which anything can change: what was said, and every duration around it."""
    clocks = {one.facts["clock"] for one in story.said if "clock" in one.facts}
    shifts = {0, *(clock for clock in clocks if isinstance(clock, int))}
    begins = {one.at for one in story.said} | {one.at for one in story.silences}
    for one in story.said:
        begins |= {v for v in one.facts.values() if isinstance(v, int) and not isinstance(v, bool)}
    edges = {at + wait - shift for at in begins for wait in WAITS for shift in shifts}
    edges |= {end for work in story.works for end in (work.at, work.until)}
    every = {at + second for at in edges for second in (-1, 0, 1)} | set(story.looks) | {story.ends}
    first = min(one.at for one in story.said)
    return sorted(at for at in every if first <= at <= story.ends)
