"""Section 5: one page a pair, a standby at risk, and who is active."""

from collections.abc import Iterator

from tests.rules.generated.sections.alone import down, own_rows
from tests.rules.generated.sections.cycle import WHO_SPEAKS, rows
from tests.rules.generated.sections.router import Router, router_of
from tests.rules.generated.sections.rows import CRITICAL, PAIR, WARNING, Row, Told
from tests.rules.generated.story import MINUTE, Story


def role(router: Router) -> str:
    """As the router or its peer said it last."""
    said = [(one.at, str(one.facts["role"])) for one in router.told("role")]
    for name in router.story.pair:
        if name != router.name:
            peer = router_of(router.story, name, router.now)
            said += [(one.at, str(one.facts["peer_role"])) for one in peer.told("peer_role")]
    return max(said, default=(0, ""))[1]


def in_pair(story: Story, now: int) -> Iterator[Told]:
    """One page per pair; what stops calls after a takeover is a warning while it is standby."""
    members = [router_of(story, name, now) for name in story.pair]
    found = {one.name: own_rows(one) for one in members}
    pages = []
    for one in members:
        if role(one) == "standby":
            yield from softened(one, found[one.name])
            yield from conflict(one)
            continue
        pages += [row for row in found[one.name] if row.severity == CRITICAL]
        for row in found[one.name]:
            if row.severity != CRITICAL:
                yield Told(one.name, *row)
    if pages:
        row = min(pages, key=lambda row: row.rule != "sip_service_down")
        yield Told(PAIR, CRITICAL, "pair_page", f"{row.rule}:{row.step}")
    else:
        yield from split(story, now)


def conflict(standby: Router) -> Iterator[Told]:
    """A licence request from the believed standby: role conflict."""
    asked = [one.at for one in standby.told("request")]
    said = [one.at for one in standby.told("role")]
    if asked and said and max(asked) > max(said):
        yield Told(PAIR, WARNING, "role_conflict", "request")


def split(story: Story, now: int) -> Iterator[Told]:
    """Both active for 2 minutes: critical, one per pair."""
    since = None
    for at in sorted({one.at for one in story.said if one.at <= now}):
        both = all(role(router_of(story, name, at)) == "active" for name in story.pair)
        since = (since or at) if both else None
    if since is not None and now - since >= 2 * MINUTE:
        yield Told(PAIR, CRITICAL, "not_one_active", "both_active")


def softened(standby: Router, found: list[Row]) -> Iterator[Told]:
    """Its silence is normal, its latent state is not."""
    every = [*found, *(rows(standby) if not down(standby) else ())]
    if any(row.severity == CRITICAL for row in every):
        yield Told(PAIR, WARNING, "takeover_at_risk", "stops")
    elif standby.fact("trust") is False or differs(standby):
        yield Told(PAIR, WARNING, "takeover_at_risk", "latent")
    for row in found:
        if row.rule not in WHO_SPEAKS and row.severity == WARNING and row.step != "syslog":
            yield Told(standby.name, *row)


def differs(standby: Router) -> bool:
    """Other account, other policy."""
    peers = [
        router_of(standby.story, n, standby.now) for n in standby.story.pair if n != standby.name
    ]
    return any(
        standby.knows(name) and peer.knows(name) and standby.fact(name) != peer.fact(name)
        for peer in peers
        for name in ("account", "policy")
    )


def takeover(story: Story, now: int) -> Iterator[Told]:
    """Peer not standby hot: no licensed takeover."""
    for name in story.devices:
        router = router_of(story, name, now)
        active = not story.pair or role(router) == "active"
        state = router.fact("peer_state")
        if active and state is not None and state != "STANDBY HOT":
            yield Told(PAIR if story.pair else name, WARNING, "no_licensed_takeover", "peer")
