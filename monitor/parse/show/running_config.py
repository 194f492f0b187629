"""`show running-config`: licensing, transport, redundancy, logging, SNMP and gNMI lines of it.

Everything else is read past. Passwords, keys, communities and tokens never leave this reader, and
no line is quoted that may hold one. What is missing is known to be missing only where the whole
configuration was shown, from `Current configuration` to `end`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from monitor.domain.facts import FactKind, FactName
from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.parse.show.license_data import Udi
from monitor.parse.show.output import Command, Told, count, words
from monitor.parse.show.page import Page
from monitor.parse.show.running_config_data import (
    BorderElement,
    ClockZone,
    HttpClient,
    Interfaces,
    Logging,
    Names,
    Platform,
    RunningConfig,
    Smart,
    Snmp,
)
from monitor.parse.show.running_config_lines import Kept
from monitor.parse.show.running_config_sections import Sections, interface_key

_BUILDING = re.compile(r"Building configuration\.{0,3}", re.IGNORECASE)
_CURRENT = re.compile(r"Current configuration ?: ?\d{1,9} bytes", re.IGNORECASE)
_MARKS: Final = (
    _BUILDING,
    _CURRENT,
    re.compile(r"license (?:smart (?:transport|url|proxy|usage)|boot|accept) \S.{0,300}", re.I),
    re.compile(r"ip (?:name-server|http client source-interface) \S.{0,200}", re.IGNORECASE),
    re.compile(r"mode border-element(?: .{0,80})?", re.IGNORECASE),
    re.compile(r"(?:clock timezone|logging host|service timestamps) \S.{0,200}", re.IGNORECASE),
    # A secret that follows a strange line must find its way here, where it is dropped.
    re.compile(r"(?:snmp-server|username|tacacs-server|radius-server|crypto) \S.{0,2000}", re.I),
    re.compile(r"(?:enable|no) (?:secret|password|service|ip|aaa|snmp-server) \S.{0,2000}", re.I),
)
_CAPACITY = re.compile(r"capacity (\d{1,7})", re.IGNORECASE)
_PERIOD = re.compile(r"periodicity (minutes|mins|hours|days) (\d{1,5})", re.IGNORECASE)
_UNITS: Final = {"minutes": MINUTE, "mins": MINUTE, "hours": HOUR, "days": DAY}


def read(page: Page) -> RunningConfig:
    """What is kept of the configuration."""
    kept, sections = Kept(), Sections()
    head = end = False
    for line in page:
        head = head or _CURRENT.fullmatch(line) is not None
        end = end or line.lower() == "end"
        # A heading is looked for first: it ends the section above it.
        known = sections.take(page, line) or kept.take(page, line)
        if not known:
            page.settle(line)
    return RunningConfig(
        whole=True if head and end else None,
        host_name=kept.ones.get("host_name"),
        udi=_udi(kept.ones.get("udi")),
        names=_names(kept),
        clock_zone=_zone(kept.ones),
        ntp_servers=kept.all("ntp"),
        http_client=_http_client(kept, sections),
        smart=_smart(kept),
        platform=_platform(kept),
        call_home=sections.profiles,
        logging=_logging(kept),
        snmp=_snmp(kept),
        interfaces=_interfaces(kept),
        redundancy_mode=sections.ones.get("redundancy mode"),
        redundancy_groups=sections.groups,
        border_element=_border_element(kept.ones.get("border_element")),
        redundancy_group=_whole_number(sections.ones.get("redundancy-group")),
        voip_shutdown=True if "voip shutdown" in sections.ones else None,
        sip_stopped=True if "sip stopped" in sections.ones else None,
        unparsed=page.unparsed,
    )


def _whole_number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _udi(said: str | None) -> Udi | None:
    if said is None:
        return None
    pid, _, serial = said.split()
    return Udi(pid=pid, sn=serial)


def _names(kept: Kept) -> Names | None:
    if not kept.any("name_server", "lookup", "no_lookup"):
        return None
    servers = [server for line in kept.all("name_server") for server in line.split()]
    lookup = False if "no_lookup" in kept.ones else kept.said("lookup")
    return Names(servers=tuple(dict.fromkeys(servers)), lookup=lookup)


def _zone(ones: Mapping[str, str]) -> ClockZone | None:
    zone = ones.get("zone")
    if zone is None:
        return None
    word, hours, *minutes = zone.split()
    east = abs(int(hours)) * HOUR + (int(minutes[0]) * MINUTE if minutes else 0)
    return ClockZone(
        word=word,
        offset_seconds=-east if hours.startswith("-") else east,
        summer_word=ones.get("summer"),
    )


def _http_client(kept: Kept, sections: Sections) -> HttpClient | None:
    source = kept.ones.get("http_source")
    if source is None:
        return None
    port = sections.interfaces.get(interface_key(source))
    return HttpClient(source_interface=source, state=None if port is None else port.state)


def _smart(kept: Kept) -> Smart | None:
    ones = kept.ones
    keys = ("transport", "url", "proxy_address", "proxy_port", "interval", "reservation", "vrf")
    if not kept.any(*keys):
        return None
    return Smart(
        transport=ones["transport"].lower() if "transport" in ones else None,
        urls=dict(_url(line) for line in kept.all("url")),
        proxy_address=ones.get("proxy_address"),
        proxy_port=ones.get("proxy_port"),
        usage_interval_days=_whole_number(ones.get("interval")),
        reservation=kept.said("reservation"),
        vrf=ones.get("vrf"),
    )


def _url(line: str) -> tuple[str, str]:
    first, _, second = line.partition(" ")
    return (first.lower(), second) if second else ("", first)


def _platform(kept: Kept) -> Platform | None:
    if not kept.any("accepted", "boot_level"):
        return None
    return Platform(accepted=kept.said("accepted"), boot_levels=kept.all("boot_level"))


def _logging(kept: Kept) -> Logging | None:
    ones = kept.ones
    keys = ("logging_host", "origin_id", "trap", "logging_source", "timestamps", "sequence_numbers")
    if not kept.any(*keys):
        return None
    return Logging(
        hosts=kept.all("logging_host"),
        origin_id=ones.get("origin_id"),
        trap=ones.get("trap"),
        source_interface=ones.get("logging_source"),
        timestamps=kept.all("timestamps"),
        sequence_numbers=kept.said("sequence_numbers"),
    )


def _snmp(kept: Kept) -> Snmp | None:
    if not kept.any("snmp_host", "snmp_user", "snmp_group", "snmp_trap", "snmp_community"):
        return None
    return Snmp(
        hosts=kept.all("snmp_host"),
        users=kept.all("snmp_user"),
        groups=kept.all("snmp_group"),
        traps=tuple(kind or "all" for kind in kept.all("snmp_trap")),
        communities=len(kept.all("snmp_community")),
    )


def _interfaces(kept: Kept) -> Interfaces | None:
    if not kept.any("gnmi", "netconf", "restconf"):
        return None
    return Interfaces(
        gnmi=tuple(words or "on" for words in kept.all("gnmi")),
        netconf=kept.said("netconf"),
        restconf=kept.said("restconf"),
    )


def _border_element(said: str | None) -> BorderElement | None:
    if said is None:
        return None
    capacity, period = _CAPACITY.search(said), _PERIOD.search(said)
    seconds = int(period[2]) * _UNITS[period[1].lower()] if period else None
    exact_hours = seconds is not None and seconds % HOUR == 0
    return BorderElement(
        capacity=int(capacity[1]) if capacity else None,
        period_hours=seconds // HOUR if seconds is not None and exact_hours else None,
        period_minutes=None if seconds is None or exact_hours else seconds // MINUTE,
    )


def tell(data: RunningConfig) -> Iterator[Told]:
    """Facts; None where the whole configuration has no such line."""
    if data.whole:
        yield Told(FactName.CONFIG_WHOLE, value=True)
    yield from words(FactName.HOST_NAME, data.host_name)
    if data.udi is not None:
        named = f"PID:{data.udi.pid},SN:{data.udi.sn}"
        yield Told(FactName.UDI, named, kind=FactKind.DERIVED)
    servers = " ".join(data.names.servers) if data.names else ""
    yield from _or_none(data, FactName.CONFIG_NAME_SERVERS, servers)
    lookup = data.names.lookup if data.names else None
    # It is on unless it is switched off, and then there is no line.
    yield from count(FactName.CONFIG_DOMAIN_LOOKUP, lookup if lookup is False else data.whole)
    yield from _of_http_client(data)
    yield from _of_smart(data)
    yield from _or_none(
        data,
        FactName.CONFIG_BOOT_LEVEL,
        ", ".join(data.platform.boot_levels if data.platform else ()),
    )
    yield from _of_border_element(data)
    for profile in data.call_home:
        yield from count(FactName.CALL_HOME_ACTIVE, profile.active, profile.name)
        yield from words(
            FactName.CALL_HOME_URL, " ".join(profile.destinations) or None, profile.name
        )


def _or_none(data: RunningConfig, name: FactName, value: str | None) -> Iterator[Told]:
    if value or data.whole:
        yield Told(name, value or None)


def _of_http_client(data: RunningConfig) -> Iterator[Told]:
    client = data.http_client
    if client is None:
        yield from _or_none(data, FactName.CONFIG_HTTP_SOURCE, None)
    else:
        yield Told(FactName.CONFIG_HTTP_SOURCE, client.source_interface)
        yield from words(FactName.CONFIG_HTTP_SOURCE_STATE, client.state)


def _of_smart(data: RunningConfig) -> Iterator[Told]:
    smart = data.smart or Smart(urls={})
    yield from _or_none(data, FactName.CONFIG_TRANSPORT, smart.transport)
    for kind, url in smart.urls.items():
        yield Told(FactName.CONFIG_URL, url, kind)
    if not smart.urls:
        yield from _or_none(data, FactName.CONFIG_URL, None)
    # Lines of `license smart` are shown together, so that of two that belong together both are.
    if data.whole or (data.smart and (smart.transport or smart.urls)):
        yield Told(FactName.PROXY_ADDRESS, smart.proxy_address)
        yield Told(FactName.PROXY_PORT, smart.proxy_port)
    if smart.reservation or data.whole:
        yield Told(FactName.CONFIG_RESERVATION, bool(smart.reservation))


def _of_border_element(data: RunningConfig) -> Iterator[Told]:
    element = data.border_element
    if element is not None or data.whole:
        yield Told(FactName.CONFIG_BORDER_ELEMENT, element is not None)
    if element is not None:
        minutes = element.period_minutes
        hours = element.period_hours if minutes is None else minutes / 60
        yield Told(FactName.CONFIG_PERIOD_HOURS, hours)


COMMAND: Final = Command(
    name="show running-config",
    patterns=_MARKS,
    read=read,
    tell=tell,
)
