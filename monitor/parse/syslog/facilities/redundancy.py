"""%REDUNDANCY: the standby processor of a router comes and goes.

Source: Cisco IOS XE system messages: STANDBY_LOST, PEER_MONITOR_EVENT, SWITCHOVER.
"""

from typing import Final

from monitor.domain.events import Event, Other, Redundancy
from monitor.parse.syslog.message import Message

_LONGEST: Final = 255
_BY_NAME: Final = {
    "STANDBY_LOST": "peer_lost",
    "SWITCHOVER": "switchover",
    "PEER_MONITOR_EVENT": "",
}


def parse(message: Message) -> Event:
    """One event."""
    known = message.name in _BY_NAME
    change = _BY_NAME.get(message.name) or _monitored(message.text[:_LONGEST])
    if not known or not change:
        return Other(mnemonic=message.mnemonic or "")
    return Redundancy(change=change)


def _monitored(text: str) -> str:
    """`raw-event=PEER_FOUND(4)` against PEER_NOT_PRESENT, PEER_DOWN, PEER_REDUNDANCY_STATE_..."""
    if "PEER_FOUND" in text or "insertion" in text:
        return "peer_found"
    lost = ("PEER_NOT_PRESENT", "PEER_DOWN", "removal")
    return "peer_lost" if any(word in text for word in lost) else ""
