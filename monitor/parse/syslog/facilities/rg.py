"""%RG_PROTOCOL, %RG_MEDIA, %RG_VP: redundancy groups of box-to-box pairs.

Texts differ between releases, so roles are told by their words.
"""

import re
from typing import Final

from monitor.domain.events import Event, Other, Redundancy
from monitor.parse.syslog.message import Message

_ROLE = re.compile(r"\bto (?P<role>active|standby|init|disabled|suspend)", re.ASCII | re.IGNORECASE)
_BY_NAME: Final = {
    "ROLECHANGE": "role_changed",
    "TIMEREXPIRED": "peer_lost",
    "STANDBY_READY": "standby_ready",
}


def parse(message: Message) -> Event:
    """One event."""
    change = _BY_NAME.get(message.name)
    if change is None:
        return Other(mnemonic=message.mnemonic or "")
    found = _ROLE.search(message.text[:255]) if change == "role_changed" else None
    return Redundancy(change=change, role=found["role"].lower() if found else None)
