"""What a router could tell besides its command line, by platform, release and configuration.

Source: the YANG capabilities Cisco publishes for IOS XE 17.3.1 to 26.1.1, by platform.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.domain.release import Rank, rank
from monitor.parse.show.running_config_data import RunningConfig

_NEVER: Final[Rank] = (9999, 0, 0, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """Routers that offer the same."""

    pids: re.Pattern[str]
    calls: Rank
    """First release whose models hold the number of calls."""
    gnmi: bool
    """Whether it says that gNMI can be configured; where not, RESTCONF is the surer way."""


_FAMILIES: Final = (
    _Family(pids=re.compile(r"ASR1|C8500", re.I), calls=_NEVER, gnmi=True),
    _Family(pids=re.compile(r"C8000V", re.I), calls=(17, 15, 1, ""), gnmi=True),
    _Family(pids=re.compile(r"CSR1000V", re.I), calls=_NEVER, gnmi=True),
    _Family(pids=re.compile(r"C83|C82", re.I), calls=(17, 6, 1, ""), gnmi=False),
    _Family(pids=re.compile(r"ISR4|ISR1|C11", re.I), calls=(17, 3, 1, ""), gnmi=False),
)
_LICENCES: Final[Rank] = (17, 3, 1, "")
_DEADLINE: Final[Rank] = (17, 5, 1, "")
_GROUP: Final[Rank] = (17, 15, 1, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One way, what it would tell, and whether the router is set up for it (None: not known)."""

    way: str
    tells: str
    configured: bool | None
    type: str = ""
    """What switches it on."""


def offers(platform: str, release: str | None, config: RunningConfig | None) -> Iterator[Offer]:
    """Every way there is besides SSH; nothing is promised for platforms that are not known."""
    yield _syslog(config)
    yield _snmp(config)
    number = rank(release)
    family = next((one for one in _FAMILIES if one.pids.search(platform)), None)
    if number is None or family is None or number < _LICENCES:
        return
    tells = ", ".join(_modelled(family, number))
    if family.gnmi:
        yield Offer(
            way="gNMI",
            tells=tells,
            configured=_said(config, "gnmi"),
            type="gnxi / gnxi secure-server",
        )
    yield Offer(way="RESTCONF", tells=tells, configured=_said(config, "restconf"), type="restconf")


def _syslog(config: RunningConfig | None) -> Offer:
    hosts = None if config is None else bool(config.logging and config.logging.hosts)
    return Offer(
        way="syslog",
        tells="licence requests, reminders, changes of role, as they happen",
        configured=hosts if hosts or _is_whole(config) else None,
        type="logging host <this monitor> / logging origin-id hostname",
    )


def _snmp(config: RunningConfig | None) -> Offer:
    there = config is not None and config.snmp is not None
    users = there and config is not None and config.snmp is not None and bool(config.snmp.groups)
    return Offer(
        way="SNMP",
        tells="days without acknowledgement, counts by tag, calls of the last minute",
        configured=users if there or _is_whole(config) else None,
        type="snmp-server group <name> v3 priv / snmp-server user ...",
    )


def _modelled(family: _Family, number: Rank) -> Iterator[str]:
    yield "licence counts and state"
    if number >= _DEADLINE:
        yield "acknowledgement deadline"
    if number >= family.calls:
        yield "calls each few seconds"
    if number >= _GROUP:
        yield "role in the redundancy group"


def _said(config: RunningConfig | None, way: str) -> bool | None:
    found = None if config is None or config.interfaces is None else config.interfaces
    value = getattr(found, way, None)
    return bool(value) if value or _is_whole(config) else None


def _is_whole(config: RunningConfig | None) -> bool:
    return config is not None and config.whole is True
