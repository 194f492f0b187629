"""Release x pair x policy x transport x sources x fault, chosen the same every time."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tests.rules.generated.story import (
    DAY,
    HOUR,
    MINUTE,
    Facts,
    Said,
    Silence,
    Story,
    Value,
    Work,
)

CUBE: Final = "cube-1"
OTHER: Final = "cube-2"
RELEASES: Final = ("17.3.2", "17.3.3", "17.5.1a", "17.6.1a", "17.9.4a", "17.3.2a", "17.12.1a", "")
ROUNDS: Final = 2
"""Each fault meets each release so often, with other settings each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One choice of everything but the fault."""

    release: str
    pair: str
    """none, in-box, active (of a pair) or standby."""
    interval: int
    """Days between reports by policy."""
    first_report: int
    """Days until the first report must be acknowledged."""
    transport: str
    source: str
    """cli, cli+syslog, cli+gnmi; gnmi, snmp and syslog tell less."""
    odd: int
    """Some seconds, so that nothing falls on whole hours by chance."""

    @property
    def stops(self) -> bool:
        """Only to name the story."""
        return not self.release.startswith(("17.9", "17.12"))


def settings(fault: str) -> Iterator[Setting]:
    """Those that a fault meets: every release, the rest by chance that is the same every time."""
    for release in RELEASES:
        for number in range(ROUNDS):
            seed = f"{fault}/{release}/{number}"
            chance = random.Random(seed)  # noqa: S311 - the same every time, nothing secret
            yield Setting(
                release=release,
                pair=chance.choice(("none", "none", "in-box", "active", "standby")),
                interval=chance.choice((30, 30, 60, 90)),
                first_report=chance.choice((30, 90)),
                transport=chance.choice(("Smart", "Callhome", "cslu")),
                source=chance.choice(("cli", "cli", "cli+syslog", "cli+gnmi")),
                odd=chance.randrange(1, 3_000),
            )


@dataclass(slots=True)
class Book:
    """Collects what is said while a plot goes on."""

    setting: Setting
    said: list[Said] = field(default_factory=list)
    truth: dict[str, Value] = field(default_factory=dict)

    def poll(self, at: int, **changes: Value) -> None:
        """The router is read by all its sources; what changed holds from now on."""
        self.truth.update(changes)
        self.say(at, "cli", dict(self.truth))
        if self.setting.source == "cli+gnmi":
            self.say(at, "gnmi", _streamed(self.truth))
        if self.setting.source == "cli+syslog":
            self.line(at, days=_days(self.truth, at))

    def line(self, at: int, **facts: Value) -> None:
        """A plain message."""
        told = {name: value for name, value in facts.items() if value is not None}
        self.say(at, "syslog", _with_deadline(told, at), proven=False)

    def say(
        self, at: int, source: str, facts: Facts, *, device: str = CUBE, proven: bool = True
    ) -> None:
        """Anything."""
        known = {name: value for name, value in facts.items() if value != ""}
        self.said.append(Said(at=at, device=device, source=source, facts=known, proven=proven))


def _streamed(truth: Facts) -> Facts:
    return {
        name: truth[name]
        for name in ("deadline", "acked", "required", "trust")
        if isinstance(truth.get(name), int)
    }


def _days(truth: Facts, at: int) -> int | None:
    due = truth.get("deadline")
    return (due - at) // DAY if isinstance(due, int) and due > at else None


def _with_deadline(facts: Mapping[str, Value], at: int) -> Facts:
    """A deadline worked out from whole days."""
    days = facts.get("days")
    return {**facts, "deadline": at + days * DAY} if isinstance(days, int) else facts


def begun(setting: Setting, *, due: int, **changes: Value) -> Book:
    """A router in good order, read at 0, whose D is `due`; its peer beside it."""
    book = Book(setting)
    report = min(due - setting.interval * DAY, -HOUR)
    first: dict[str, Value] = {
        "release": setting.release,
        "account": "Voice Edge",
        "policy": "Voice Policy",
        "deadline": due,
        "planned": due - 5 * DAY,
        "pushed": report - 10 * MINUTE,
        "acked": report - 5 * MINUTE,
        "required": True,
        "trust": True,
        "transport": setting.transport,
        "interval": setting.interval,
        **_redundant(setting),
        **changes,
    }
    if setting.pair in ("active", "standby"):
        book.say(0, "cli", _peer(setting, due), device=OTHER)
    book.poll(0, **first)
    return book


def _redundant(setting: Setting) -> Facts:
    if setting.pair == "in-box":
        return {"peer_state": "STANDBY HOT"}
    if setting.pair == "active":
        return {"role": "active", "peer_role": "standby", "peer_state": "STANDBY HOT"}
    if setting.pair == "standby":
        return {"role": "standby", "peer_role": "active"}
    return {}


def _peer(setting: Setting, due: int) -> Facts:
    role = {"active": "standby", "standby": "active"}[setting.pair]
    seen: Facts = {"peer_state": "STANDBY HOT"} if role == "active" else {}
    return {
        "release": setting.release,
        "account": "Voice Edge",
        "policy": "Voice Policy",
        "deadline": due + 300 * DAY,
        "planned": due + 290 * DAY,
        "pushed": -DAY,
        "acked": -DAY + MINUTE,
        "required": True,
        "trust": True,
        "transport": setting.transport,
        "role": role,
        "peer_role": setting.pair,
        **seen,
    }


def told(book: Book, ends: int, **more: object) -> Story:
    """The story of a book, still without its name."""
    setting = book.setting
    pair = (CUBE, OTHER) if setting.pair in ("active", "standby") else ()
    return replace(Story(name="", said=tuple(book.said), ends=ends, pair=pair), **more)  # type: ignore[arg-type]  # each plot names fields of Story


Plot = Callable[[Setting], Story]


# One function per fault


def healthy_tight(s: Setting) -> Story:
    """Pushes 4 minutes before D, acknowledged a minute later, and again."""
    due = 9 * DAY + s.odd
    book = begun(s, due=due, planned=due - 4 * MINUTE)
    next_due = due + s.interval * DAY
    book.poll(
        due - 2 * MINUTE,
        pushed=due - 4 * MINUTE,
        acked=due - 3 * MINUTE,
        deadline=next_due,
        planned=next_due - 4 * MINUTE,
    )
    return told(book, due + DAY)


def healthy_with_room(s: Setting) -> Story:
    """Pushes five days before D."""
    due = 12 * DAY + s.odd
    book = begun(s, due=due)
    push = due - 5 * DAY
    book.poll(
        push + HOUR,
        pushed=push,
        acked=push + MINUTE,
        deadline=push + s.interval * DAY,
        planned=push + (s.interval - 5) * DAY,
    )
    return told(book, due + HOUR)


def push_fails_once(s: Setting) -> Story:
    """The first push fails, the second works."""
    due = 13 * DAY + s.odd
    book = begun(s, due=due)
    push = due - 5 * DAY
    book.poll(push + 6 * HOUR)
    again = push + DAY
    book.poll(
        again + 30 * MINUTE,
        pushed=again,
        acked=again + MINUTE,
        deadline=again + s.interval * DAY,
        planned=again + (s.interval - 5) * DAY,
    )
    return told(book, due + HOUR)


def push_fails_tight(s: Setting) -> Story:
    """No room to retry, and the push fails; after D somebody gets it through."""
    due = 3 * DAY + s.odd
    book = begun(s, due=due, planned=due - 20 * HOUR)
    fixed = due + 5 * HOUR
    book.poll(due - 10 * HOUR)
    book.poll(
        fixed,
        pushed=fixed - 10 * MINUTE,
        acked=fixed - 5 * MINUTE,
        deadline=fixed + s.interval * DAY,
        planned=fixed + (s.interval - 2) * DAY,
    )
    return told(book, fixed + DAY)


def push_planned_late(s: Setting) -> Story:
    """P after D, moved ten days before it, acknowledged."""
    due = 21 * DAY + s.odd
    book = begun(s, due=due, planned=due + 20 * DAY)
    moved = due - 10 * DAY
    book.poll(
        moved,
        pushed=moved - HOUR,
        acked=moved - 59 * MINUTE,
        deadline=moved + s.interval * DAY,
        planned=moved + (s.interval - 5) * DAY,
    )
    return told(book, moved + DAY)


def push_planned_late_and_left(s: Setting) -> Story:
    """P an hour after D, and nobody does anything."""
    due = 15 * DAY + s.odd
    book = begun(s, due=due, planned=due + HOUR)
    book.poll(due - 2 * DAY)
    return told(book, due + 4 * HOUR)


def never_acknowledged(s: Setting) -> Story:
    """A new router without a trust code counts down its first report."""
    due = s.first_report % 30 * DAY + 16 * DAY + s.odd
    book = begun(s, due=due, planned=due - 9 * DAY, acked=None, pushed=None, trust=False)
    trusted = due - 4 * DAY
    book.poll(
        trusted,
        trust=True,
        pushed=trusted - 8 * MINUTE,
        acked=trusted - 7 * MINUTE,
        deadline=trusted + s.interval * DAY,
        planned=trusted + (s.interval - 3) * DAY,
    )
    return told(book, trusted + DAY)


def sent_not_acknowledged(s: Setting) -> Story:
    """Sent, and no ACK: past 48 hours, 7 days, 3 days, a day, D."""
    due = 10 * DAY + s.odd
    book = begun(s, due=due, planned=due + s.interval * DAY)
    pushed = 5 * HOUR + s.odd
    book.poll(6 * HOUR + s.odd, pushed=pushed, planned=due - 2 * HOUR)
    return told(book, due + HOUR)


def acknowledged_late(s: Setting) -> Story:
    """Sent six days before D; the ACK comes two days before it."""
    due = 8 * DAY + s.odd
    book = begun(s, due=due, planned=due - 6 * DAY)
    sent = due - 6 * DAY
    book.poll(sent + HOUR, pushed=sent, planned=due - DAY)
    came = due - 2 * DAY
    book.poll(
        came + HOUR,
        acked=came,
        deadline=came + s.interval * DAY,
        planned=came + (s.interval - 3) * DAY,
    )
    return told(book, came + 2 * DAY)


def cssm_unreachable_alone(s: Setting) -> Story:
    """One router fails to reach CSSM from nine days before D until two days before it."""
    due = 10 * DAY + s.odd
    book = begun(s, due=due, planned=due - 30 * HOUR)
    book.line(due - 9 * DAY, communication="failed", peer="CSSM")
    book.line(due - 2 * DAY, communication="restored", peer="CSSM")
    return told(book, due - 40 * HOUR)


def harmless_failures(s: Setting) -> Story:
    """Two routers fail to reach CSSM, and none of them has anything due: for information only."""
    book = begun(replace(s, source="cli", pair="none"), due=60 * DAY + s.odd, required=False)
    book.say(0, "cli", dict(book.truth), device="cube-3")
    for device in (CUBE, "cube-3"):
        failed: Facts = {"communication": "failed", "peer": "CSSM"}
        book.say(HOUR, "syslog", failed, device=device, proven=False)
    return told(book, 3 * HOUR)


def fails_in_the_second_of_the_ack(s: Setting) -> Story:
    """The router fails to reach CSSM in the very second of its last ACK, or a second before."""
    book = begun(replace(s, source="cli"), due=90 * DAY + s.odd)
    book.line(HOUR, communication="failed", peer="CSSM")
    acked = HOUR + s.odd % 2
    book.poll(2 * HOUR, pushed=HOUR - 60, acked=acked, deadline=80 * DAY, planned=70 * DAY)
    return told(book, 3 * HOUR)


def cssm_unreachable_for_many(s: Setting) -> Story:
    """Three routers fail to reach the same server; one of them is within a week of its D."""
    s = replace(s, pair="none")
    due = 8 * DAY + s.odd
    book = begun(s, due=due, planned=due - 30 * HOUR)
    names = ("cube-3", "cube-4")
    for number, name in enumerate(names):
        far: Facts = {**book.truth, "deadline": due + (90 + number) * DAY}
        book.say(0, "cli", {**far, "planned": due + 80 * DAY}, device=name)
    for number, name in enumerate((CUBE, *names)):
        failed = {"communication": "failed", "peer": "CSSM"}
        book.say(HOUR + 600 * number, "syslog", failed, device=name, proven=False)
    for number, name in enumerate((CUBE, *names)):
        good = {"communication": "restored", "peer": "CSSM"}
        book.say(2 * DAY + 700 * number, "syslog", good, device=name, proven=False)
    return told(book, 3 * DAY)


def collection_dies(s: Setting) -> Story:
    """All sources fall silent with four days left; the clock goes on."""
    due = 5 * DAY + s.odd
    book = begun(s, due=due, pushed=-DAY, planned=due - HOUR)
    dies = due - 4 * DAY
    book.poll(dies)
    silences = [Silence(at=dies, device=CUBE, source=source) for source in ("cli", *_others(s))]
    return told(book, due + HOUR, silences=tuple(silences))


def _others(s: Setting) -> Sequence[str]:
    return [one for one in s.source.split("+") if one != "cli"]


def collection_dies_early(s: Setting) -> Story:
    """The same a month before D: polls may be six hours apart."""
    due = 40 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due)
    silences = (Silence(at=DAY, device=CUBE, source="cli"),)
    book.poll(DAY)
    return told(book, 3 * DAY, silences=silences)


def forged_line(s: Setting) -> Story:
    """A datagram promises 364 days while it is bad; another threatens with 2."""
    due = 6 * DAY + s.odd
    book = begun(s, due=due, planned=due + 9 * DAY)
    book.line(HOUR, days=364)
    book.line(2 * HOUR, days=2)
    return told(book, 3 * DAY + s.odd)


def replayed_line(s: Setting) -> Story:
    """Exact 60 days; a relay's queue says 3, then 1."""
    due = 60 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due)
    book.line(HOUR, days=3)
    book.line(30 * HOUR, days=1)
    return told(book, 5 * DAY)


