"""The slow judge: the paper's table read row by row, at one moment, from what was said until then.

It knows nothing of the monitor's code. Numbers stand here as the paper prints them. What the paper
leaves open is taken from docs/judgement.md, and marked so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from tests.rules.generated.story import DAY, HOUR, MINUTE, Said, Story, Value

INFO, WARNING, CRITICAL = "info", "warning", "critical"
PAIR: Final = "edge"
ACCOUNT: Final = "Voice Edge"
TAG: Final = "CUBE_T_STD"


class Told(NamedTuple):
    """What a person is told: one finding that speaks."""

    subject: str
    severity: str
    rule: str
    step: str


class Row(NamedTuple):
    """One true row of the table."""

    severity: str
    rule: str
    step: str


STOP: Final = ("17.3.2", "17.3.3", "17.3.4a", "17.6.1a")
BEFORE: Final = ("16.12.4", "17.2.1r")
"""Releases of our stories that are older than 17.3.2."""
MAY: Final = ("17.3.2a", "")
"""In nobody's list, or not known at all."""

WORST: Final = (CRITICAL, WARNING, INFO)
WHO_SPEAKS: Final = (
    "ack_overdue",
    "push_planned_too_late",
    "never_acknowledged",
    "push_overdue",
    "sent_not_acknowledged",
    "no_room_to_retry",
    "pull_due",
    "cycle_unknown",
    "ack_backstop",
    "communication_failed",
)
"""Where two rows are equally bad (docs/judgement.md)."""


@dataclass(frozen=True)
class Router:
    """What is believed of one router now (section 2)."""

    name: str
    now: int
    story: Story

    @cached_property
    def heard(self) -> list[Said]:
        """What was said until now; a new serial number is another router, its history its own."""
        heard: list[Said] = []
        serial: Value = None
        for one in sorted(self.story.said, key=lambda one: one.at):
            if one.device == self.name and one.at <= self.now:
                replaced = serial is not None and one.facts.get("serial", serial) != serial
                heard = [one] if replaced else [*heard, one]
                serial = one.facts.get("serial", serial)
        return heard

    @cached_property
    def words(self) -> dict[str, dict[str, Said]]:
        """What it is about -> source -> its newest word."""
        words: dict[str, dict[str, Said]] = {}
        for one in self.heard:
            for name in one.facts:
                words.setdefault(name, {})[one.source] = one
        return words

    def told(self, name: str) -> list[Said]:
        """Who said something about it: the newest word of each source, the newest last."""
        return sorted(self.words.get(name, {}).values(), key=lambda one: one.at)

    def best(self, said: list[Said]) -> Said | None:
        """Exact before derived, proven before not, then the newer."""
        return max(said, key=lambda one: (one.exact, one.proven, one.at), default=None)

    def fact(self, name: str) -> Value:
        """The believed value; None where nobody said anything."""
        best = self.best(self.told(name))
        return None if best is None else best.facts[name]

    def knows(self, name: str) -> bool:
        """Somebody said something about it."""
        return bool(self.told(name))

    # Releases

    @property
    def release(self) -> str:
        """As the router said it last, else as configured."""
        said = self.fact("release")
        return said if isinstance(said, str) else self.story.configured.get(self.name, "")

    @property
    def before_policy(self) -> bool:
        """Older than 17.3.2: no report deadline."""
        return self.release in BEFORE

    @property
    def stops(self) -> bool:
        """It stops calls at the deadline, or may."""
        train = self.release.startswith(("17.4.", "17.5."))
        return train or self.release in STOP or self.release in MAY

    # The clock

    @cached_property
    def skew(self) -> int:
        """Only where it is over 5 minutes."""
        ahead = self.fact("clock")
        return ahead if isinstance(ahead, int) and abs(ahead) > 5 * MINUTE else 0

    def clock(self, *, exact: bool) -> int:
        """Now, as the router counts it where its own words are judged."""
        return self.now + self.skew if exact else self.now

    # D, P, L, A

    def not_voided(self, name: str) -> list[Said]:
        """What was said of it since the last acknowledgement."""
        acks = [one for one in self.told("acked") if one.facts["acked"] is not None]
        return [one for one in self.told(name) if not any(self.voids(ack, one) for ack in acks)]

    def voids(self, ack: Said, old: Said) -> bool:
        """A newer ACK voids what is older; unproven words never relax exact or proven ones."""
        acked = ack.facts["acked"]
        newer = ack.at > old.at and isinstance(acked, int) and acked - self.skew > old.at
        return newer and (ack.proven or not (old.exact or old.proven))

    @cached_property
    def deadline_said(self) -> Said | None:
        """Who is believed about D."""
        return self.best(self.not_voided("deadline"))

    @cached_property
    def judged(self) -> bool:
        """An ACK is required, and D is not "none"."""
        said = self.deadline_said
        none_due = said is not None and said.facts["deadline"] is None
        return not (self.before_policy or self.fact("required") is False or none_due)

    @property
    def exact(self) -> bool:
        """D was printed by the router."""
        return self.deadline_said is not None and self.deadline_said.exact

    @property
    def left(self) -> int | None:
        """D - now; None where nothing is judged."""
        said = self.deadline_said
        due = None if said is None else said.facts["deadline"]
        return due - self.clock(exact=self.exact) if self.judged and isinstance(due, int) else None

    @cached_property
    def no_push(self) -> bool:
        """Pull, file or CSLU-pull: no push is planned."""
        planned = self.best(self.not_voided("planned"))
        none = planned is not None and planned.facts["planned"] is None
        return none or self.fact("transport") == "off"

    @cached_property
    def planned(self) -> int | None:
        """P."""
        said = self.best(self.not_voided("planned"))
        value = None if said is None or self.no_push else said.facts["planned"]
        return value if isinstance(value, int) else None

    @property
    def sent(self) -> int | None:
        """L: the last push, pull or file write."""
        values = [self.fact(name) for name in ("pushed", "pulled", "written")]
        return max((one for one in values if isinstance(one, int)), default=None)

    @cached_property
    def acked(self) -> int | None:
        """A: as the router printed it, or as a proven trap said it since."""
        said = [one for one in self.told("acked") if one.exact or one.proven]
        newest = max(said, key=lambda one: one.at, default=None)
        value = None if newest is None else newest.facts["acked"]
        return value if isinstance(value, int) else None

    @property
    def waits(self) -> bool:
        """L > A."""
        sent = self.sent
        if sent is None or not self.knows("acked"):
            return False
        return self.acked is None or sent > self.acked


