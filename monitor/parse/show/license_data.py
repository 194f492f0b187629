"""What `show license ...` outputs say, typed; sections that are not printed are None."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.parse.show.instants import Instant
from monitor.parse.show.page import ALL_READ, Unparsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """Whole days of one class of licences; 0 where nothing is to be reported."""

    first_report_days: int | None = None
    frequency_days: int | None = None
    on_change_days: int | None = None
    first_report_origin: str | None = None
    """Whose number it is, in the device's words: `CISCO default`, `Customer Policy`, ..."""
    frequency_origin: str | None = None
    on_change_origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The reporting policy in use; `attributes` by perpetual, subscription, enforced, export."""

    ack_required: bool | None = None
    ack_origin: str | None = None
    name: str | None = None
    in_use: str | None = None
    installed: Instant | None = None
    attributes: Mapping[str, Attributes | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReporting:
    """Times of the reporting cycle."""

    last_ack_received: Instant | None = None
    next_ack_deadline: Instant | None = None
    reporting_interval_days: int | None = None
    """0 says that nothing is reported."""
    next_ack_push_check: Instant | None = None
    next_report_push: Instant | None = None
    last_report_push: Instant | None = None
    last_report_file_write: Instant | None = None
    last_report_pull: Instant | None = None
    in_policy: int | None = None
    """Days the policy asks for, in `show license tech support`: `InPolicy(60)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Where reports go through; empty where none is configured."""

    address: str | None = None
    port: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """How reports leave. `url` is the transport's URL, with cslu the CSLU's address."""

    type: str | None = None
    url: str | None = None
    cslu_address: str | None = None
    proxy: Proxy | None = None
    vrf: str | None = None
    server_identity_check: str | None = None
    ip_mode: str | None = None
    trust_point: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Smart account and virtual account; empty where the device says `<none>`."""

    smart: str | None = None
    virtual: str | None = None
    as_of: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Trust code of one member."""

    role: str
    udi: str
    installed: Instant | None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Udi:
    """Product identifier and serial number."""

    pid: str
    sn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """One installed trust code; `udi` is None where the output does not say whose."""

    udi: Udi | None
    installed_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Before Smart Licensing Using Policy."""

    status: str | None = None
    smart_account: str | None = None
    virtual_account: str | None = None
    export_controlled: str | None = None
    initial: str | None = None
    initial_at: Instant | None = None
    failure_reason: str | None = None
    next_registration_attempt: Instant | None = None
    last_renewal_attempt: Instant | None = None
    next_renewal_attempt: Instant | None = None
    expires: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """Whether the licences in use are covered, as the device was told."""

    status: str | None = None
    at: Instant | None = None
    last_communication: str | None = None
    """SUCCEEDED or FAILED."""
    last_communication_at: Instant | None = None
    next_communication: Instant | None = None
    communication_deadline: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseStatus:
    """A section that is not printed is None: which there are depends on the release.

    As JSON the first four are always objects, so that each of their values is found, or null.
    """

    policy: Policy | None = field(default=None, metadata={"empty": Policy})
    usage_reporting: UsageReporting | None = field(default=None, metadata={"empty": UsageReporting})
    transport: Transport | None = field(default=None, metadata={"empty": Transport})
    account: Account | None = field(default=None, metadata={"empty": Account})
    trust_code_installed: Instant | None = None
    """Of the active member, where there are several."""
    trust_codes: tuple[Trust, ...] | None = None
    """By member, where the output names members or types."""
    trust: tuple[Trusted, ...] | None = None
    """Every installed trust code; empty where the device says that there is none."""
    registration: Registration | None = None
    authorization: Authorization | None = None
    utility: str | None = None
    using_policy: str | None = None
    reporting_mode: str | None = None
    privacy: Mapping[str, str] | None = None
    custom_id: str | None = None
    unparsed: Unparsed = ALL_READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """High availability of the feature that uses a licence (Smart Agent 6.x)."""

    name: str | None = None
    role: str | None = None
    host_name: str | None = None
    udi: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """One licence in use. `name` and `tag` are None where their line is missing."""

    name: str | None
    tag: str | None
    description: str | None = None
    count: int | None = None
    version: str | None = None
    status: str | None = None
    export_status: str | None = None
    feature_name: str | None = None
    feature_description: str | None = None
    enforcement_type: str | None = None
    license_type: str | None = None
    application: Application | None = None
    peer: Application | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseUsage:
    """`entitlements` is empty where the device says that no licence is in use."""

    entitlements: tuple[Entitlement, ...] | None = None
    authorization: Authorization | None = None
    unparsed: Unparsed = ALL_READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of the HA UDI list."""

    role: str
    pid: str
    sn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rum:
    """Usage reports on the device by what became of them."""

    total: int | None = None
    purged: int | None = None
    acknowledged: int | None = None
    waiting_for_ack: int | None = None
    available: int | None = None
    collecting: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseAll:
    """`show license all` and `tech support`: the smaller commands' sections side by side."""

    status: LicenseStatus = field(metadata={"flat": True})
    usage: LicenseUsage = field(metadata={"flat": True})
    udi: Udi | None = None
    ha_udi: tuple[Member, ...] | None = None
    agent_version: str | None = None
    rum: Rum | None = None
    current_time: Instant | None = None
    unparsed: Unparsed = ALL_READ
