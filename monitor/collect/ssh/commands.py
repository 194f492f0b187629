"""Everything that is ever typed on a device: an allow-list, so that nothing else can be sent."""

from enum import StrEnum
from typing import Final


class Show(StrEnum):
    """The commands whose output is read."""

    CLOCK = "show clock"
    VERSION = "show version"
    LICENSE_STATUS = "show license status"
    LICENSE_USAGE = "show license usage"
    CUBE_STATUS = "show cube status"
    VOICE_LICENSE_STATUS = "show voice sip license status"


class Setup(StrEnum):
    """What is typed first, so that output comes whole: no paging, no wrapped lines."""

    NO_PAGING = "terminal length 0"
    WIDE = "terminal width 511"


Line = Show | Setup

POLLED: Final = (
    Show.VERSION,
    Show.LICENSE_STATUS,
    Show.LICENSE_USAGE,
    Show.CUBE_STATUS,
    Show.VOICE_LICENSE_STATUS,
)
