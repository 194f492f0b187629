"""%CALL_HOME: the older transport of licence messages.

Source: Cisco field notice on the QuoVadis root certificate, which shows SL_MESSAGE_FAILED.
"""

import re
from typing import Final

from monitor.domain.events import CallHomeFailed, Event, Notice, Other
from monitor.parse.syslog.message import Message

_LONGEST: Final = 255
_TO = re.compile(r"message to: ?(\S{1,255})", re.ASCII)
_WHY = re.compile(r"\(([^()]{1,128})\)\s{0,8}\.?$")
_NOTICES: Final = frozenset({"CALL_HOME_ENABLED"})


def parse(message: Message) -> Event:
    """One event."""
    if message.name.endswith("_FAILED"):
        return _failed(message.text[: 2 * _LONGEST])
    if message.name in _NOTICES:
        return Notice(mnemonic=message.mnemonic or "")
    return Other(mnemonic=message.mnemonic or "")


def _failed(text: str) -> Event:
    to, why = _TO.search(text), _WHY.search(text)
    return CallHomeFailed(peer=to[1] if to else "", reason=why[1] if why else text[:_LONGEST])
