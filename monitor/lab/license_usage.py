"""What a virtual CUBE prints about its licences in use, its version and its calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.domain.tags import TagKind, kind_of
from monitor.lab.stamps import Zone, in_voice_output

_WORDS: Mapping[TagKind, str] = {
    TagKind.STANDARD: "Standard",
    TagKind.ENHANCED: "Enhanced",
    TagKind.REDUNDANT: "Redundant",
}
_RULE = "-" * 59


def trunk_word(tag: str) -> str:
    """Standard, Enhanced or Redundant."""
    kind = kind_of(tag)
    return "" if kind is None else _WORDS.get(kind, "")


def license_usage(counts: Mapping[str, int], *, before_policy: bool) -> str:
    """`show license usage`; `counts` is licences by tag."""
    opening = "License Authorization:\n  Status: Not Applicable\n"
    status = "AUTHORIZED" if before_policy else "IN USE"
    blocks = [_entitlement(tag, count, status) for tag, count in counts.items()]
    if before_policy:
        opening = "License Authorization:\n  Status: AUTHORIZED\n"
    return "\n".join([opening, *(blocks or ["No licenses in use\n"])])


def _entitlement(tag: str, count: int, status: str) -> str:
    tail = ""
    if status == "IN USE":
        tail = f"""  Feature Name: {tag}
  Feature Description: {tag}
  Enforcement type: NOT ENFORCED
  License type: Perpetual
"""
    return f"""CUBE_Trunk_{trunk_word(tag)}_Session ({tag}):
  Description: Cisco Unified Border Element (CUBE) Trunk {trunk_word(tag)} Session License
  Count: {count}
  Version: 1.0
  Status: {status}
  Export status: NOT RESTRICTED
{tail}"""


def cube_status(
    release: str, cube_version: str, platform: str, *, dynamic: int | None, ha_type: str = "none"
) -> str:
    """`show cube status`; `dynamic` is the usage count that 17.15.1a and later add."""
    lines = [
        f"CUBE-Version : {cube_version}",
        f"SW-Version : {release}, Platform {platform}",
        f"HA-Type : {ha_type}",
    ]
    if dynamic is not None:
        lines.append(f"Dynamic License Usage Count : {dynamic}")
    return "\n".join(lines) + "\n"


def capacity(release: str, cube_version: str, platform: str, licensed: int) -> str:
    """`show cube status` before 17.2.1r."""
    return cube_status(release, cube_version, platform, dynamic=None) + (
        f"Licensed-Capacity : {licensed}\nCalls blocked (Smart Licensing Eval Expired) : 0\n"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A row of a recent list: seconds since 1970 UTC and licences."""

    at: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePage:
    """All that `show voice sip license status` shows."""

    host_name: str
    zone: Zone
    now: float
    period_hours: int
    next_record: int
    recent: Mapping[str, Sequence[Recorded]]
    """Tag -> records, newest first."""
    before_policy: bool = False


def voice_license_status(page: VoicePage) -> str:
    """`show voice sip license status`."""
    period = page.period_hours
    every = f"{period // 24} Day(s)" if period % 24 == 0 else f"{period} Hour(s)"
    interval, next_at = "License use recorded every", "Next record at"
    if page.before_policy:
        interval, next_at = "License request interval", "Next request at"
    head = f"""Host Name: {page.host_name}
Current Time: {in_voice_output(page.zone, int(page.now))}
SIP service: Up
{interval}: {every}
{next_at}: {in_voice_output(page.zone, page.next_record)}
"""
    return head + "".join(_recent(page, tag, rows) for tag, rows in page.recent.items())


def _recent(page: VoicePage, tag: str, rows: Sequence[Recorded]) -> str:
    title, header, result = "Recent use of license(s)", "Timestamp Count", ""
    if page.before_policy:
        title, header, result = "Recent request(s)", "Timestamp Count Result", " Authorized"
    lines = [
        f"{title} for CUBE {trunk_word(tag)} Trunk",
        _RULE,
        header,
        _RULE,
        *(f"{in_voice_output(page.zone, row.at)} {row.count}{result}" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def version(host_name: str, release: str, platform: str, serial: str) -> str:
    """`show version`, as much of it as says who and what."""
    return f"""Cisco IOS XE Software, Version {release}
Cisco IOS Software, Virtual XE Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version {release}, \
RELEASE SOFTWARE (fc1)

{host_name} uptime is 6 weeks, 1 day, 3 hours, 20 minutes

cisco {platform} (VXE) processor (revision VXE) with 2105342K/3075K bytes of memory.
Processor board ID {serial}
"""