def clock_ahead(s: Setting) -> Story:
    """The router's clock runs two hours ahead, so less is left."""
    due = 8 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due, clock=2 * HOUR, pushed=-DAY)
    return told(book, due + HOUR)


def clock_behind(s: Setting) -> Story:
    """An hour behind; a router that is four minutes off is left alone."""
    due = 4 * DAY + s.odd
    behind = -HOUR if s.odd % 2 else -4 * MINUTE
    book = begun(replace(s, source="cli"), due=due, clock=behind, planned=due + DAY)
    return told(book, due + 2 * HOUR)


def upgrade(s: Setting) -> Story:
    """Another release while it is bad: the same D means something else."""
    due = 6 * DAY + s.odd
    book = begun(s, due=due, planned=due + 3 * DAY)
    book.poll(2 * DAY, release="17.9.4a" if s.stops else "17.3.3")
    return told(book, due + HOUR)


def sip_down_by_operator(s: Setting) -> Story:
    """SIP goes down while the ACK is valid, and comes back."""
    book = begun(s, due=50 * DAY + s.odd, sip="Up")
    book.poll(DAY, sip="Down")
    book.poll(DAY + 3 * HOUR, sip="Up")
    return told(book, 2 * DAY)


def sip_down_by_deadline(s: Setting) -> Story:
    """D passes, SIP goes down; the ACK comes, SIP comes back."""
    due = 4 * DAY + s.odd
    book = begun(s, due=due, planned=due - 30 * HOUR, sip="Up")
    book.poll(due + 20 * MINUTE, sip="Down")
    fixed = due + 6 * HOUR
    book.poll(
        fixed,
        sip="Up",
        pushed=fixed - 10 * MINUTE,
        acked=fixed - 9 * MINUTE,
        deadline=fixed + s.interval * DAY,
        planned=fixed + (s.interval - 3) * DAY,
    )
    return told(book, fixed + DAY)


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


