"""%CUBE: licence requests, and LICENSING notices.

Source: Cisco's chapter "CUBE Smart Licensing", section "Syslog Messages".
"""

import re
from typing import Final

from monitor.domain.events import Event, LicenseRequest, Other
from monitor.parse.syslog.facilities import sip
from monitor.parse.syslog.message import Message

_TAGS: Final = {"standard": "CUBE_T_STD", "enhanced": "CUBE_T_ENH", "redundant": "CUBE_T_RED"}
_REQUEST = re.compile(
    r"Requesting for (\d{1,9}) CUBE (\S.{0,63}?) trunk licen[cs]e", re.ASCII | re.IGNORECASE
)


def parse(message: Message) -> Event:
    """One event; a request cut short says nothing that can be counted and is kept as it is."""
    if message.name == "LICENSING":
        return sip.licensing(message)
    found = _REQUEST.match(message.text) if message.name == "LICENSE_INFO" else None
    if found is None:
        return Other(mnemonic=message.mnemonic or "")
    trunk = found[2]
    return LicenseRequest(tag=_TAGS.get(trunk.lower()), count=int(found[1]), trunk=trunk)
