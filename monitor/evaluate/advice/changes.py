"""What changed with which release of IOS XE: one dated table, and the part between two releases.

Sources: Cisco's chapter "CUBE Smart Licensing" and its later editions (guide for 17.6 onwards),
Cisco's YANG modules as published by release, Cisco field notices.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from monitor.domain.release import rank


class Area(StrEnum):
    """What a change is about."""

    TRUST = "trust"
    """How a router and CSSM come to know each other."""
    COUNTING = "counting"
    TAGS = "tags"
    LAYOUT = "layout"
    """What a command prints."""
    TELEMETRY = "telemetry"
    TRANSPORT = "transport"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change; `since` is the first release with it, `command` the one whose layout it is."""

    since: str
    area: Area
    text: str
    source: str
    command: str = ""


_CHAPTER: Final = "Cisco's chapter"
_GUIDE: Final = "Cisco's CUBE guide, IOS XE 17.6 onwards"
_YANG: Final = "Cisco's YANG modules of that release"


def _layout(since: str, command: str, text: str, source: str = _CHAPTER) -> Change:
    return Change(since=since, area=Area.LAYOUT, text=text, source=source, command=command)


CHANGES: Final[tuple[Change, ...]] = (
    Change(
        since="16.11.1a",
        area=Area.TRUST,
        text="CUBE uses Smart Licensing: the router is registered with `license smart register`.",
        source=f"{_CHAPTER}, Associate the Host Platform with CSSM",
    ),
    Change(
        since="16.12.1a",
        area=Area.TRUST,
        text="Licences may be reserved (SLR).",
        source=_GUIDE,
    ),
    Change(
        since="17.1.1",
        area=Area.TELEMETRY,
        text="Active call legs come over YANG (voice-oper, active-voip-call-summary).",
        source=_YANG,
    ),
    Change(
        since="17.2.1r",
        area=Area.COUNTING,
        text="Sessions are counted as they are used; `mode border-element license capacity` is"
        " ignored.",
        source=f"{_CHAPTER}, Smart Licensing with CUBE Box-to-Box High Availability",
    ),
    _layout("17.2.1r", "show cube status", "Licensed-Capacity and Calls blocked are gone."),
    Change(
        since="17.3.2",
        area=Area.TRUST,
        text="Smart Licensing Using Policy: `license smart trust` takes the place of `license smart"
        " register`, usage is reported and must be acknowledged, the evaluation period ends, and"
        " reservations of CUBE licences no longer count.",
        source=f"{_CHAPTER}, Associate the Host Platform with CSSM",
    ),
    Change(
        since="17.3.2",
        area=Area.TRANSPORT,
        text="SSM On-Prem must be 8-202102 or later.",
        source=f"{_CHAPTER}, Smart License Operation, note",
    ),
    Change(
        since="17.3.2",
        area=Area.COUNTING,
        text="The licence periodicity is 8 to 23 hours or 1 to 30 days; minutes are gone.",
        source=f"{_CHAPTER}, Configure CUBE Licensed Features",
    ),
    _layout(
        "17.3.2",
        "show license status",
        "Registration and License Authorization give way to Policy, Usage Reporting and Trust Code"
        " Installed (first layout: `Reporting Interval: 30`, `Last report pull`).",
    ),
    _layout(
        "17.3.2",
        "show voice sip license status",
        "`License use recorded every`, `Next record at` and no Result column, in place of requests"
        " and their results.",
        _GUIDE,
    ),
    _layout("17.3.2", "show license usage", "Status is IN USE in place of AUTHORIZED."),
    _layout(
        "17.3.3",
        "show license status",
        "`Reporting push interval: 30  days`, Account Information, attributes named"
        " Unenforced/Non-Export.",
        "Captures of Smart Agent 5.3 and later",
    ),
    Change(
        since="17.4.1",
        area=Area.TELEMETRY,
        text="Trust codes and the transport types cslu, off and automatic come over YANG"
        " (cisco-smart-license).",
        source=_YANG,
    ),
    Change(
        since="17.5.1",
        area=Area.TELEMETRY,
        text="The acknowledgement deadline comes over YANG (rum-ack), and so do policy and the"
        " states of reports.",
        source=_YANG,
    ),
    Change(
        since="17.6.1a",
        area=Area.COUNTING,
        text="Calls forked over WebSocket count as Enhanced; H.323 is gone.",
        source=f"{_CHAPTER}, Smart License Operation, note",
    ),
    Change(
        since="17.6.1a",
        area=Area.COUNTING,
        text="Use is recorded as it changes, every 8 hours, and reported at most once in 24 hours.",
        source=_GUIDE,
    ),
    _layout(
        "17.9.1",
        "show license rum id all",
        "Usage reports can be listed.",
        "Cisco's technical notes for Catalyst 9800",
    ),
    Change(
        since="17.15.1a",
        area=Area.TELEMETRY,
        text="Roles of redundancy groups come over YANG (rg-oper).",
        source=_YANG,
    ),
    _layout("17.15.1a", "show cube status", "`Dynamic License Usage Count` is printed.", _GUIDE),
    _layout(
        "17.15.1a",
        "show license all",
        "Licences in use name the pair's members (Application HA Info, Peer Info).",
        _GUIDE,
    ),
    Change(
        since="17.18.1a",
        area=Area.TAGS,
        text="CUBE_T_STD and CUBE_T_ENH become CUBE_TS_STD and CUBE_TS_ENH (Collaboration Flex): in"
        " CSSM one licence falls to 0 and another appears; own the new tag before.",
        source=_GUIDE,
    ),
    _layout(
        "17.18.1a",
        "show license status",
        "A telemetry report summary stands behind the status.",
        _GUIDE,
    ),
)
"""In the order of releases."""

RENAMED: Final = {"CUBE_T_STD": "CUBE_TS_STD", "CUBE_T_ENH": "CUBE_TS_ENH"}
"""Tags before and from 17.18.1a; what becomes of CUBE_T_RED and CUBE_T_VGW is not documented."""
_RENAMED_SINCE: Final = "17.18.1a"


def changes(from_release: str, to_release: str) -> tuple[Change, ...]:
    """What lies between two releases, whichever is the later; nothing where one is unclear."""
    start, end = rank(from_release), rank(to_release)
    if start is None or end is None:
        return ()
    low, high = sorted((start, end))
    return tuple(one for one in CHANGES if low < (rank(one.since) or low) <= high)


def renamed(tag: str, from_release: str, to_release: str) -> str:
    """What a tag in use is called after the change of release."""
    start, end, since = rank(from_release), rank(to_release), rank(_RENAMED_SINCE)
    if start is None or end is None or since is None:
        return tag
    if start < since <= end:
        return RENAMED.get(tag, tag)
    back = {new: old for old, new in RENAMED.items()}
    return back.get(tag, tag) if end < since <= start else tag
