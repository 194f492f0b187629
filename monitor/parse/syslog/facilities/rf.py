"""%RF: the redundancy facility: terminal state reached, peer reloaded.

Source: Cisco IOS XE system messages RF_TERMINAL_STATE and RF_RELOAD.
"""

from typing import Final

from monitor.domain.events import Event, Other, Redundancy
from monitor.parse.syslog.message import Message

_BY_NAME: Final = {"RF_TERMINAL_STATE": "standby_ready", "RF_RELOAD": "peer_reload"}


def parse(message: Message) -> Event:
    """One event."""
    change = _BY_NAME.get(message.name)
    return Redundancy(change=change) if change else Other(mnemonic=message.mnemonic or "")