def days_and_a_failure(s: Setting) -> Story:
    """Whole days are known, and that CSSM is not reached: it pages near D, not after it."""
    s = replace(s, pair="none")
    book = Book(s)
    book.line(0, days=8)
    book.line(HOUR, communication="failed", peer="CSSM")
    return told(book, 9 * DAY, configured={CUBE: s.release})


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


def usage_change(s: Setting) -> Story:
    """More is used than before: the policy asks for a report sooner, and D comes nearer."""
    due = 80 * DAY + s.odd
    book = begun(s, due=due)
    nearer = 10 * DAY + s.odd
    book.poll(DAY, deadline=nearer, planned=nearer - 4 * DAY)
    return told(book, nearer + HOUR)


def replaced(s: Setting) -> Story:
    """A new serial number under the old name, a day before the old D."""
    s = replace(s, pair="none", source="cli")
    due = 5 * DAY + s.odd
    book = begun(s, due=due, planned=due + DAY, serial="OLD0001")
    new = due - DAY
    first = new + s.first_report * DAY
    book.poll(
        new,
        serial="NEW0002",
        deadline=first,
        planned=first - 9 * DAY,
        acked=None,
        pushed=None,
        trust=s.odd % 2 == 0,
    )
    return told(book, due + DAY)


def carried(s: Setting) -> Story:
    """No push is planned: reports are pulled or carried as files; an import ends it."""
    transport = "Transport Off" if s.odd % 2 else "cslu"
    due = 31 * DAY + s.odd
    book = begun(s, due=due, transport=transport, planned=None, written=None)
    book.poll(due - 5 * DAY, written=due - 6 * DAY)
    imported = due - DAY - HOUR
    book.poll(
        imported,
        acked=imported - HOUR,
        deadline=imported + 90 * DAY,
        written=due - 6 * DAY,
    )
    return told(book, due)


