"""Times as IOS XE prints them, in the zone the router is set to."""

from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.domain.instants import rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """`clock timezone WORD ...` of a router."""

    word: str = "UTC"
    offset: int = 0
    """Seconds east of UTC."""

    def local(self, at: float) -> datetime:
        """The clock on the wall there."""
        return datetime.fromtimestamp(at + self.offset, UTC)


def in_license_output(zone: Zone, at: int | None) -> str:
    """`Dec 07 13:56:07 2021 UTC`; `<none>` where there is no such time."""
    return "<none>" if at is None else f"{zone.local(at):%b %d %H:%M:%S %Y} {zone.word}"


def in_voice_output(zone: Zone, at: int) -> str:
    """`Nov 25 2019 14:45:44 IST`."""
    return f"{zone.local(at):%b %d %Y %H:%M:%S} {zone.word}"


def in_clock_output(zone: Zone, at: float) -> str:
    """`02:50:16.120 UTC Wed Nov 13 2019`."""
    moment = zone.local(at)
    thousandths = moment.microsecond // 1000
    return (
        f"{moment:%H:%M:%S}.{thousandths:03d} {zone.word} {moment:%a %b} {moment.day} {moment.year}"
    )


def in_syslog(zone: Zone, at: float) -> str:
    """`Apr  3 15:11:54.207`, the day padded with a blank."""
    moment = zone.local(at)
    return f"{moment:%b} {moment.day:>2} {moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


def in_rfc5424(at: float) -> str:
    """`2021-04-03T15:12:00.004Z`."""
    text = rfc3339(round(at, 3))
    return text if "." in text else text.replace("Z", ".000Z")
