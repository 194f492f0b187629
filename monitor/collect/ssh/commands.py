"""Everything that is ever typed on a device: an allow-list, so that nothing else can be sent."""

from enum import StrEnum
from typing import Final

from monitor.domain.field_notice import mended
from monitor.domain.release import is_before, rank


class Show(StrEnum):
    """The commands whose output is read."""

    CLOCK = "show clock"
    VERSION = "show version"
    LICENSE_STATUS = "show license status"
    LICENSE_USAGE = "show license usage"
    LICENSE_SUMMARY = "show license summary"
    LICENSE_UDI = "show license udi"
    LICENSE_ALL = "show license all"
    LICENSE_TECH_SUPPORT = "show license tech support"
    LICENSE_RUM_ALL = "show license rum id all"
    LICENSE_RUM_DETAIL = "show license rum id detail"
    CUBE_STATUS = "show cube status"
    VOICE_LICENSE_STATUS = "show voice sip license status"
    VOICE_LICENSE_STATS = "show voice sip license stats"
    REDUNDANCY_STATES = "show redundancy states"
    REDUNDANCY_GROUP = "show redundancy application group"
    CALL_HOME = "show call-home smart-licensing"
    RUNNING_CONFIG = "show running-config"


class Setup(StrEnum):
    """What is typed first, so that output comes whole: no paging, no wrapped lines."""

    NO_PAGING = "terminal length 0"
    WIDE = "terminal width 511"


class Privilege(StrEnum):
    """Typed only where the prompt is `>` and the device has an enable password configured."""

    ENABLE = "enable"


Line = Show | Setup | Privilege

POLLED: Final = (
    Show.CLOCK,
    Show.VERSION,
    Show.LICENSE_STATUS,
    Show.LICENSE_USAGE,
    Show.CUBE_STATUS,
    Show.VOICE_LICENSE_STATUS,
    Show.VOICE_LICENSE_STATS,
)
"""What is polled unless `commands` says otherwise, in the order typed."""

PAIRED: Final = (Show.REDUNDANCY_STATES, Show.REDUNDANCY_GROUP)
"""Polled besides on members of a pair."""

DAILY: Final = (Show.LICENSE_RUM_ALL,)
"""Polled besides once a day, where all facts are polled, and the release knows and bears it."""
_FIRST_LISTING: Final = "17.9.1"
"""The first release with `show license rum id` (Cisco's technical notes for Catalyst 9800)."""

HOURLY: Final = frozenset({Show.VOICE_LICENSE_STATS, *PAIRED})
"""Polled each hour: the minutes of the last hour, and who is active."""

_WALKS_REPORTS: Final = frozenset(
    {
        Show.LICENSE_ALL,
        Show.LICENSE_TECH_SUPPORT,
        Show.LICENSE_RUM_ALL,
        Show.LICENSE_RUM_DETAIL,
    }
)


def lists_reports(release: str | None) -> bool:
    """Whether the release knows the commands of DAILY; False for an unknown one."""
    return rank(release) is not None and not is_before(release, _FIRST_LISTING)


def bearable(command: Show, release: str | None) -> bool:
    """Whether the command may be typed on that release; None is an unknown one.

    Commands that walk all usage reports are kept from releases on which unacknowledged reports
    pile up until processor and memory run out (Cisco field notice FN72578), and from releases that
    are not known yet.

    >>> bearable(Show.LICENSE_ALL, "17.6.4"), bearable(Show.LICENSE_ALL, "17.6.5")
    (False, True)
    """
    if command not in _WALKS_REPORTS:
        return True
    return rank(release) is not None and mended(release) is None