def not_required(s: Setting) -> Story:
    """No ACK is required, or none is due; then the policy changes."""
    due = 12 * DAY + s.odd
    off: Facts = {"required": False} if s.odd % 2 else {"deadline": None, "interval": 0}
    book = begun(s, due=due, **off)
    book.line(HOUR, communication="failed", peer="CSSM")
    book.poll(2 * DAY, required=True, deadline=due, interval=30, planned=due + DAY)
    return told(book, 3 * DAY)


def days_only(s: Setting) -> Story:
    """Nothing but whole days in syslog; long after them somebody reads the router."""
    s = replace(s, pair="none", source="cli")
    book = Book(s)
    book.line(0, days=15)
    book.line(5 * DAY, days=10)
    read = 16 * DAY + s.odd
    book.poll(
        read,
        deadline=read + 50 * DAY,
        planned=read + 40 * DAY,
        pushed=read - DAY,
        acked=read - DAY + MINUTE,
        required=True,
        trust=True,
        transport=s.transport,
    )
    return told(book, read + DAY, configured={CUBE: s.release})


def days_by_snmp(s: Setting) -> Story:
    """A poll over SNMP tells whole days, proven, and no cycle."""
    s = replace(s, pair="none")
    book = Book(s)
    for day in (0, 2, 4):
        book.say(day * DAY + s.odd, "snmp", {"days": 4 - day, "deadline": 4 * DAY + s.odd})
    return told(book, 5 * DAY, configured={CUBE: s.release})