@lru_cache(maxsize=64)
def router_of(story: Story, name: str, now: int) -> Router:
    """The same router at the same moment is asked about many rows."""
    return Router(name, now, story)


# Section 3


def by(router: Router, stops: str, goes_on: str) -> str:
    """The severity of the last two columns."""
    return stops if router.stops else goes_on


def rows(router: Router) -> Iterator[Row]:
    """Every row of the table that is true now."""
    yield from failure(router)
    if not router.judged:
        return
    left = router.left
    yield from push_overdue(router, left)
    yield from not_acknowledged(router, left)
    if left is None:
        return
    if left < 0:
        yield passed(router)
        return
    yield from planned_too_late(router, left)
    yield from no_room(router, left)
    yield from backstop(router, left)
    yield from unknown(router, left)
    yield from pull(router, left)
    yield from never(router, left)


def passed(router: Router) -> Row:
    """`overdue`, and `overdue, derived only`."""
    if router.exact:
        return Row(by(router, CRITICAL, WARNING), "ack_overdue", "overdue")
    return Row(by(router, WARNING, INFO), "ack_overdue", "unknown")


def late_plan(router: Router, left: int, rule: str) -> Row:
    """Critical from 14 days before D, warning before; warning."""
    if router.stops and left <= 14 * DAY:
        return Row(CRITICAL, rule, "14d")
    return Row(WARNING, rule, "planned")


def planned_too_late(router: Router, left: int) -> Iterator[Row]:
    """P > D."""
    planned = router.planned
    if planned is not None and planned > left + router.clock(exact=router.exact):
        yield late_plan(router, left, "push_planned_too_late")


