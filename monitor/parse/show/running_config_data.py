"""What is kept of a running configuration: licensing, transport, redundancy, logging, management.

Nothing secret is in here: no password, key, community or token, and no line as a whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.parse.show.license_data import Udi
from monitor.parse.show.page import ALL_READ, Unparsed


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockZone:
    """`clock timezone` and `clock summer-time`; offsets in seconds east of UTC."""

    word: str
    offset_seconds: int | None = None
    summer_word: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How the router finds others by name. `lookup` is False for `no ip domain lookup`."""

    servers: tuple[str, ...] = ()
    lookup: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpClient:
    """The interface reports leave by. `state`: configured, shutdown or no_address."""

    source_interface: str
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Smart:
    """Lines of `license smart`, in their words."""

    transport: str | None = None
    urls: Mapping[str, str]
    """Transport the URL is for, "" where none is said -> URL, or `default`."""
    proxy_address: str | None = None
    proxy_port: str | None = None
    usage_interval_days: int | None = None
    reservation: bool | None = None
    vrf: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Licences of the platform: `license accept`, `license boot level`."""

    accepted: bool | None = None
    boot_levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHomeProfile:
    """One profile below `call-home`."""

    name: str
    active: bool | None = None
    methods: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging:
    """Where messages go, and how they look."""

    hosts: tuple[str, ...] = ()
    origin_id: str | None = None
    trap: str | None = None
    source_interface: str | None = None
    timestamps: tuple[str, ...] = ()
    """Words behind `service timestamps`."""
    sequence_numbers: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snmp:
    """Addresses, names and kinds only; of communities nothing but how many there are."""

    hosts: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()
    communities: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interfaces:
    """Programmable interfaces: gNMI (words behind `gnxi` or `gnmi-yang`), NETCONF, RESTCONF."""

    gnmi: tuple[str, ...] = ()
    netconf: bool | None = None
    restconf: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedundancyGroup:
    """One group below `application redundancy`."""

    id: int
    name: str | None = None
    control: str | None = None
    data: str | None = None
    priority: int | None = None
    shutdown: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderElement:
    """`mode border-element`. `period_hours` is None where the periodicity is left as it is."""

    capacity: int | None = None
    period_hours: int | None = None
    period_minutes: int | None = None
    """Before Smart Licensing Using Policy a periodicity in minutes could be set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningConfig:
    """Values are None, or empty, where no line says them."""

    whole: bool | None = None
    """True where head and end of the configuration were seen: what is missing is not configured."""
    host_name: str | None = None
    udi: Udi | None = None
    """Of `license udi`."""
    names: Names | None = None
    clock_zone: ClockZone | None = None
    ntp_servers: tuple[str, ...] = ()
    http_client: HttpClient | None = None
    smart: Smart | None = None
    platform: Platform | None = None
    call_home: tuple[CallHomeProfile, ...] = ()
    logging: Logging | None = None
    snmp: Snmp | None = None
    interfaces: Interfaces | None = None
    redundancy_mode: str | None = None
    redundancy_groups: tuple[RedundancyGroup, ...] = ()
    border_element: BorderElement | None = None
    redundancy_group: int | None = None
    """`redundancy-group` below `voice service voip`: the group CUBE follows."""
    voip_shutdown: bool | None = None
    sip_stopped: bool | None = None
    """`call service stop` below `sip`."""
    unparsed: Unparsed = ALL_READ
