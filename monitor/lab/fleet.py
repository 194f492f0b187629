"""The virtual CUBEs of the demo, and what a monitor must find about them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from monitor.domain.findings import Severity
from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.lab.agent import Cycle, NeverAcknowledged, Pushing, Unanswered
from monitor.lab.box_to_box import BoxToBox
from monitor.lab.calls import CallProfile
from monitor.lab.cube import Cube
from monitor.lab.dialects import Dialect
from monitor.lab.license_status import Account
from monitor.lab.stamps import Zone

HISTORY_DAYS: Final = 30
_FAILED_OVER_DAYS: Final = 6
SMART_ACCOUNT: Final = "Example Voice Services"
PURCHASED: Final[Mapping[str, Mapping[str, int]]] = {
    "EMEA": {"CUBE_T_STD": 900, "CUBE_T_ENH": 200, "CUBE_T_RED": 120},
    "Americas": {"CUBE_T_STD": 400, "CUBE_TS_STD": 300, "CUBE_TS_ENH": 100},
    "APAC": {"CUBE_T_STD": 50},
    "India": {"CUBE_T_STD": 200},
}
_INDIA: Final = Zone(word="IST", offset=5 * HOUR + 30 * MINUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """A finding that must be open."""

    subject: str
    rule: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Virtual CUBEs, the licences bought for them, and what must be found."""

    now: int
    cubes: tuple[Cube, ...]
    expected: frozenset[Expectation]
    pairs: tuple[BoxToBox, ...] = ()

    @property
    def start(self) -> int:
        """The whole hour at which the history begins, seconds since 1970 UTC."""
        return history_start(self.now)


def history_start(now: float) -> int:
    """The whole hour 30 days before."""
    return int(now) // HOUR * HOUR - HISTORY_DAYS * DAY


def _healthy(now: int) -> Cycle:
    """A report every 30 days, acknowledged for 90: plenty of room."""
    return Pushing(
        first_push=now - 339 * DAY,
        interval_days=30,
        deadline_days=90,
        trusted_since=now - 400 * DAY,
    )


def _push_after_deadline(now: int) -> Cycle:
    """Cisco's 17.3.2 sample: never acknowledged, no trust code, the push 20 days too late."""
    return NeverAcknowledged(deadline=now + 25 * DAY, next_push=now + 45 * DAY)


def _deadline_near(now: int) -> Cycle:
    """Reports go out every 6 days and none is acknowledged; two and a half days are left."""
    last_ack = now - 87 * DAY - 12 * HOUR
    return Unanswered(
        last_ack=last_ack,
        deadline=last_ack + 90 * DAY,
        last_push=now - 5 * DAY,
        trusted_since=now - 300 * DAY,
        interval_days=6,
    )


