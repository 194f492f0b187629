"""Facts: what a source said about a subject, with its times.

Facts fold commutatively: any order, repetition or batching of the same facts gives the same state.
"""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

Value = bool | int | float | str | None
"""Instants are seconds since 1970 UTC. None means: the device says there is none."""


class FactKind(StrEnum):
    """How well a value is known."""

    EXACT = "exact"
    """The device printed it (command line, gNMI, RESTCONF)."""
    DERIVED = "derived"
    """Worked out, as a deadline from "in N days"."""
    INFERRED = "inferred"
    """Only a bound."""


class FactName(StrEnum):
    """What facts are about. Instants end in a word of time; `key` names a tag where said so."""

    RELEASE = "release"
    PLATFORM = "platform"
    HOST_NAME = "host_name"
    UDI = "udi"
    """`PID:<pid>,SN:<sn>`."""
    HA_TYPE = "ha_type"
    AGENT_VERSION = "agent_version"
    SMART_ACCOUNT = "smart_account"
    VIRTUAL_ACCOUNT = "virtual_account"
    TRUST_CODE = "trust_code"
    """Instant of installation, True where its time is unknown, None where there is none."""
    TRANSPORT = "transport"
    """smart, callhome, cslu, off, automatic; lower case."""
    TRANSPORT_URL = "transport_url"
    POLICY_NAME = "policy_name"
    ACK_REQUIRED = "ack_required"
    """bool."""
    ACK_DEADLINE = "ack_deadline"
    """Instant; None where nothing is due."""
    LAST_ACK = "last_ack"
    """Instant; None where never acknowledged."""
    NEXT_ACK_CHECK = "next_ack_check"
    NEXT_PUSH = "next_push"
    """Instant of the next planned report push; None where none is planned."""
    LAST_PUSH = "last_push"
    LAST_PULL = "last_pull"
    LAST_FILE_WRITE = "last_file_write"
    REPORTING_INTERVAL_DAYS = "reporting_interval_days"
    """Whole days; 0 says no reporting."""
    FIRST_REPORT_DAYS = "first_report_days"
    """key: attribute class (perpetual, subscription, enforced, export)."""
    REPORTING_FREQUENCY_DAYS = "reporting_frequency_days"
    REPORT_ON_CHANGE_DAYS = "report_on_change_days"
    COMMUNICATION = "communication"
    """"failed" or "restored"; `text` holds the reason."""
    COMMUNICATION_PEER = "communication_peer"
    """CSSM, CSLU, ... as named by the last failure or restoration."""
    REPORTING_SUPPORTED = "reporting_supported"
    """False where the On-Prem server is too old."""
    SIP_SERVICE = "sip_service"
    """"up", "down" or "shutdown" (an operator's doing, where the device says so)."""
    OUT_OF_COMPLIANCE = "out_of_compliance"
    """bool; key: tag, or empty for the whole device."""
    REGISTRATION = "registration"
    """Before Smart Licensing Using Policy: registered, unregistered, ...; lower case."""
    REGISTRATION_EXPIRES = "registration_expires"
    AUTHORIZATION = "authorization"
    """authorized, out_of_compliance, eval_mode, eval_expired, authorization_expired, ..."""
    AUTHORIZATION_DEADLINE = "authorization_deadline"
    """Communication deadline before Smart Licensing Using Policy; instant."""
    CALLS_BLOCKED = "calls_blocked"
    """Whole number; key: the reason in brackets."""
    LICENSED_CAPACITY = "licensed_capacity"
    USAGE_COUNT = "usage_count"
    """Licences a tag reports (`Count:`); key: tag. A finished number, never a reading."""
    USAGE_LISTED = "usage_listed"
    """Licences in a list of all that are in use, whole number: what it leaves out is not in use."""
    USAGE_STATUS = "usage_status"
    """`Status:` of an entitlement, lower case with underscores; key: tag."""
    DYNAMIC_USAGE_COUNT = "dynamic_usage_count"
    REQUESTED_COUNT = "requested_count"
    """Licences asked for in syslog; key: tag. A finished number, never a reading."""
    RECENT_COUNT = "recent_count"
    """Latest row of the recent list of `show voice sip license status`; key: tag."""
    PERIOD_HOURS = "period_hours"
    """Periodicity of usage measurement as the device says it."""
    PERIOD_CHANGE = "period_change"
    """A periodicity in hours that applies from an instant on; key: that instant, whole seconds."""
    PHASE_MINUTES = "phase_minutes"
    """Minutes after the whole hour at which the device's hours begin, learned once."""
    NEXT_RECORD = "next_record"
    """Instant of `Next record at` / `Next request at`."""
    ZONE_OFFSET = "zone_offset"
    """Seconds east of UTC of a zone word as the device's output explains it; key: the word."""
    CLOCK_OFFSET = "clock_offset"
    """Device clock minus ours, seconds; known only with a synchronised pair of times."""
    HA_STATE = "ha_state"
    """State of this processor or platform in the redundancy facility: active, standby_hot,
    standby_cold, disabled, ...; lower case with underscores, as the command line names it.
    key: empty for processors, `group` for a redundancy group; so for the next and communication."""
    HA_PEER_STATE = "ha_peer_state"
    """The same of its peer as this one sees it; disabled where there is no peer."""
    HA_PAIRED = "ha_paired"
    """True where a second processor of this router was seen, whatever it does now."""
    RG_ROLE = "rg_role"
    """Role in the redundancy group of a box-to-box pair: active, standby, init, ...; lower case.
    key: empty for the group, `application` for the licence agent's own word."""
    RG_PEER_ROLE = "rg_peer_role"
    """The same of its peer as this one sees it; unknown where it sees none."""
    HA_COMMUNICATION = "ha_communication"
    """"up" or "down": whether this one hears its peer; `text` holds the reason."""
    PEER_UDI = "peer_udi"
    """`PID:<pid>,SN:<sn>` of the peer; None where the device says it has none.
    key: the peer's role as printed, lower case."""
    PEER_HOST_NAME = "peer_host_name"
    INSTANCE = "instance"
    """UDI of the product instance that stands here since `effective`; what was said before is about
    another router. `text`: the UDI before."""
    ROLE_CHANGE = "role_change"
    """"active" or "standby" from an instant on; key: that instant, whole seconds."""
    DAYS_WITHOUT_ACK = "days_without_ack"
    """Whole days for which the device waits for an acknowledgement, as it counts them."""
    BOOTED = "booted"
    """Instant of its last start, from its uptime; to about a second."""
    POLLED = "polled"
    """Instant of the last successful poll (`key`: the source's manner)."""
    CREDENTIAL_REFUSED = "credential_refused"
    """Name of the credential the device refused last; None since it let us in. key: the manner
    (ssh, snmp, gnmi, restconf). `effective`: when that began. Never the secret itself."""
    RELAY = "relay"
    """Address of the trusted relay that brought the device's syslog last; None once it comes
    directly. `effective`: when that began."""
    TRUST_MEMBER = "trust_member"
    """As TRUST_CODE, of one member of a pair; key: its UDI."""
    RUM_TOTAL = "rum_total"
    """Usage reports kept on the device, whole number."""
    RUM_WAITING = "rum_waiting"
    """Usage reports that wait for an acknowledgement, whole number."""
    PROXY_ADDRESS = "proxy_address"
    """None where none is configured."""
    PROXY_PORT = "proxy_port"
    DEBUG_LICENSE = "debug_license"
    """True where a licence debug is on, False where the device lists none."""
    CONFIG_WHOLE = "config_whole"
    """True where the running configuration was seen from its head to its end."""
    CONFIG_NAME_SERVERS = "config_name_servers"
    """Addresses with blanks between them; None where the whole configuration has none."""
    CONFIG_DOMAIN_LOOKUP = "config_domain_lookup"
    """False for `no ip domain lookup`."""
    CONFIG_HTTP_SOURCE = "config_http_source"
    """Interface of `ip http client source-interface`; None where there is no such line."""
    CONFIG_HTTP_SOURCE_STATE = "config_http_source_state"
    """configured, shutdown or no_address."""
    CONFIG_TRANSPORT = "config_transport"
    """`license smart transport`; None where the whole configuration does not say it."""
    CONFIG_URL = "config_url"
    """`license smart url`, or "default"; key: the transport it is for, where said."""
    CONFIG_RESERVATION = "config_reservation"
    """`license smart reservation`, bool."""
    CONFIG_BOOT_LEVEL = "config_boot_level"
    """Words of `license boot level`; None where the whole configuration has none."""
    CONFIG_BORDER_ELEMENT = "config_border_element"
    """`mode border-element`, bool."""
    CONFIG_PERIOD_HOURS = "config_period_hours"
    """Configured licence periodicity; None where it is left at its default."""
    CALL_HOME_URL = "call_home_url"
    """Destination of a Call Home profile; key: the profile."""
    CALL_HOME_ACTIVE = "call_home_active"
    """bool; key: the profile."""
    CSSM_COUNT = "cssm_count"
    """Licences that CSSM counts for the device; key: tag, or CSSM's name where no tag is known.
    `effective` is the moment of CSSM's list: one older than CSSM_LISTED of its source is gone."""
    CSSM_LISTED = "cssm_listed"
    """How many licences CSSM's list of the device holds; 0 says that it counts none."""
    CSSM_LAST_CONTACT = "cssm_last_contact"
    """Instant at which CSSM last heard of the device, as CSSM says."""
    CSSM_STATUS = "cssm_status"
    """CSSM's word for the device: in_compliance, ...; lower case with underscores."""
    ACKNOWLEDGED_COUNT = "acknowledged_count"
    """Licences of the last acknowledged report as far as known; key: tag. `effective` is the
    acknowledgement: one older than the newest of its source is gone."""
    ACCOUNT_PURCHASED = "account_purchased"
    """About a virtual account (see domain/account.py), as are those below; key: CSSM's name of the
    licence or its tag. Whole numbers, each as said: none is worked out of others."""
    ACCOUNT_IN_USE = "account_in_use"
    ACCOUNT_AVAILABLE = "account_available"
    ACCOUNT_RESERVED = "account_reserved"
    ACCOUNT_PENDING = "account_pending"
    ACCOUNT_BALANCE = "account_balance"
    """As said; may be negative."""
    ACCOUNT_STATUS = "account_status"
    """in_compliance, out_of_compliance, ...; lower case with underscores."""
    ACCOUNT_LISTED = "account_listed"
    """How many licences a list of the account holds; what is older and of its source is gone."""
    ACCOUNT_UNKNOWN_DEVICES = "account_unknown_devices"
    """Devices that CSSM lists in the account and that are not watched; `text` names some."""


