"""%IOSXE_REDUNDANCY: which peer the active processor sees.

Source: captures of IOS XE boots; PEER with `Active detected switch 1 as standby`.
"""

from monitor.domain.events import Event, Other, Redundancy
from monitor.parse.syslog.message import Message


def parse(message: Message) -> Event:
    """One event."""
    if message.name == "PEER" and "as standby" in message.text[:255]:
        return Redundancy(change="peer_found", role="active")
    if message.name == "PEER_LOST":
        return Redundancy(change="peer_lost", role="active")
    return Other(mnemonic=message.mnemonic or "")
