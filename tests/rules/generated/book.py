"""Where a plot is set, chosen the same every time, and the book of what is said in it."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from tests.rules.generated.story import DAY, HOUR, MINUTE, Facts, Said, Story, Value

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