def _no_room(now: int) -> Cycle:
    """A 30 days' policy: each push goes out four minutes before the deadline."""
    return Pushing(
        first_push=now - 339 * DAY,
        interval_days=30,
        deadline_days=30,
        trusted_since=now - 400 * DAY,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """One line of the table below."""

    name: str
    story: str
    release: str
    cube_version: str
    account: str
    busy: Mapping[str, float]
    cycle: Callable[[int], Cycle] = _healthy
    dialect: Dialect = Dialect.ORIGIN_NAME
    zone: Zone = field(default_factory=Zone)
    platform: str = "C8000V"
    steady: bool = False
    period_hours: int = 168
    silent_days: int = 0
    debugged: bool = False
    misreports: float = 1.0
    pair: str = ""


_PLANS: Final = (
    _Plan(
        name="cube-lon-1", story="healthy", release="17.9.4a", cube_version="14.6",
        account="EMEA", busy={"CUBE_T_STD": 120}, period_hours=8,
    ),
    _Plan(
        name="cube-lon-2", story="healthy, calls forked by WebSocket", release="17.12.1a",
        cube_version="14.8", account="EMEA", busy={"CUBE_T_STD": 80, "CUBE_T_ENH": 35},
        dialect=Dialect.RFC5424,
    ),
    _Plan(
        name="cube-par-1", story="healthy, behind a syslog relay, debugging switched on",
        release="17.15.1a", cube_version="14.10", account="EMEA", busy={"CUBE_T_STD": 60},
        dialect=Dialect.RELAYED, debugged=True,
    ),
    _Plan(
        name="cube-nyc-1", story="healthy, Flex subscription tags", release="17.18.1a",
        cube_version="15", account="Americas", busy={"CUBE_TS_STD": 90, "CUBE_TS_ENH": 20},
        dialect=Dialect.SEQUENCE,
    ),
    _Plan(
        name="cube-ams-1", story="Cisco's 17.3.2 case: the push is planned after the deadline",
        release="17.3.2", cube_version="14.1", account="EMEA", busy={"CUBE_T_STD": 40},
        cycle=_push_after_deadline, platform="CSR1000V",
    ),
    _Plan(
        name="cube-ber-1", story="deadline near, on a release that stops calls",
        release="17.3.3", cube_version="14.1", account="EMEA", busy={"CUBE_T_STD": 70},
        cycle=_deadline_near, platform="ISR4431/K9",
    ),
    _Plan(
        name="cube-mad-1", story="the same deadline, on a release that does not",
        release="17.9.4a", cube_version="14.6", account="EMEA", busy={"CUBE_T_STD": 70},
        cycle=_deadline_near, dialect=Dialect.SEQUENCE,
    ),
    _Plan(
        name="cube-rom-1", story="no room to retry: pushes minutes before each deadline",
        release="17.6.1a", cube_version="14.4", account="EMEA", busy={"CUBE_T_STD": 30},
        cycle=_no_room,
    ),
    _Plan(
        name="cube-osl-1", story="silent for five days", release="17.9.4a", cube_version="14.6",
        account="EMEA", busy={"CUBE_T_STD": 25}, silent_days=5,
    ),
    _Plan(
        name="cube-del-1", story="healthy, its clock in India Standard Time", release="17.6.3a",
        cube_version="14.4", account="India", busy={"CUBE_T_STD": 110}, zone=_INDIA,
        dialect=Dialect.WITH_YEAR, platform="C8300-2N2S-6T",
    ),
    _Plan(
        name="cube-tok-1", story="uses more licences than its account has", release="17.12.1a",
        cube_version="14.8", account="APAC", busy={"CUBE_T_STD": 58}, steady=True,
        dialect=Dialect.UNSYNCHRONISED,
    ),
    _Plan(
        name="cube-hel-1", story="healthy, before Smart Licensing Using Policy",
        release="16.11.1", cube_version="12.5.0", account="EMEA", busy={"CUBE_T_STD": 20},
        dialect=Dialect.ORIGIN_ADDRESS, platform="CSR1000V",
    ),
    _Plan(
        name="cube-fra-1", story="healthy, the standby of the pair cube-fra",
        release="17.3.4a", cube_version="14.1", account="EMEA", busy={"CUBE_T_RED": 65},
        platform="CSR1000V", period_hours=8, pair="cube-fra",
    ),
    _Plan(
        name="cube-fra-2", story="took over from it six days ago; its reports wait for an answer",
        release="17.3.4a", cube_version="14.1", account="EMEA", busy={"CUBE_T_RED": 65},
        cycle=_deadline_near, platform="CSR1000V", period_hours=8, pair="cube-fra",
    ),
    _Plan(
        name="cube-chi-1", story="healthy, asks for an eighth more licences than its calls need",
        release="17.12.1a", cube_version="14.8", account="Americas", busy={"CUBE_T_STD": 90},
        steady=True, misreports=1.125,
    ),
)  # fmt: skip

_EXPECTED: Final = frozenset(
    Expectation(subject=subject, rule=rule, severity=severity)
    for subject, rule, severity in (
        ("cube-ams-1", "push_planned_too_late", Severity.WARNING),
        ("cube-ber-1", "sent_not_acknowledged", Severity.CRITICAL),
        ("cube-mad-1", "sent_not_acknowledged", Severity.WARNING),
        ("cube-rom-1", "no_room_to_retry", Severity.WARNING),
        ("cube-osl-1", "stale_data", Severity.WARNING),
        ("APAC", "insufficient_licenses", Severity.WARNING),
        ("cube-fra", "pair_page", Severity.CRITICAL),
        ("cube-chi-1", "usage_drift", Severity.INFO),
    )
)


def virtual_fleet(now: int, seed: int = 1) -> Fleet:
    """The fleet as it stands at `now`, seconds since 1970 UTC; the same seed gives the same one."""
    pairs = {name: _pair(name, now) for name in sorted({plan.pair for plan in _PLANS} - {""})}
    cubes = (
        replace(_cube(plan, now, number, seed), pair=pairs.get(plan.pair))
        for number, plan in enumerate(_PLANS, start=1)
    )
    return Fleet(now=now, cubes=tuple(cubes), expected=_EXPECTED, pairs=tuple(pairs.values()))


def _pair(name: str, now: int) -> BoxToBox:
    one, other = (plan.name for plan in _PLANS if plan.pair == name)
    failover = int(now) // HOUR * HOUR - _FAILED_OVER_DAYS * DAY + 17 * MINUTE
    return BoxToBox(name=name, members=(one, other), failovers=[failover])


def _cube(plan: _Plan, now: int, number: int, seed: int) -> Cube:
    return Cube(
        name=plan.name,
        story=plan.story,
        release=plan.release,
        cube_version=plan.cube_version,
        platform=plan.platform,
        serial=f"9LAB{number:07d}",
        address=f"192.0.2.{number}",
        account=Account(smart=SMART_ACCOUNT, virtual=plan.account),
        cycle=plan.cycle(now),
        calls=_calls(plan, seed * 1000 + number * 10),
        born=history_start(now),
        dialect=plan.dialect,
        zone=plan.zone,
        period_hours=plan.period_hours,
        debugged_since=now if plan.debugged else None,
        silent_since=now - plan.silent_days * DAY if plan.silent_days else None,
        misreports=plan.misreports,
    )


def _calls(plan: _Plan, seed: int) -> dict[str, CallProfile]:
    return {
        tag: CallProfile(seed=seed + number, busy=mean, offset=plan.zone.offset, steady=plan.steady)
        for number, (tag, mean) in enumerate(plan.busy.items())
    }
