"""`show version`: release, platform, serial number, host name, uptime.

The PID and the processor board number are the UDI of most routers; where `show license ...` prints
the UDI itself, that is believed instead.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import FactKind, FactName
from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.parse.show.instants import Instant
from monitor.parse.show.output import Command, Told, words
from monitor.parse.show.page import ALL_READ, Page, Unparsed

_XE = re.compile(r"Cisco IOS[ -]XE Software, Version (\S{1,40})", re.IGNORECASE)
_IOS = re.compile(r"(?:Cisco )?IOS .{0,120}?Software.{0,120}?, Version ([^\s,]{1,40}).{0,80}", re.I)
_UPTIME = re.compile(r"([A-Za-z0-9][\w.-]{0,62}) uptime is (.{1,120})")
_SPAN = re.compile(r"(\d{1,6}) (year|week|day|hour|minute)s?")
_PLATFORM = re.compile(r"cisco (\S{1,40}) \(.{1,60}?\) processor\b.{0,200}", re.IGNORECASE)
_BOARD = re.compile(r"Processor board ID (\S{1,40})", re.IGNORECASE)
_RESTARTED = re.compile(r"System restarted at (.{10,60})", re.IGNORECASE)
_IMAGE = re.compile(r'System image file is "(.{1,160})"', re.IGNORECASE)
_SECONDS: Final = {
    "year": 365 * DAY,
    "week": 7 * DAY,
    "day": DAY,
    "hour": HOUR,
    "minute": MINUTE,
}
_ONE_LINERS: Final = {
    "release": _XE,
    "ios": _IOS,
    "platform": _PLATFORM,
    "serial": _BOARD,
    "restarted": _RESTARTED,
    "image": _IMAGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """`release` is normal (`17.3.2`), `software_version` as printed (`17.03.02`)."""

    release: str | None = None
    software_version: str | None = None
    platform: str | None = None
    """PID as printed after `cisco`."""
    serial: str | None = None
    """Processor board ID."""
    host_name: str | None = None
    uptime: str | None = None
    uptime_seconds: int | None = None
    """To the minute; a year counts as 365 days, as the device counts it."""
    restarted_at: Instant | None = None
    image: str | None = None
    unparsed: Unparsed = ALL_READ


def read(page: Page) -> Version:
    """The output's values; legal notices, interfaces and memory are read past."""
    values: dict[str, str] = {}
    for line in page:
        _take(page, line, values)
    printed = values.get("release") or values.get("ios")
    return Version(
        release=page.release("Version", printed),
        software_version=printed,
        platform=values.get("platform"),
        serial=values.get("serial"),
        host_name=values.get("host_name"),
        uptime=values.get("uptime"),
        uptime_seconds=_seconds(page, values.get("uptime")),
        restarted_at=page.instant("System restarted at", values.get("restarted")),
        image=values.get("image"),
        unparsed=page.unparsed,
    )


def _take(page: Page, line: str, values: dict[str, str]) -> None:
    if found := _UPTIME.fullmatch(line):
        page.file(values, "host_name", found[1])
        page.file(values, "uptime", found[2])
        return
    for key, shape in _ONE_LINERS.items():
        if found := shape.fullmatch(line):
            page.file(values, key, found[1])
            return
    page.settle(line)


def _seconds(page: Page, text: str | None) -> int | None:
    if text is None:
        return None
    if _SPAN.sub("", text).strip(", "):
        page.unclear("uptime", text, "a number of weeks, days, hours and minutes")
        return None
    return sum(int(found[1]) * _SECONDS[found[2]] for found in _SPAN.finditer(text))


def tell(data: Version) -> Iterator[Told]:
    """Facts."""
    yield from words(FactName.RELEASE, data.release)
    yield from words(FactName.PLATFORM, data.platform)
    yield from words(FactName.HOST_NAME, data.host_name)
    if data.platform and data.serial:
        named = f"PID:{data.platform},SN:{data.serial}"
        yield Told(FactName.UDI, named, kind=FactKind.DERIVED)


COMMAND: Final = Command(
    name="show version",
    patterns=(_XE, _IOS, _UPTIME, _BOARD, _PLATFORM),
    read=read,
    tell=tell,
)