def streamed_only(s: Setting) -> Story:
    """gNMI tells the exact D and A, and nothing of pushes."""
    s = replace(s, pair="none")
    book = Book(s)
    due = 4 * DAY + s.odd
    known: Facts = {"deadline": due, "acked": -9 * DAY, "required": True, "trust": True}
    book.say(0, "gnmi", known)
    came = due + 2 * HOUR
    book.say(came, "gnmi", {**known, "acked": came - MINUTE, "deadline": came + 30 * DAY})
    return told(book, came + HOUR, configured={CUBE: s.release})


def acknowledged_by_trap(s: Setting) -> Story:
    """Anybody's trap changes nothing; a proven one ends it before the next poll."""
    due = 5 * DAY + s.odd
    late: Facts = {"planned": due + DAY} if s.odd % 2 else {"pushed": -3 * DAY, "acked": -40 * DAY}
    book = begun(replace(s, source="cli"), due=due, **late)
    book.say(HOUR, "trap", {"acked": HOUR}, proven=False)
    book.say(2 * HOUR, "trap", {"acked": 2 * HOUR})
    return told(book, DAY)


def maintained(s: Setting) -> Story:
    """Work is announced until after D: warnings hide, what stops calls does not."""
    s = replace(s, pair="none")
    due = 8 * DAY + s.odd
    book = begun(s, due=due, pushed=-DAY, planned=due - HOUR)
    work = Work(at=HOUR, until=due + 3 * HOUR, subjects=(CUBE,))
    return told(book, due + 5 * HOUR, works=(work,))


