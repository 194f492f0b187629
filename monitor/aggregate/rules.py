"""What of measuring is set by device: periods, phase, excluded sources, call counts, rounding."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from monitor.domain.measurement import (
    DEFAULT_PERIOD_HOURS,
    PROFILE,
    SHORTEST_PERIOD_HOURS,
    UNITS_PER_SESSION,
    Rounding,
)
from monitor.domain.pair import Roles
from monitor.errors import ConfigError

HOUR: Final = 3_600
FAR: Final = 1 << 60
"""Later than any instant."""
ALLOWED_PERIODS: Final = "8h to 23h, or 1d to 30d"
_LONGEST_HOURS: Final = 23
_LONGEST_DAYS: Final = 30
_PERIOD: Final = re.compile(r"(\d{1,4})([hd])", re.ASCII)


class Calls(StrEnum):
    """What counts of call tables (`CALLS`) mean on a device."""

    APART = "apart"
    """Calls of every kind, perhaps legs: measured under their own name only."""
    AGGREGATE = "aggregate"
    """Divided by the legs of a call they also join the aggregate trunk count."""


def period_hours(text: str) -> int:
    """Hours of `8h` or `7d`; raises ConfigError naming what is allowed."""
    found = _PERIOD.fullmatch(text.strip().lower())
    if found is None:
        raise ConfigError(f"periodicity {text[:40]!r} is not one of {ALLOWED_PERIODS}")
    amount, unit = int(found[1]), found[2]
    last = _LONGEST_HOURS if unit == "h" else _LONGEST_DAYS
    first = SHORTEST_PERIOD_HOURS if unit == "h" else 1
    if not first <= amount <= last:
        raise ConfigError(f"periodicity {text[:40]!r} is outside {ALLOWED_PERIODS}")
    return amount if unit == "h" else 24 * amount


def licences(units: int, rounding: Rounding) -> int:
    """A licence count from 36ths of a session, without a detour over floats."""
    if rounding is Rounding.UP:
        return -(-units // UNITS_PER_SESSION)
    if rounding is Rounding.DOWN:
        return units // UNITS_PER_SESSION
    return (2 * units + UNITS_PER_SESSION) // (2 * UNITS_PER_SESSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRules:
    """How one device is measured. Raises ConfigError for what the law does not allow."""

    periods: tuple[tuple[float, int], ...] = ((0, DEFAULT_PERIOD_HOURS),)
    """(instant, hours), rising: a period that begins at or after the instant is so long. The first
    entry holds for all time before it too."""
    phase_minutes: int = 0
    """Minutes after the whole UTC hour at which this device's hours begin, 0..59."""
    calls: Calls = Calls.APART
    legs: int = 1
    """Legs that one call has in counts of call tables; used with `Calls.AGGREGATE`."""
    excluded: frozenset[str] = frozenset()
    """Sources whose readings are left out."""
    active: tuple[tuple[float, float | None], ...] = ()
    """[start, end) in which this member of a box-to-box pair was the active one, rising; None: it
    still is. Outside of them nothing is measured. Empty: no pair, always active. A start of 0
    means that it was so before anybody knew; `NEVER_ACTIVE` is a member that never was."""
    rounding: Rounding = Rounding.UP
    profile: str = PROFILE

    def __post_init__(self) -> None:
        """Refuse what cannot be measured by."""
        if not self.periods or list(self.periods) != sorted(self.periods):
            raise ConfigError("the history of periods must have an entry, and rising instants")
        for _, hours in self.periods:
            _check_period(hours)
        if not 0 <= self.phase_minutes < 60:  # noqa: PLR2004 - minutes of an hour
            raise ConfigError(f"phase of {self.phase_minutes} minutes is outside 0 to 59")
        if not _rising(self.active):
            raise ConfigError("the times of being the active member must rise and not overlap")
        if self.legs < 1:
            raise ConfigError(f"{self.legs} legs a call: at least 1 is needed")

    @property
    def phase(self) -> int:
        """Seconds after the whole UTC hour."""
        return self.phase_minutes * 60

    def hour_of(self, second: int) -> int:
        """Start of the (shifted) hour that holds `second`."""
        return (second - self.phase) // HOUR * HOUR + self.phase

    def spans(self) -> tuple[tuple[int, int], ...]:
        """[start, end) of whole hours in which periods run, rising.

        The hour of a takeover belongs to both members. The same member's hours count once, also
        where it lost its role and got it back within one.
        """
        if not self.active:
            return ((-FAR, FAR),)
        found: list[tuple[int, int]] = []
        for since, until in self.active:
            start = -FAR if since <= 0 else self.hour_of(math.floor(since))
            end = FAR if until is None else self.hour_of(math.ceil(until) + HOUR - 1)
            start = max([start, *(before for _, before in found[-1:])])
            if start < end:
                found.append((start, end))
        return tuple(found)

    def period_seconds(self, start: int) -> int:
        """Length of a period that begins at `start`."""
        hours = self.periods[0][1]
        for since, these in self.periods:
            if since <= start:
                hours = these
        return hours * HOUR

    def next_change(self, start: int) -> float | None:
        """The first instant after `start` at which another length holds."""
        return next((since for since, _ in self.periods[1:] if since > start), None)


NEVER_ACTIVE: Final = ((0.0, 0.0),)
"""The `active` times of a member of a pair that was the standby as long as anybody knows."""


def _rising(active: tuple[tuple[float, float | None], ...]) -> bool:
    edges = [FAR if edge is None else edge for span in active for edge in span]
    return all(one <= other for one, other in pairwise(edges))


def active_times(device: str, roles: Roles) -> tuple[tuple[float, float | None], ...]:
    """What `DeviceRules.active` is for one member, of all the intervals of its pair.

    Before the first interval nobody knows who was the active one: every member is measured then.
    The member that it is about goes on without a break, for it may have been active before too.
    """
    first = min((role.start for role in roles), default=None)
    if first is None:
        return ()
    mine = sorted((role for role in roles if role.device == device), key=lambda role: role.start)
    own = [(0.0 if role.start == first else role.start, role.end) for role in mine]
    if first > 0 and not any(role.start == first for role in mine):
        own.insert(0, (0.0, first))
    return tuple(own) or NEVER_ACTIVE


def _check_period(hours: int) -> None:
    days, rest = divmod(hours, 24)
    if not (
        SHORTEST_PERIOD_HOURS <= hours <= _LONGEST_HOURS
        or (rest == 0 and 1 <= days <= _LONGEST_DAYS)
    ):
        raise ConfigError(f"a period of {hours} hours is outside {ALLOWED_PERIODS}")
