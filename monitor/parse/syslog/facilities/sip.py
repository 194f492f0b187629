"""%SIP-n-LICENSING and %CUBE-n-LICENSING: SIP service stopped or resumed by licensing, notices.

Cisco documents no text for the stop itself (it happens on releases named in the chapter's warning),
so it is told by its words, whatever the severity. The boot notice of 17.12 has severity 3 and is
informative.
"""

import re

from monitor.domain.events import Event, Notice, ReportingPeriod, SipService
from monitor.domain.instants import DAY, HOUR
from monitor.parse.syslog.message import Message

_LONGEST = 1024
_STATES = r"(?P<state>up|down|shut ?down|stopped|disabled|restored|resumed|enabled)"
_SERVICE = re.compile(
    rf"\bservices? (?:is |are |has been |have been |was |were )?(?:now )?{_STATES}\b"
    r"|\bshutting down (?:the )?(?:\w{1,16} )?services?\b",
    re.ASCII | re.IGNORECASE,
)
"""What is already so; `will be shut down` is an announcement and no state."""
_UP = frozenset({"up", "restored", "resumed", "enabled"})
_ACKNOWLEDGED = re.compile(r"\backnowledg", re.ASCII | re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|no|never|without|pending|missing|fail\w{0,8}|waiting|expired|unacknowledged)\b",
    re.ASCII | re.IGNORECASE,
)
_PERIOD = re.compile(
    r"reporting period has been set to\D{0,40}(\d{1,3}) (hour|day)", re.ASCII | re.IGNORECASE
)


def parse(message: Message) -> Event:
    """One event of %SIP-n-LICENSING; other %SIP messages are none of licensing."""
    return licensing(message)


def licensing(message: Message) -> Event:
    """SIP service up or down, a changed reporting period, or else a notice."""
    text = message.text[:_LONGEST]
    service = _SERVICE.search(text)
    if service is not None:
        state = "up" if (service["state"] or "").lower() in _UP else "down"
        return SipService(state=state, acknowledged=_acknowledged(text))
    period = _PERIOD.search(text)
    if period is not None:
        unit = DAY if period[2].lower() == "day" else HOUR
        return ReportingPeriod(hours=int(period[1]) * unit // HOUR)
    return Notice(mnemonic=message.mnemonic or "")


def _acknowledged(text: str) -> bool | None:
    if _NOT.search(text):
        return False
    return True if _ACKNOWLEDGED.search(text) else None