def restarted(s: Setting) -> Story:
    """Killed across the step of three days: the same pages, none twice."""
    due = 5 * DAY + s.odd
    book = begun(s, due=due, planned=due + DAY)
    back = due - 2 * DAY
    return told(book, due + HOUR, restarts=(back, back + DAY), looks=(back, back + DAY))


def short_of_licences(s: Setting) -> Story:
    """Of 50: short for less than an hour, nothing left, short for longer, nothing left, good."""
    s = replace(s, pair="none", source="cli")
    book = begun(s, due=200 * DAY + s.odd, count=20)
    counts = (51, 49, 50, 51, 52, 50, 49, 49, 20)
    waits = (3_000, 3_000, 1_800, 3_660, 3_000, 1_800, 2_400, 3_660, 900)
    at = HOUR
    for count, wait in zip(counts, waits, strict=True):
        book.poll(at, count=count)
        at += wait + s.odd % 60
    return told(book, at + 2 * HOUR, purchased={"CUBE_T_STD": 50})


def out_of_compliance(s: Setting) -> Story:
    """The router says so, and takes it back; it stops nothing."""
    book = begun(replace(s, source="cli"), due=90 * DAY + s.odd, out=False)
    book.poll(DAY, out=True)
    book.poll(2 * DAY, out=False)
    return told(book, 3 * DAY)


def before_policy(s: Setting) -> Story:
    """Older than 17.3.2: no report deadline, but a registration that expires."""
    s = replace(s, release="16.12.4" if s.stops else "17.2.1r", pair="none", source="cli")
    book = Book(s)
    expires = 2 * DAY + s.odd
    known: Facts = {"release": s.release, "registration_expires": expires}
    book.say(0, "cli", known)
    book.say(expires + 5 * HOUR, "cli", {**known, "registration_expires": 300 * DAY})
    return told(book, expires + DAY)


def sources_disagree(s: Setting) -> Story:
    """gNMI prints another D than the command line an hour later: the newer exact word holds."""
    due = 20 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due, planned=due + DAY)
    other: Facts = {"deadline": 5 * DAY + s.odd, "required": True}
    book.say(HOUR, "gnmi", other)
    book.poll(DAY)
    return told(book, DAY + HOUR)


def room_at_the_edge(s: Setting) -> Story:
    """Just 24 hours between P and D, or a second less; D exactly at a week when it is read."""
    due = 7 * DAY
    book = begun(replace(s, source="cli"), due=due, planned=due - DAY + s.odd % 2)
    return told(book, due + HOUR)


def push_fails_early(s: Setting) -> Story:
    """Nine days before D a push fails, and nobody cares."""
    due = 12 * DAY + s.odd
    book = begun(s, due=due, planned=due - 9 * DAY)
    return told(book, due - 6 * DAY)


def sent_a_day_before_the_rung(s: Setting) -> Story:
    """Sent 20 hours before the week, or before the last three days: the net holds first."""
    due = 9 * DAY + s.odd
    sent = due - (7 if s.odd % 2 else 3) * DAY - 20 * HOUR
    book = begun(s, due=due, planned=sent)
    book.poll(sent + 2 * MINUTE, pushed=sent, planned=due - HOUR)
    return told(book, due - 2 * DAY)


def clock_at_the_edge(s: Setting) -> Story:
    """Five minutes off are left alone, a second more is counted on."""
    due = 2 * DAY + s.odd
    off = (300, 301, -300, -301)[s.odd % 4]
    book = begun(replace(s, source="cli"), due=due, clock=off, planned=due + DAY)
    return told(book, due + HOUR)


def silent_at_the_edge(s: Setting) -> Story:
    """Last read 14 days before D, or a second sooner: an hour or six are an interval."""
    due = 15 * DAY
    last = due - 14 * DAY - s.odd % 2
    book = begun(replace(s, source="cli"), due=due)
    book.poll(last)
    return told(book, 2 * DAY, silences=(Silence(at=last, device=CUBE, source="cli"),))


def source_dies(s: Setting) -> Story:
    """A stream, a poll over SNMP, or syslog falls silent, each late by its own rhythm."""
    s = replace(s, pair="none")
    book = Book(s)
    source = ("gnmi", "snmp", "syslog")[s.odd % 3]
    facts: Facts = {"days": 40, "deadline": 40 * DAY + s.odd}
    if source == "gnmi":
        facts = {"deadline": 40 * DAY, "required": True}
    book.say(s.odd, source, facts, proven=source != "syslog")
    silence = Silence(at=s.odd, device=CUBE, source=source)
    ends = 9 * DAY if source == "syslog" else 3 * HOUR
    return told(book, ends, silences=(silence,), configured={CUBE: s.release})


