"""What a syslog message says, in licensing words: a closed union of frozen events.

Each event has a `kind` word and a JSON object (`as_json`). Sources: Cisco's chapter "CUBE Smart
Licensing" (LICENSE_INFO and the debug lines) and Cisco's list of Smart Licensing Using Policy
system messages. Texts taken from a message are bounded by the parsers.
"""

from dataclasses import dataclass, fields
from typing import ClassVar

from monitor.domain.records import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    kind: ClassVar[str]

    def as_json(self) -> dict[str, Json]:
        """Its JSON object: `{"kind": ..., fields}`."""
        values: dict[str, Json] = {"kind": self.kind}
        values.update((field.name, getattr(self, field.name)) for field in fields(self))
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseRequest(_Said):
    """`%CUBE-5-LICENSE_INFO`: a finished number about a past period, never a reading."""

    kind: ClassVar[str] = "license_request"
    tag: str | None
    """None where the trunk word is none that is known."""
    count: int
    trunk: str = ""
    """The trunk word as written; in JSON only where the tag is unknown."""

    def as_json(self) -> dict[str, Json]:
        """`{"kind": "license_request", "tag": "CUBE_T_ENH", "count": 3}`."""
        known: dict[str, Json] = {"kind": self.kind, "tag": self.tag, "count": self.count}
        return known if self.tag is not None else {**known, "trunk": self.trunk}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementRequest(_Said):
    """A `//CUBE-SL/` debug line: the router asked its licence agent."""

    kind: ClassVar[str] = "entitlement_request"
    successful: bool
    tag: str | None = None
    license_type: int | None = None
    """The router's own number; only 0 is documented."""
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingRequired(_Said):
    """A usage report must be acknowledged within whole days; None where the line was cut."""

    kind: ClassVar[str] = "reporting_required"
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunicationFailed(_Said):
    """The device does not reach its peer: CSSM, CSLU, ..."""

    kind: ClassVar[str] = "communication_failed"
    peer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunicationRestored(_Said):
    """The device reaches its peer again."""

    kind: ClassVar[str] = "communication_restored"
    peer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustCode(_Said):
    """`outcome`: installed, failed or removed."""

    kind: ClassVar[str] = "trust_code"
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(_Said):
    """`outcome`: installed, failed or removed."""

    kind: ClassVar[str] = "policy"
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCode(_Said):
    """`outcome`: installed, failed, removed; renewed and renew_failed before policy mode."""

    kind: ClassVar[str] = "authorization"
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(_Said):
    """Before Smart Licensing Using Policy; `outcome`: registered, failed, deregistered, ..."""

    kind: ClassVar[str] = "registration"
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfCompliance(_Said):
    """The device says that licences are missing."""

    kind: ClassVar[str] = "out_of_compliance"


@dataclass(frozen=True, slots=True, kw_only=True)
class InCompliance(_Said):
    """The device says that no licence is missing (any more)."""

    kind: ClassVar[str] = "in_compliance"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChanged(_Said):
    """The system clock jumped."""

    kind: ClassVar[str] = "clock_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingNotSupported(_Said):
    """The On-Prem server is too old for usage reports."""

    kind: ClassVar[str] = "reporting_not_supported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(_Said):
    """`state` of the licence agent: ready, enabled or disabled."""

    kind: ClassVar[str] = "agent"
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation(_Said):
    """`state` of the evaluation period: started, expiring or expired."""

    kind: ClassVar[str] = "evaluation"
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SipService(_Said):
    """SIP service goes `up` or `down`; whether the message speaks of an acknowledged report."""

    kind: ClassVar[str] = "sip_service"
    state: str
    acknowledged: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingPeriod(_Said):
    """The period of usage measurement was set."""

    kind: ClassVar[str] = "reporting_period"
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redundancy(_Said):
    """`change`: peer_lost, peer_found, peer_reload, standby_ready, switchover or role_changed."""

    kind: ClassVar[str] = "redundancy"
    change: str
    role: str | None = None
    """The role taken, lower case, where the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHomeFailed(_Said):
    """A Call Home message could not be sent."""

    kind: ClassVar[str] = "call_home_failed"
    peer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(_Said):
    """A usage report was acknowledged."""

    kind: ClassVar[str] = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAcknowledged(_Said):
    """A usage report still waits for its acknowledgement, for so many whole days."""

    kind: ClassVar[str] = "not_acknowledged"
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialAck(_Said):
    """Said at start. `state`: ack_not_required, report_not_required, received, not_received, ..."""

    kind: ClassVar[str] = "initial_ack"
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcement(_Said):
    """The status of an entitlement, or of all where `tag` is None; lower case, underscores."""

    kind: ClassVar[str] = "enforcement"
    mode: str
    tag: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted(_Said):
    """The device started anew. `manner`: cold, warm, or unknown where only its uptime tells."""

    kind: ClassVar[str] = "restarted"
    manner: str
    booted: int | None = None
    """Seconds since 1970 UTC, where its uptime tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsGap(_Said):
    """Seconds whose calls nobody can tell any more. `cause`: not_polled, restart or mismatch."""

    kind: ClassVar[str] = "calls_gap"
    start: int
    """First missing second since 1970 UTC."""
    seconds: int
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(_Said):
    """Known and only informative, whatever its severity."""

    kind: ClassVar[str] = "notice"
    mnemonic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated(_Said):
    """`last message repeated N times`."""

    kind: ClassVar[str] = "repeated"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(_Said):
    """A message of a licence facility that is not understood; kept as it is."""

    kind: ClassVar[str] = "other"
    mnemonic: str


Event = (
    LicenseRequest
    | EntitlementRequest
    | ReportingRequired
    | CommunicationFailed
    | CommunicationRestored
    | TrustCode
    | Policy
    | AuthorizationCode
    | Registration
    | OutOfCompliance
    | InCompliance
    | ClockChanged
    | ReportingNotSupported
    | Agent
    | Evaluation
    | SipService
    | ReportingPeriod
    | Redundancy
    | CallHomeFailed
    | Acknowledged
    | NotAcknowledged
    | InitialAck
    | Enforcement
    | Restarted
    | CallsGap
    | Notice
    | Repeated
    | Other
)
