"""From a stamp to an instant: which year, which zone, and how far the clock is to be believed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.parse.syslog.stamp import Stamp

Clock = Literal["synchronised", "unsynchronised", "lost", "unknown"]

AHEAD: Final = 5.0 * MINUTE
"""Seconds a stamp may lie after its reception; more is a wrong clock or a zone misread."""
BEHIND: Final = 7.0 * DAY
"""Seconds a stamp may lie before its reception: relays keep messages while a line is down."""

_MARKS: Final[Mapping[str, Clock]] = {"": "synchronised", "*": "unsynchronised", ".": "lost"}
_UTC_WORDS: Final = frozenset({"UTC", "GMT", "Z"})
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?", re.ASCII | re.IGNORECASE)
_LONGEST_OFFSET: Final = 14 * HOUR
_LEAP_REACH: Final = 8
_HOURS, _MINUTES, _SECONDS = 23, 59, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTime:
    """When the device says it was, and the state of its clock by the mark in front."""

    time: float | None
    """Seconds since 1970 UTC; None for uptimes, impossible dates and unknown zone words."""
    clock: Clock


NO_TIME: Final = DeviceTime(time=None, clock="unknown")


def when(stamp: Stamp | None, received: float, zones: Mapping[str, int]) -> DeviceTime:
    """The instant of a stamp; the missing year is the one that brings it nearest to reception.

    `zones` maps zone words, in any case, to seconds east of UTC; its key "" is the zone of stamps
    without a word, which are UTC otherwise: IOS prints UTC unless told another zone. A word that
    is neither UTC nor in `zones` is never guessed: IST, CST and EST mean several zones each.
    """
    if stamp is None or stamp.uptime is not None:
        return NO_TIME
    clock = _MARKS[stamp.mark]
    offset = _offset(stamp.zone, zones)
    if offset is None:
        return DeviceTime(time=None, clock=clock)
    return DeviceTime(time=_nearest(stamp, received, offset), clock=clock)


def effective(
    device_time: DeviceTime, received: float, *, ahead: float = AHEAD, behind: float = BEHIND
) -> float:
    """When it was so: the device's time where its clock is synchronised and plausible.

    Otherwise reception. A message may come late (a relay's queue) but never early, so the two
    limits differ.
    """
    time = device_time.time
    if time is None or device_time.clock != "synchronised":
        return received
    return time if received - behind <= time <= received + ahead else received


def _offset(zone: str | None, zones: Mapping[str, int]) -> int | None:
    if zone is None:
        return zones.get("", 0)
    if zone.upper() in _UTC_WORDS:
        return 0
    found = _OFFSET.fullmatch(zone)
    return _configured(zone, zones) if found is None else _numeric(found)


def _configured(zone: str, zones: Mapping[str, int]) -> int | None:
    word = zone.casefold()
    return next((offset for name, offset in zones.items() if name.casefold() == word), None)


def _numeric(found: re.Match[str]) -> int | None:
    seconds = int(found[2]) * HOUR + int(found[3] or 0) * MINUTE
    if seconds > _LONGEST_OFFSET:
        return None
    return -seconds if found[1] == "-" else seconds


def _nearest(stamp: Stamp, received: float, offset: int) -> float | None:
    candidates = [_instant(stamp, year, offset) for year in _years(stamp, received)]
    possible = [time for time in candidates if time is not None]
    return min(possible, key=lambda time: abs(time - received), default=None)


def _years(stamp: Stamp, received: float) -> range:
    if stamp.year is not None:
        return range(stamp.year, stamp.year + 1)
    year = datetime.fromtimestamp(received, UTC).year
    # 29 February may be up to eight years away (1896-1904, 2096-2104).
    reach = _LEAP_REACH if (stamp.month, stamp.day) == (2, 29) else 1
    return range(year - reach, year + reach + 1)


def _instant(stamp: Stamp, year: int, offset: int) -> float | None:
    if stamp.hour > _HOURS or stamp.minute > _MINUTES or stamp.second > _SECONDS:
        return None
    try:
        midnight = datetime(year, stamp.month, stamp.day, tzinfo=UTC)
    except ValueError:
        return None
    seconds = stamp.hour * HOUR + stamp.minute * MINUTE + stamp.second
    return midnight.timestamp() + seconds + stamp.fraction - offset