def one_source_dies(s: Setting) -> Story:
    """The stream dies, polls go on; or messages do: no warning, and it is shown for messages."""
    s = replace(s, source="cli+gnmi" if s.odd % 2 else "cli+syslog", pair="none")
    book = begun(s, due=80 * DAY + s.odd)
    book.poll(HOUR)
    source = s.source.removeprefix("cli+")
    ends = 9 * DAY if source == "syslog" else 2 * HOUR
    return told(book, ends, silences=(Silence(at=HOUR, device=CUBE, source=source),))


def disagreement_at_the_edge(s: Setting) -> Story:
    """A minute, or a day, apart: shown when it is a second more."""
    due = 50 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due)
    more = s.odd % 2
    if s.odd % 3:
        book.say(HOUR, "gnmi", {"deadline": due + MINUTE + more, "required": True})
    else:
        at = due - 49 * DAY - more
        book.line(at, days=48)
    return told(book, 3 * DAY)


def all_at_once(s: Setting) -> Story:
    """Pushed and acknowledged in the very second that was planned, and planned no further."""
    due = 9 * DAY + s.odd
    book = begun(replace(s, source="cli"), due=due, planned=DAY)
    book.poll(DAY + HOUR, pushed=DAY, acked=DAY, deadline=due)
    return told(book, due + HOUR)


def planned_at_the_deadline(s: Setting) -> Story:
    """P and D are one second: that is no room, and not too late."""
    due = 3 * DAY + s.odd
    return told(begun(s, due=due, planned=due), due + HOUR)


def pull_forgotten(s: Setting) -> Story:
    """Nobody carries the report: every rung, and D."""
    due = 30 * DAY + HOUR
    book = begun(s, due=due, transport="Transport Off", planned=None, pushed=None, acked=None)
    return told(book, due + HOUR, silences=())


PLOTS: Final[tuple[Plot, ...]] = (
    all_at_once,
    planned_at_the_deadline,
    room_at_the_edge,
    push_fails_early,
    sent_a_day_before_the_rung,
    clock_at_the_edge,
    silent_at_the_edge,
    source_dies,
    one_source_dies,
    disagreement_at_the_edge,
    pull_forgotten,
    healthy_tight,
    healthy_with_room,
    push_fails_once,
    push_fails_tight,
    push_planned_late,
    push_planned_late_and_left,
    never_acknowledged,
    sent_not_acknowledged,
    acknowledged_late,
    cssm_unreachable_alone,
    harmless_failures,
    fails_in_the_second_of_the_ack,
    cssm_unreachable_for_many,
    collection_dies,
    collection_dies_early,
    forged_line,
    replayed_line,
    clock_ahead,
    clock_behind,
    upgrade,
    sip_down_by_operator,
    sip_down_by_deadline,
    takeover,
    latent_standby,
    peer_not_hot,
    days_and_a_failure,
    asked_by_the_standby,
    told_by_the_peer,
    both_active,
    usage_change,
    replaced,
    carried,
    not_required,
    days_only,
    days_by_snmp,
    streamed_only,
    acknowledged_by_trap,
    maintained,
    restarted,
    short_of_licences,
    out_of_compliance,
    before_policy,
    sources_disagree,
)


def _standing(story: Story) -> str:
    processors = any("peer_state" in one.facts for one in story.said)
    return "pair" if story.pair else "in-box" if processors else "alone"


def stories() -> Iterator[Story]:
    """All of them, each with its name: fault, release, pair, policy, transport, sources."""
    for plot in PLOTS:
        for number, setting in enumerate(settings(plot.__name__)):
            story = plot(setting)
            words = (
                plot.__name__.replace("_", " "),
                setting.release or "unknown release",
                _standing(story),
                f"{setting.interval}d",
                setting.transport,
                "+".join(sorted({one.source for one in story.said})),
                f"{number}",
            )
            yield replace(story, name=", ".join(words))
