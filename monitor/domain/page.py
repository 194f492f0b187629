"""Pages: what of the findings is told to people, and what became of the telling.

All times are seconds since 1970 UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final

from monitor.domain.findings import FindingKey, Severity

_LONGEST_KEY: Final = 200
"""PagerDuty takes 255 characters."""


class Turn(StrEnum):
    """What became of a page."""

    OPENED = "opened"
    WORSE = "worse"
    EASED = "eased"
    """It became a warning and still stands."""
    RESOLVED = "resolved"
    REPLACED = "replaced"
    """Another page of the same chain speaks for it now."""

    @property
    def ends(self) -> bool:
        """Whether the page is over."""
        return self in {Turn.RESOLVED, Turn.REPLACED}


class Mark(StrEnum):
    """What an operator says of a page afterwards."""

    FALSE = "false"
    """There was nothing to do."""
    REAL = "real"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What a page says, as it stood at its last turn."""

    title: str
    lines: Mapping[str, str] = field(default_factory=dict)
    """Heading -> words, in the order of reading."""
    runbook: str = ""

    @property
    def text(self) -> str:
        """One line a heading; the runbook after what to do, as what is long is cut somewhere."""
        rows = [f"{name}: {words}" for name, words in self.lines.items()]
        if self.runbook:
            names = list(self.lines)
            after = names.index("Next") + 1 if "Next" in names else len(names)
            rows.insert(after, f"Runbook: {self.runbook}")
        return "\n".join(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One spell of a finding that speaks; `key` and `opened` tell it from all others."""

    key: FindingKey
    opened: float
    severity: Severity
    text: PageText
    turn: Turn = Turn.OPENED
    """Its last one."""
    turned: float = 0.0
    deadline: float | None = None
    devices: tuple[str, ...] = ()
    stops: bool = False
    """A device of it runs a release that stops calls at a missed deadline, or may."""
    resolved: float | None = None
    id: int = 0
    """Given by the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRecord:
    """A page as stored, with what people said of it."""

    page: Page
    acknowledged: float | None = None
    acknowledged_by: str = ""
    mark: Mark | None = None
    marked_by: str = ""
    marked: float | None = None
    reason: str = ""
    """Why it was marked so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTurn:
    """One entry of the log of turns, in the order of commits."""

    serial: int
    page: Page


class Action(StrEnum):
    """What a notice asks of whoever is told."""

    TRIGGER = "trigger"
    RESOLVE = "resolve"


class NoticeState(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENT = "sent"
    IN_DIGEST = "in digest"
    """Told together with others, under the key of the digest."""
    DEAD = "dead"
    """Refused for good by the receiver; a copy is among the dead letters."""
    SHADOW = "shadow"
    """Recorded only: it would have been sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One telling of one page to one channel."""

    channel: str
    action: Action
    key: str
    """For the receiver: equal for all tellings of one finding, after restarts and on two monitors.
    """
    severity: Severity
    planned: float
    title: str
    text: PageText
    finding: FindingKey
    devices: tuple[str, ...] = ()
    opened: float = 0.0
    resolved: float | None = None
    deadline: float | None = None
    page: int = 0
    """Id of the page; 0 for digests and tests."""
    before: Severity | None = None
    """The severity that was told last under this key."""
    state: NoticeState = NoticeState.WAITING
    digest: str = ""
    """Key of the digest that tells it, or told its page."""
    attempts: int = 0
    error: str = ""
    done: float | None = None
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStatus:
    """How it stands with one channel."""

    name: str
    kind: str
    waiting: int
    oldest: float | None
    """When the oldest waiting notice was planned."""
    sent: int
    """Since the start of the service; so for `dead`."""
    dead: int
    shadow: bool
    error: str = ""
    failing_since: float | None = None
    cursor: int = 0
    """Serial of the last turn it has planned for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFigures:
    """False pages of the last 30 days."""

    pages: int = 0
    """Critical pages opened."""
    marked_false: int = 0
    marked_real: int = 0
    unmarked: int = 0
    """Resolved, nobody acknowledged them, and nobody has said what they were."""
    devices: int = 0
    rate: float | None = None
    """False pages per 100 devices and month; None without devices."""


def dedup_key(key: FindingKey) -> str:
    """What receivers tell pages apart by: the finding's key, and nothing of time or monitor.

    >>> dedup_key(FindingKey("ack_backstop", "3d", "cube-1"))
    'cubemon/ack_backstop/3d/cube-1'
    """
    coded = "/".join(("cubemon", *key)).encode("utf-8", "backslashreplace")
    text = coded.decode()
    if len(text) <= _LONGEST_KEY:
        return text
    digest = sha256(coded).hexdigest()
    return f"{text[: _LONGEST_KEY - len(digest)]}{digest}"
