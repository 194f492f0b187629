"""SNMPv2-MIB: release of sysDescr, name, and since when the device is up.

Source: RFC 3418; forms of sysDescr of IOS XE 16.3 to 17.18.
"""

import re
from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.release import normal
from monitor.parse.snmp.bindings import Bindings
from monitor.parse.snmp.told import Asked, Told

DESCR: Final = "1.3.6.1.2.1.1.1.0"
UPTIME: Final = "1.3.6.1.2.1.1.3.0"
NAME: Final = "1.3.6.1.2.1.1.5.0"
TICKS: Final = 100
"""Of sysUpTime in a second."""

_CISCO = re.compile(r"Cisco IOS(?:[ -]XE)? Software[ ,]")
_VERSION = re.compile(r"\bVersion (\d[^,\s\[]{2,40})", re.ASCII)


def told(values: Bindings, asked: Asked) -> Iterator[Told]:
    """Release and host name, and the start where the description was asked for too."""
    descr, name, ticks = values.text(DESCR), values.text(NAME), values.number(UPTIME)
    if descr is not None:
        release = release_of(descr)
        if release is not None:
            yield Told(FactName.RELEASE, release, text=descr.splitlines()[0])
        if ticks is not None:
            yield Told(FactName.BOOTED, int(asked.received - ticks / TICKS))
    if name:
        yield Told(FactName.HOST_NAME, name)


def release_of(descr: str) -> str | None:
    """`17.6.3a` of a description of IOS XE, normalised; None for other devices."""
    if _CISCO.match(descr) is None:
        return None
    found = _VERSION.search(descr)
    return None if found is None else normal(found[1])