def no_room(router: Router, left: int) -> Iterator[Row]:
    """0 <= D - P < 24 h."""
    if router.planned is None:
        return
    room = left + router.clock(exact=router.exact) - router.planned
    if not 0 <= room < 24 * HOUR:
        return
    if not router.stops:
        yield Row(INFO, "no_room_to_retry", "standing")
    elif left <= 24 * HOUR:
        yield Row(CRITICAL, "no_room_to_retry", "24h")
    else:
        yield Row(WARNING, "no_room_to_retry", "standing")


def seven_days(router: Router, left: int | None, rule: str, else_step: str) -> Row:
    """Warning; critical when D - now <= 7 d on a release that stops. Warning."""
    near = left is not None and left <= 7 * DAY and (left >= 0 or router.exact)
    if router.stops and near:
        return Row(CRITICAL, rule, "7d")
    return Row(WARNING, rule, else_step)


def push_overdue(router: Router, left: int | None) -> Iterator[Row]:
    """now > P + 2 h and L not after P."""
    planned, sent = router.planned, router.sent
    if planned is None or router.clock(exact=True) <= planned + 2 * HOUR:
        return
    if sent is None or sent <= planned:
        yield seven_days(router, left, "push_overdue", "late")


def not_acknowledged(router: Router, left: int | None) -> Iterator[Row]:
    """L > A and now - L > 48 h."""
    sent = router.sent
    if sent is not None and router.waits and router.clock(exact=True) - sent > 48 * HOUR:
        yield seven_days(router, left, "sent_not_acknowledged", "sent")


def backstop(router: Router, left: int) -> Iterator[Row]:
    """3 d, warning from 7 d, while L > A or now > P; on a release that stops always at 24 h."""
    if router.stops and left <= 24 * HOUR:
        yield Row(CRITICAL, "ack_backstop", "24h")
        return
    # A healthy push is acknowledged within 5 minutes (docs/judgement.md).
    planned = router.planned
    gone = planned is not None and router.clock(exact=True) > planned + 5 * MINUTE
    if not (router.waits or gone):
        return
    if left <= 3 * DAY:
        yield Row(by(router, CRITICAL, WARNING), "ack_backstop", "3d")
    elif left <= 7 * DAY and router.stops:
        yield Row(WARNING, "ack_backstop", "7d")


def unknown(router: Router, left: int) -> Iterator[Row]:
    """Only D known: 14 d, 3 d."""
    known = [router.knows(name) for name in ("pushed", "pulled", "written")]
    if any(known) or router.not_voided("planned") or router.no_push:
        return
    if left <= 3 * DAY:
        yield Row(by(router, CRITICAL, WARNING), "cycle_unknown", "3d")
    elif left <= 14 * DAY:
        yield Row(by(router, WARNING, INFO), "cycle_unknown", "14d")


def pull(router: Router, left: int) -> Iterator[Row]:
    """No push is planned: 30, 14, 7, 3 d."""
    if not router.no_push:
        return
    if left <= 3 * DAY:
        yield Row(by(router, CRITICAL, WARNING), "pull_due", "3d")
    elif left <= 7 * DAY:
        yield Row(by(router, CRITICAL, WARNING), "pull_due", "7d")
    elif left <= 14 * DAY:
        yield Row(by(router, WARNING, WARNING), "pull_due", "14d")
    elif left <= 30 * DAY:
        yield Row(by(router, INFO, INFO), "pull_due", "30d")


def never(router: Router, left: int) -> Iterator[Row]:
    """A none, L none, trust code none: as "push planned too late"."""
    said = all(router.knows(name) for name in ("acked", "pushed", "trust"))
    if said and router.acked is None and router.sent is None and router.fact("trust") is False:
        yield late_plan(router, left, "never_acknowledged")


def failing(router: Router) -> bool:
    """A communication failure stands: the newest word, unless an ACK came since."""
    said = router.told("communication")
    newest = max(said, key=lambda one: one.at, default=None)
    if newest is None or newest.facts["communication"] != "failed":
        return False
    return router.acked is None or router.acked - router.skew <= newest.at


