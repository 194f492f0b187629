"""What licence messages say: one module per Cisco facility, one line each in FACILITIES."""

from collections.abc import Callable, Mapping
from typing import Final

from monitor.domain.events import Event, Repeated
from monitor.parse.syslog.facilities import (
    call_home,
    cube,
    cube_sl,
    iosxe_redundancy,
    redundancy,
    rf,
    rg,
    sip,
    smart_lic,
    voice_ha,
)
from monitor.parse.syslog.message import DEBUG_FACILITY, DEBUG_MARK, Message

FACILITIES: Final[Mapping[str, Callable[[Message], Event]]] = {
    "CALL_HOME": call_home.parse,
    "CUBE": cube.parse,
    DEBUG_FACILITY: cube_sl.parse,
    "IOSXE_REDUNDANCY": iosxe_redundancy.parse,
    "REDUNDANCY": redundancy.parse,
    "RF": rf.parse,
    "RG": rg.parse,
    "SIP": sip.parse,
    "SMART_LIC": smart_lic.parse,
    "VOICE_HA": voice_ha.parse,
}

ONLY: Final[Mapping[str, frozenset[str]]] = {"SIP": frozenset({"LICENSING"})}
"""Facilities of which few messages are about licences; their others are of no concern here."""

_XR = "LICENSE-"
_GROUP = "RG_"


def licence_facility(message: Message) -> str | None:
    """The key in FACILITIES that a message belongs to; None for messages of no concern here.

    IOS XR writes `LICENSE-SMART_LIC`, a standby processor `SMART_LIC-STBY`; redundancy groups are
    `RG_PROTOCOL`, `RG_MEDIA`, `RG_VP` and others.
    """
    if message.facility is None:
        return DEBUG_FACILITY if message.text.startswith(DEBUG_MARK) else None
    word = message.facility.removeprefix(_XR).partition("-")[0]
    key = "RG" if word.startswith(_GROUP) else word
    if key not in FACILITIES or key == DEBUG_FACILITY:
        return None
    return key if message.name in ONLY.get(key, {message.name}) else None


def events(message: Message) -> tuple[Event, ...]:
    """What a message says; empty for messages of facilities that are of no concern here."""
    if message.repeated is not None:
        return (Repeated(count=message.repeated),)
    key = licence_facility(message)
    return () if key is None else (FACILITIES[key](message),)
