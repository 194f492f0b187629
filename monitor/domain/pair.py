"""Pairs: two routers, or two processors of one, that take over from each other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from monitor.domain.facts import Fact

BOX_TO_BOX_TYPE: Final = "hot-standby-chassis-to-chassis"
IN_BOX_TYPE: Final = "hot-standby-card-to-card"
GROUP: Final = "group"
"""Key of facts about the redundancy group, where the processors' own have an empty one."""


class Role(StrEnum):
    """What a member does now."""

    ACTIVE = "active"
    STANDBY = "standby"
    OTHER = "other"
    """Neither: starting, negotiating, disabled."""


class NeedProfile(StrEnum):
    """How licences needed are worked out; every number names its profile."""

    SEPARATE = "separate"
    """The peak of each tag by itself (Cisco's chapter)."""
    AGGREGATE_MINUS_ENHANCED = "aggregate-minus-enhanced"
    """Standard is the aggregate peak minus the enhanced peak (documented from 17.6.1a on)."""
    STATIC_CAPACITY = "static-capacity"
    """Before 17.2.1r: the capacity configured on the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One consumer of licences: two devices box-to-box, or one device with two processors."""

    name: str
    members: tuple[str, ...]
    """Device ids; one of an in-box pair, two of a box-to-box pair."""
    need: NeedProfile = NeedProfile.SEPARATE
    since: float | None = None
    """Seconds since 1970 UTC from which it is a pair; None: always was."""
    until: float | None = None
    learned: bool = False
    """True where the devices said it and nobody declared it."""

    @property
    def in_box(self) -> bool:
        """One device, however many names its processors print."""
        return len(self.members) == 1

    def holds(self, now: float) -> bool:
        """Whether it is a pair at that moment."""
        begun = self.since is None or self.since <= now
        return begun and (self.until is None or now < self.until)

    def other(self, device: str) -> str | None:
        """The other member of a box-to-box pair."""
        return next((member for member in self.members if member != device), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redundancy:
    """What one device says about itself and its peer, by the best evidence."""

    ha_type: str | None = None
    role: Fact | None = None
    """`authenticated` is False where only plain evidence says it, which relaxes nothing."""
    peer_role: Fact | None = None
    """Its peer's role or state as it sees it; authenticated evidence only."""
    peer_state: Fact | None = None
    communication: Fact | None = None
    request: Fact | None = None
    """Its newest licence request."""
    names: frozenset[str] = frozenset()
    """Serial number and host name it gives itself, lower case."""
    peers: frozenset[str] = frozenset()
    """The same of its peers."""
    processors: bool = False
    """It speaks of a second processor in its own box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    """From `at` on (seconds since 1970 UTC) a device has this role."""

    device: str
    at: float
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleInterval:
    """A device was the active one in [start, end); None: it still is."""

    device: str
    start: float
    end: float | None


Roles = Sequence[RoleInterval]


def active_intervals(changes: Iterable[RoleChange]) -> tuple[RoleInterval, ...]:
    """Who was the active one when, of the changes of all members of one pair in any order.

    At any moment it is the member that became active last, among those that say they are: a new
    active ends the old one's time, also where the old one can no longer say so.
    """
    return tuple(_joined(_steps(sorted(changes, key=lambda change: (change.at, change.device)))))


def _steps(changes: Sequence[RoleChange]) -> Iterator[tuple[float, str | None]]:
    active: dict[str, float] = {}
    for change in changes:
        if change.role is Role.ACTIVE:
            active.setdefault(change.device, change.at)
        else:
            active.pop(change.device, None)
        newest = max(active.items(), key=lambda one: (one[1], one[0]), default=None)
        yield change.at, newest[0] if newest else None


def _joined(steps: Iterable[tuple[float, str | None]]) -> Iterator[RoleInterval]:
    device, start = None, 0.0
    for at, now in steps:
        if now == device:
            continue
        if device is not None and at > start:
            yield RoleInterval(device=device, start=start, end=at)
        device, start = now, at
    if device is not None:
        yield RoleInterval(device=device, start=start, end=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Licences that a consumer needs of one kind."""

    tag: str
    """`CUBE_T_RED or CUBE_T_ENH` where either is accepted."""
    count: int
    profile: str
    """A need profile, or `reported` for the device's own finished number."""


class Verdict(StrEnum):
    """What a check of the rehearsal came to."""

    FINE = "fine"
    FAILS = "fails"
    DIFFERS = "differs"
    """Other than at the active one, which stops no calls by itself."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question of a rehearsal and its answer."""

    name: str
    """redundancy, trust, deadline, account, policy, release or service."""
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What happens if the pair fails over now."""

    standby: str | None
    """The device that would take over; None where no standby is known."""
    lives: Verdict
    """fine: calls go on; fails: they stop, or nobody takes over; unknown: cannot be told."""
    headline: str
    checks: tuple[Check, ...] = ()
    needs: tuple[Needed, ...] = ()
    page: str = ""
    """What would page then: rule, step and sentence; empty where nothing would."""
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRole:
    """The role of one member as believed."""

    device: str
    role: Role | None
    """None where nobody says it, or what was said is overtaken by the peer's takeover."""
    said: Fact | None = None
    """The statement that is believed."""

    @property
    def is_proven_standby(self) -> bool:
        """Only authenticated evidence makes a device one whose findings wake nobody."""
        return self.role is Role.STANDBY and self.said is not None and self.said.authenticated


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRoles:
    """The roles of a pair at one moment."""

    members: tuple[MemberRole, ...] = ()

    @property
    def active(self) -> str | None:
        """The one active member; None where none or both are, as far as is known."""
        actives = [member.device for member in self.members if member.role is Role.ACTIVE]
        return actives[0] if len(actives) == 1 else None

    @property
    def standby(self) -> str | None:
        """The one that would take over."""
        others = [member.device for member in self.members if member.role is Role.STANDBY]
        return others[0] if len(others) == 1 else None

    def of(self, device: str) -> MemberRole | None:
        """One member."""
        return next((member for member in self.members if member.device == device), None)