def failure(router: Router) -> Iterator[Row]:
    """It pages within 7 days of a D that stops calls; for information where nothing is due."""
    if not failing(router):
        return
    left = router.left
    row = seven_days(router, left, "communication_failed", "failed")
    harmless = not router.judged and not router.before_policy
    yield Row(INFO, row.rule, row.step) if harmless and row.severity == WARNING else row


# What speaks for one router


def down(router: Router) -> bool:
    """SIP service down."""
    return router.fact("sip") in ("Down", "Shutdown")


def speaker(router: Router, found: list[Row]) -> Row | None:
    """One row for one deadline: the worst; the last day pages once more (docs/judgement.md)."""

    def place(row: Row) -> tuple[int, bool, int]:
        return WORST.index(row.severity), row.step != "24h", WHO_SPEAKS.index(row.rule)

    return min(found, key=place, default=None)


def own_rows(router: Router) -> list[Row]:
    """What this router alone would tell."""
    found: list[Row] = []
    if down(router):
        found.append(Row(CRITICAL, "sip_service_down", "down"))
    else:
        shared = peer_of(router) in shared_peers(router.story, router.now) and failing(router)
        cycle = [
            row
            for row in rows(router)
            if not (shared and row.rule == "communication_failed" and row.severity == WARNING)
        ]
        spoken = speaker(router, cycle)
        found += [spoken] if spoken else []
    if router.fact("out") is True:
        found.append(Row(WARNING, "out_of_compliance", "reported"))
    expires = router.fact("registration_expires")
    if router.before_policy and isinstance(expires, int) and router.clock(exact=True) > expires:
        found.append(Row(CRITICAL, "registration_expired", "past_due"))
    return [*found, *stale(router), *shown(router)]


def shown(router: Router) -> Iterator[Row]:
    """For information: sources that disagree on D, and routers that report nothing."""
    said = router.not_voided("deadline")
    best = router.best(said)
    if best is not None and any(apart(best, one) for one in said if one is not best):
        yield Row(INFO, "evidence_disagrees", "deadline")
    if router.fact("interval") == 0 and router.left is None:
        yield Row(INFO, "no_reporting", "interval")


def apart(one: Said, other: Said) -> bool:
    """Disagreement beyond one day (derived) or one minute (exact)."""
    first, second = one.facts["deadline"], other.facts["deadline"]
    if not isinstance(first, int) or not isinstance(second, int):
        return first is not second
    both = one.exact and other.exact
    return abs(first - second) > (MINUTE if both else DAY)


# Section 6


def patience(router: Router, source: str, seen: int) -> int:
    """A poll is late after 3 intervals; licence requests may be 7 days apart."""
    if source in ("syslog", "trap"):
        return 8 * DAY
    if source == "snmp":
        return 3 * 15 * MINUTE
    if source == "gnmi":
        return 3 * 5 * MINUTE
    said = router.deadline_said
    due = None if said is None else said.facts["deadline"]
    near = isinstance(due, int) and due - seen <= 14 * DAY
    return 3 * HOUR if near else 18 * HOUR


def silent(router: Router) -> dict[str, bool]:
    """Source that ever spoke -> whether it is late."""
    spoke = {one.source for one in router.story.said if one.device == router.name}
    spoke = {s for s in spoke if any(o.at <= router.now for o in _of(router, s))}
    since = {
        one.source: one.at
        for one in router.story.silences
        if one.device == router.name and one.at <= router.now
    }
    return {
        source: source in since
        and router.now > since[source] + patience(router, source, since[source])
        for source in spoke
    }


def _of(router: Router, source: str) -> list[Said]:
    own = [one for one in router.story.said if one.device == router.name]
    return [one for one in own if one.source == source]


def stale(router: Router) -> Iterator[Row]:
    """Stale data is a warning of its own."""
    late = silent(router)
    exact = [late[one] for one in ("cli", "gnmi") if one in late]
    polled = exact or [late[one] for one in ("snmp",) if one in late]
    words = [late[one] for one in ("syslog", "trap") if one in late]
    if polled and all(polled):
        yield Row(WARNING, "stale_data", "poll")
    elif words and all(words):
        yield Row(INFO if exact else WARNING, "stale_data", "syslog")


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


# Section 5


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


# Section 4


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


# All of it


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
