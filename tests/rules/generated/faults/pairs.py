"""Faults of pairs: takeovers, latent standbys, peers that are not ready, roles in conflict."""

from dataclasses import replace

from tests.rules.generated.book import CUBE, OTHER, Setting, begun, told
from tests.rules.generated.story import DAY, HOUR, MINUTE, Facts, Story


def takeover(s: Setting) -> Story:
    """The standby is late or not trusted; then it is active; then it is put right."""
    s = replace(s, pair="standby", source="cli")
    due = 9 * DAY + s.odd
    latent: Facts = {"trust": False} if s.odd % 2 else {"planned": due + DAY}
    book = begun(s, due=due, **latent)
    changed = 2 * DAY
    book.say(
        changed,
        "cli",
        {"role": "standby", "peer_role": "active"},
        device=OTHER,
    )
    book.poll(changed, role="active", peer_role="standby", peer_state="STANDBY HOT")
    fixed = changed + 8 * HOUR
    book.poll(
        fixed,
        trust=True,
        pushed=fixed - 10 * MINUTE,
        acked=fixed - 9 * MINUTE,
        deadline=fixed + 90 * DAY,
        planned=fixed + 70 * DAY,
    )
    return told(book, fixed + DAY)


def latent_standby(s: Setting) -> Story:
    """The standby belongs to another account or policy, or its own D comes near."""
    s = replace(s, pair="standby", source="cli")
    due = 8 * DAY + s.odd
    other: Facts = {"account": "Branches"} if s.odd % 2 else {"policy": "Branch Policy"}
    book = begun(s, due=due, pushed=-5 * DAY, **other)
    book.poll(due - 2 * DAY, account="Voice Edge", policy="Voice Policy")
    return told(book, due + HOUR)


def peer_not_hot(s: Setting) -> Story:
    """The peer loads its program again, and is ready after a while."""
    s = replace(s, pair="active" if s.odd % 2 else "in-box", source="cli")
    book = begun(s, due=90 * DAY + s.odd)
    book.poll(HOUR, peer_state="STANDBY COLD")
    book.poll(3 * HOUR, peer_state="STANDBY HOT")
    return told(book, 5 * HOUR)


def asked_by_the_standby(s: Setting) -> Story:
    """The believed standby asks for licences: in the second of its word nothing, later a ticket."""
    s = replace(s, pair="standby", source="cli")
    book = begun(s, due=90 * DAY + s.odd)
    book.poll(HOUR)
    book.line(HOUR, request=5)
    book.line(HOUR + 1 + s.odd % 2, request=6)
    book.poll(2 * HOUR)
    return told(book, 3 * HOUR)


def told_by_the_peer(s: Setting) -> Story:
    """Only the peer says who took over; then the router itself says otherwise."""
    s = replace(s, pair="active", source="cli")
    due = 9 * DAY + s.odd
    book = begun(s, due=due, planned=due + DAY)
    taken: Facts = {"role": "active", "peer_role": "standby", "peer_state": "STANDBY HOT"}
    book.say(HOUR, "cli", taken, device=OTHER)
    back = {"role": "standby", "peer_role": "active"}
    book.say(3 * HOUR, "cli", back, device=OTHER)
    book.poll(3 * HOUR)
    return told(book, 4 * HOUR)


def both_active(s: Setting) -> Story:
    """Both say they are active, for a second less than two minutes, then for longer."""
    s = replace(s, pair="active", source="cli")
    book = begun(s, due=90 * DAY + s.odd)
    at = HOUR
    for lasts in (119, 400):
        for device in (CUBE, OTHER):
            book.say(at, "cli", {"role": "active", "peer_role": "active"}, device=device)
        at += lasts
        good: Facts = {"role": "active", "peer_role": "standby", "peer_state": "STANDBY HOT"}
        book.say(at, "cli", good)
        book.say(at, "cli", {"role": "standby", "peer_role": "active"}, device=OTHER)
        at += HOUR
    return told(book, at)
