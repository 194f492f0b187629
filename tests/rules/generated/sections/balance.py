"""Section 4: licences in use and left."""

from collections.abc import Iterator

from tests.rules.generated.sections.router import router_of
from tests.rules.generated.sections.rows import ACCOUNT, TAG, WARNING, Told
from tests.rules.generated.story import HOUR, Story


def in_use(story: Story, now: int) -> int:
    """The latest count of each router."""
    counts = [router_of(story, name, now).fact("count") for name in story.devices]
    return sum(one for one in counts if isinstance(one, int))


def balance(story: Story, now: int) -> Iterator[Told]:
    """Below 0: warning after 1 h, held until above 0 for 1 h."""
    opened, short_since, good_since = False, None, None
    for at in sorted({one.at for one in story.said if one.at <= now} | {now}):
        if short_since is not None and at - short_since >= HOUR:
            opened = True
        if good_since is not None and at - good_since >= HOUR:
            opened = False
        left = story.purchased[TAG] - in_use(story, at)
        short_since = (short_since or at) if left < 0 else None
        good_since = (good_since or at) if left > 0 else None
    if opened:
        yield Told(ACCOUNT, WARNING, "insufficient_licenses", TAG)
