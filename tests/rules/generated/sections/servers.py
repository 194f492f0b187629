"""Servers that two routers or more cannot reach: one cause, told once."""

from collections.abc import Iterator

from tests.rules.generated.sections.cycle import failure
from tests.rules.generated.sections.router import Router, router_of
from tests.rules.generated.sections.rows import INFO, WARNING, Told
from tests.rules.generated.story import MINUTE, Story


def peer_of(router: Router) -> str:
    """The server it failed to reach."""
    said = router.told("peer")
    return str(said[-1].facts["peer"]) if said else ""


def shared_peers(story: Story, now: int) -> list[str]:
    """Servers that two routers or more cannot reach: one warning about each."""
    peers = []
    for name in story.devices:
        router = router_of(story, name, now)
        told = [row for row in failure(router) if row.severity != INFO]
        peers += [peer_of(router)] if told else []
    return sorted({peer for peer in peers if peers.count(peer) >= 2})


def shared(story: Story, now: int) -> Iterator[Told]:
    """Held for 5 minutes after it is good again (docs/judgement.md)."""
    ended = {one.at - 1 for one in story.said if 0 <= now - one.at < 5 * MINUTE}
    for peer in sorted({peer for at in {now, *ended} for peer in shared_peers(story, at)}):
        yield Told(peer, WARNING, "cssm_unreachable", "shared")
