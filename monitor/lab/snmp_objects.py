"""What a virtual CUBE answers over SNMP at an instant: licences, call seconds, roles, identity."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from monitor.domain.instants import DAY, HOUR
from monitor.lab.calls import CallProfile, Counts, seconds_of_hour
from monitor.lab.cube import Cube
from monitor.lab.license_status import Layout

Oid = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number of type Gauge32 (and Unsigned32)."""

    number: int


@dataclass(frozen=True, slots=True)
class Ticks:
    """Hundredths of a second."""

    number: int


Value = int | str | Gauge | Ticks

CISCO: Final[Oid] = (1, 3, 6, 1, 4, 1, 9, 9)
LICENCE: Final[Oid] = (*CISCO, 831, 0)
ENTITLEMENT: Final[Oid] = (*LICENCE, 5, 1, 1)
CALL_SECONDS: Final[Oid] = (*CISCO, 63, 1, 4, 3, 3, 1, 3, 1)
ACTIVE_BY_TYPE: Final[Oid] = (*CISCO, 63, 1, 3, 8, 1, 1, 2)
REDUNDANCY: Final[Oid] = (*CISCO, 176, 1, 1)
SYSTEM: Final[Oid] = (1, 3, 6, 1, 2, 1, 1)
ENTITY: Final[Oid] = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
_ROWS: Final = 60
_SIP: Final = 2
_IN_USE, _NOT_IN_USE, _AUTHORIZED, _OUT_OF_COMPLIANCE = 15, 16, 3, 4
_NOT_REGISTERED, _REGISTERED = 1, 5
_ACTIVE, _STANDBY_HOT, _DISABLED = 14, 9, 2
"""As SNMP numbers the states: one higher than the command line does."""
_CHASSIS: Final = 3
_WRAP: Final = 1 << 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """In which state a CUBE's agent is, and how it behaves. Instants: seconds since 1970 UTC."""

    legs: int = 1
    """What one call counts for in its call tables."""
    voice_table: bool = True
    switched_at: float | None = None
    """From here on its processors have changed places; None: it has only one."""
    starts: tuple[float, ...] = ()
    """When it started; between a start and the next it is up."""
    vanished: frozenset[str] = frozenset()
    """Tags whose entitlements are not shown: they are not in use."""

    def started(self, now: float) -> float | None:
        """Its last start; None before the first."""
        return max((start for start in self.starts if start <= now), default=None)


def objects(cube: Cube, manner: Manner, now: float) -> dict[Oid, Value]:
    """Everything it answers, in order of object identifiers."""
    started = manner.started(now)
    since = float(cube.born) if started is None else started
    found = {
        **dict(_system(cube, now, since)),
        **dict(_chassis(cube)),
        **dict(_active(cube, manner, now)),
        **(dict(_seconds(cube, manner, now, since)) if manner.voice_table else {}),
        **dict(_roles(cube, manner, now)),
        **dict(_licences(cube, manner, now)),
    }
    return dict(sorted(found.items()))


def calls_at(cube: Cube, second: int) -> int:
    """Calls of all tags in a second since 1970 UTC."""
    carried = cube.calls.values() if cube.carries(second) else ()
    return sum(int(_hour(profile, second // HOUR * HOUR)[second % HOUR]) for profile in carried)


@lru_cache(maxsize=256)
def _hour(profile: CallProfile, start: int) -> Counts:
    return seconds_of_hour(profile, start)


def _system(cube: Cube, now: float, since: float) -> Iterator[tuple[Oid, Value]]:
    release = cube.release
    yield (
        (*SYSTEM, 1, 0),
        (
            "Cisco IOS Software [IOSXE], Virtual XE Software (X86_64_LINUX_IOSD-UNIVERSALK9-M),"
            f" Version {release}, RELEASE SOFTWARE (fc1)\r\nTechnical Support: none, it is virtual"
        ),
    )
    yield (*SYSTEM, 3, 0), Ticks(int((now - since) * 100) % _WRAP)
    yield (*SYSTEM, 5, 0), cube.name


def _chassis(cube: Cube) -> Iterator[tuple[Oid, Value]]:
    yield (*ENTITY, 5, 1), _CHASSIS
    yield (*ENTITY, 11, 1), cube.serial
    yield (*ENTITY, 13, 1), cube.platform


def _active(cube: Cube, manner: Manner, now: float) -> Iterator[tuple[Oid, Value]]:
    for kind in range(1, 8):
        count = manner.legs * calls_at(cube, int(now)) if kind == _SIP else 0
        yield (*ACTIVE_BY_TYPE, kind), Gauge(count)


def _seconds(cube: Cube, manner: Manner, now: float, since: float) -> Iterator[tuple[Oid, Value]]:
    """Row i is the i-th last whole second of uptime; before a start there was no call."""
    up = int(now - since)
    for row in range(1, _ROWS + 1):
        second = round(since) + up - row
        count = calls_at(cube, second) if row <= up else 0
        yield (*CALL_SECONDS, row), Gauge(manner.legs * count)


def _roles(cube: Cube, manner: Manner, now: float) -> Iterator[tuple[Oid, Value]]:
    own, other = _ACTIVE, _STANDBY_HOT
    if cube.pair is None and manner.switched_at is None:
        other = _DISABLED
    elif not cube.carries(now) or (manner.switched_at is not None and now >= manner.switched_at):
        own, other = other, own
    yield (*REDUNDANCY, 2, 0), own
    yield (*REDUNDANCY, 4, 0), other


def _licences(cube: Cube, manner: Manner, now: float) -> Iterator[tuple[Oid, Value]]:
    before_policy = cube.layout is Layout.BEFORE_POLICY
    shown = sorted(one for one in cube.usage(now).items() if one[0] not in manner.vanished)
    for row, (tag, count) in enumerate(shown, start=1):
        mode = _AUTHORIZED if before_policy else _IN_USE if count else _NOT_IN_USE
        yield (*ENTITLEMENT, 2, row), Gauge(count)
        yield (*ENTITLEMENT, 3, row), tag
        yield (*ENTITLEMENT, 5, row), mode
    yield (*LICENCE, 2, 0), f"PID:{cube.platform},SN:{cube.serial}"
    yield (*LICENCE, 6, 1, 0), _REGISTERED if before_policy else _NOT_REGISTERED
    if before_policy:
        yield (*LICENCE, 7, 2, 0), "AUTHORIZED"
        return
    reporting = cube.reporting(now)
    deadline, last = reporting.deadline, reporting.last_ack
    yield (*LICENCE, 12, 1, 0), Gauge(max(0, int(now - last) // DAY) if last else 0)
    yield (*LICENCE, 12, 2, 0), Gauge(max(0, int(deadline - now) // DAY) if deadline else 0)
