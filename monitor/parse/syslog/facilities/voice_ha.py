"""%VOICE_HA: voice high availability; STATUS lines at boot, a take-over as SWITCHOVER_IND."""

import re

from monitor.domain.events import Event, Notice, Other, Redundancy
from monitor.parse.syslog.message import Message

_ROLE = re.compile(r"\bto (?P<role>active|standby)", re.ASCII | re.IGNORECASE)


def parse(message: Message) -> Event:
    """One event."""
    if message.name == "STATUS":
        return Notice(mnemonic=message.mnemonic or "")
    if message.name == "SWITCHOVER_IND":
        found = _ROLE.search(message.text[:255])
        return Redundancy(change="switchover", role=found["role"].lower() if found else None)
    return Other(mnemonic=message.mnemonic or "")