SOURCE_RANK: Final[dict[str, int]] = {
    "cli": 5,
    "gnmi": 4,
    "restconf": 4,
    "snmp": 3,
    "trap": 2,
    "syslog": 1,
}
"""Between sources of the same kind and time the higher rank is believed."""


class FactKey(NamedTuple):
    """What a fact is filed under; folding chooses among facts of one key."""

    subject: str
    name: FactName
    key: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One statement. Times are seconds since 1970 UTC."""

    subject: str
    name: FactName
    source: str
    value: Value
    kind: FactKind
    received: float
    effective: float
    """When it was so, on our clock: the device's time where it can be trusted, else reception."""
    device_time: float | None = None
    key: str = ""
    authenticated: bool = True
    """False for plain syslog and SNMP v1/v2c: such evidence may worsen, never relax."""
    bound: bool = False
    """True for an instant whose zone is unknown: the value is its earliest bound."""
    text: str = ""
    """The device's own words, bounded in length."""

    @property
    def filed(self) -> FactKey:
        """Its key."""
        return FactKey(self.subject, self.name, self.key, self.source)


def _precedence(fact: Fact) -> tuple[float, float, str, str, str]:
    # Everything a fact holds takes part, so that two facts never tie unless they are equal.
    return (
        fact.effective,
        fact.received,
        f"{type(fact.value).__name__}:{fact.value!r}",
        fact.kind,
        f"{fact.device_time}{fact.authenticated}{fact.bound}{fact.text}",
    )


FactSheet = MutableMapping[FactKey, Fact]


def fold(sheet: FactSheet, facts: Iterable[Fact]) -> list[Fact]:
    """File each fact where it is newer than the filed one; those that changed the sheet come back.

    The newest effective time wins, then reception, then the value: no order of arrival matters.
    """
    changed = []
    for fact in facts:
        filed = sheet.get(fact.filed)
        if filed is None or _precedence(fact) > _precedence(filed):
            sheet[fact.filed] = fact
            changed.append(fact)
    return changed
