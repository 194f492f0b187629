"""What is true now about devices and accounts, as judged; what the console and /metrics show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.domain.account import Forecast, Statement, Transfer
from monitor.domain.device import Device
from monitor.domain.drift import Drift
from monitor.domain.facts import Fact
from monitor.domain.findings import Finding, Standing
from monitor.domain.measurement import Measurement
from monitor.domain.pair import Needed, Pair, PairRoles, Redundancy, Rehearsal
from monitor.domain.readings import Series
from monitor.domain.release import Stopping


@dataclass(frozen=True, slots=True, kw_only=True)
class AckCycle:
    """The acknowledgement cycle by the best evidence; None where nothing is known.

    A fact whose value is None says that there is none: `deadline.value is None` is "nothing due".
    """

    required: Fact | None = None
    deadline: Fact | None = None
    last_ack: Fact | None = None
    next_push: Fact | None = None
    last_push: Fact | None = None
    """The latest of push, pull and file write."""
    interval_days: Fact | None = None
    transport: Fact | None = None
    trust: Fact | None = None


class Threshold(NamedTuple):
    """A limit as a number, for rules outside the monitor that must not repeat it."""

    limit: str
    """Its name in `limits:` without the unit."""
    step: str
    """The step that begins there; empty where none does."""
    value: float
    """Seconds, or a count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """How a release before Smart Licensing Using Policy stands; None where nothing is known."""

    expires: float | None = None
    """On our clock, seconds since 1970 UTC; so is the next one."""
    authorization_deadline: float | None = None
    expired: bool | None = None
    """The authorization state says that it has expired."""
    in_order: bool | None = None
    """Registered and authorized."""
    calls_blocked: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """One device, judged at `now`: the small summary that account rules and showing read."""

    device: Device
    now: float
    release: str | None
    stopping: Stopping
    cycle: AckCycle
    virtual_account: str | None
    sip_service: str | None = None
    in_use: Mapping[str, int] = field(default_factory=dict)
    """Licences by tag as CSSM would count them: reported counts, never readings."""
    out_of_compliance: bool | None = None
    communication_failed_since: float | None = None
    communication_peer: str = ""
    refusals: Mapping[str, str] = field(default_factory=dict)
    """Manner (ssh, snmp, ...) -> name of the credential the device refuses."""
    relay: str | None = None
    """Address of the trusted relay that its syslog comes by; None where it comes directly."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Step -> seconds before the deadline at which that step begins, for this device."""
    last_seen: Mapping[str, float] = field(default_factory=dict)
    """Source -> when it last said anything, seconds since 1970 UTC."""
    stale: bool = False
    findings: tuple[Finding, ...] = ()
    advice: tuple[Finding, ...] = ()
    """What Cisco's task flow asks to put right; info only, and no part of the judgement."""
    next_due: float | None = None
    """When its findings can change by the clock alone; judge again then."""
    facts: tuple[Fact, ...] = ()
    counted_by: str = "reported"
    """How `in_use` came about: `reported`, or the need profile `static-capacity`."""
    cssm_counts: Mapping[str, int] | None = None
    """Licences by tag as CSSM counts them now; None where neither CSSM nor an acknowledgement says.
    """
    cssm_counted_by: str = ""
    """`cssm` where it says so itself, `acknowledged` for the last acknowledged report."""
    drifts: tuple[Drift, ...] = ()
    """Our measurements beside what others count for the same periods."""
    redundancy: Redundancy | None = None
    """What it says of itself and a peer; None where it says nothing of that."""
    skew: float = 0.0
    """Device clock minus ours where exact instants are counted on it, else 0; seconds."""
    rungs: tuple[Threshold, ...] = ()
    """Seconds before the deadline at which a step of some rule begins for this device."""
    patience: Mapping[str, float] = field(default_factory=dict)
    """Source -> seconds for which it may be silent."""
    registration: Registration | None = None
    disagreement: float | None = None
    """Seconds between the deadlines two sources give, where they are too far apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairState:
    """One pair, judged at `now`."""

    pair: Pair
    now: float
    roles: PairRoles
    ready: bool | None
    """Whether the peer could take over, as the redundancy says it; None where nobody says."""
    rehearsal: Rehearsal
    needs: tuple[Needed, ...] = ()
    findings: tuple[Finding, ...] = ()
    communicating: bool | None = None
    """Whether the members hear each other; None where nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A virtual account with the licences bought for it, by tag."""

    name: str
    purchased: Mapping[str, int] = field(default_factory=dict)
    """By the newest source; a tag of which nobody says anything is left out."""
    smart_account: str = ""
    """Empty where nobody says."""
    statements: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    """Tag -> what each source says of it, the newest first."""
    unmapped: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    """The same of licences whose name stands for no known tag."""
    unknown_devices: int = 0
    """Devices that CSSM lists in it and that are not watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Purchased minus in use of one tag; negative when licences are missing."""

    account: str
    tag: str
    """The tag that is owned, or the one that is asked for where none is."""
    purchased: int | None
    """None where nobody says what was bought: unknown is not zero."""
    in_use: int
    """As CSSM would count: the higher of what its consumers add up to and CSSM's own number."""
    devices: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    """How the consumers' numbers came about: `cssm`, `acknowledged`, `reported`, `static-capacity`.
    """
    asked: tuple[str, ...] = ()
    """Other tags under which the need was counted: it is one need."""
    consumers: int = 0
    """What the consumers add up to."""
    said_in_use: int | None = None
    """CSSM's own newest number for the account."""
    reported: int = 0
    """What the consumers themselves reported last, acknowledged or not."""
    measured: int | None = None
    """What we measured for their last periods; None where nothing (strong enough) was."""

    @property
    def balance(self) -> int | None:
        """Licences left; None where it is not known what was bought."""
        return None if self.purchased is None else self.purchased - self.in_use


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """One virtual account, judged."""

    account: Account
    balances: tuple[Balance, ...] = ()
    findings: tuple[Finding, ...] = ()
    next_due: float | None = None
    forecasts: tuple[Forecast, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    """Licences it should get, or buy."""
    advice: tuple[Finding, ...] = ()
    """For information only, and no part of the judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFinding:
    """A finding that is open (or inhibited) with the times kept for it."""

    finding: Finding
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSnapshot:
    """Everything shown, taken at one moment; never changed after."""

    now: float
    devices: Sequence[DeviceState] = ()
    accounts: Sequence[AccountState] = ()
    findings: Sequence[OpenFinding] = ()
    latest: Mapping[Series, tuple[int, int]] = field(default_factory=dict)
    """Series -> (second, count) of its newest reading."""
    measurements: Sequence[Measurement] = ()
    """The latest recorded measurement of each (device, tag)."""
    unattributed: int = 0
    """Messages that name no known device."""
    pairs: Sequence[PairState] = ()
    retired: Sequence[Device] = ()
    """Product instances that are out of use; they are neither judged nor counted."""
    maintenance: Collection[str] = ()
    """Devices, pairs, accounts and shared causes that a maintenance window names now."""
    rum: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Device -> state -> usage reports; devices without any are left out."""
    faults: Sequence[str] = ()
    """What is wrong with the monitor itself, in words; empty while all is well."""
    limits: Sequence[Threshold] = ()
    """The limits that hold for all devices alike."""
