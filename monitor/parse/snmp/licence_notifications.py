"""The 53 notifications of CISCO-SMART-LIC-MIB, one line each.

Source: CISCO-SMART-LIC-MIB of 2021-07-27, ciscoSlaMIBNotifs: their arc is 1, without the 0 of
the objects.
"""

from collections.abc import Callable, Mapping
from typing import Final

from monitor.domain.events import (
    Acknowledged,
    Agent,
    AuthorizationCode,
    ClockChanged,
    CommunicationFailed,
    CommunicationRestored,
    Enforcement,
    Evaluation,
    Event,
    InitialAck,
    NotAcknowledged,
    Notice,
    Policy,
    Registration,
    ReportingNotSupported,
    ReportingRequired,
    TrustCode,
)
from monitor.parse.snmp import smart_license as mib
from monitor.parse.snmp.bindings import Bindings, Words

Build = Callable[[Bindings], Event]

NOTIFICATIONS: Final = "1.3.6.1.4.1.9.9.831.1"
_CERTIFICATE_REASON: Final = f"{mib.OBJECTS}.6.6.3"
_REGISTER_REASON: Final = f"{mib.OBJECTS}.6.5.3"
_RENEW_REASON: Final = f"{mib.OBJECTS}.7.5.3"
_DEREGISTER_REASON: Final = f"{mib.OBJECTS}.9.2"
_POLICY_REASON: Final = f"{mib.OBJECTS}.13.1"
_INITIAL_STATE: Final = f"{mib.OBJECTS}.13.2"
_PEER: Final = "CSSM"
_MOST_DAYS: Final = 36_500
_initial_word = Words(
    {
        0: "invalid",
        1: "ack_not_required",
        2: "report_not_required",
        3: "received",
        4: "not_received",
        5: "expired",
    }
)


def _is(event: Event) -> Build:
    return lambda _: event


def _notice(name: str) -> tuple[str, Build]:
    return name, _is(Notice(mnemonic=name))


def _days(values: Bindings, scalar: str) -> int | None:
    days = values.number(scalar)
    return days if days is not None and days <= _MOST_DAYS else None


def _device_mode(values: Bindings) -> Event:
    mode = values.first_number(mib.ENFORCE_MODE)
    return Enforcement(mode=mib.mode_word(mode) if mode is not None else "unknown")


def _tag_mode(values: Bindings) -> Event:
    mode = values.first_number(mib.ENFORCE_MODE)
    return Enforcement(
        mode=mib.mode_word(mode) if mode is not None else "unknown",
        tag=mib.tag_word(values.first_text(mib.TAG) or "") or None,
        count=values.first_number(mib.REQUEST_COUNT),
    )


def _failed(
    kind: type[Registration | AuthorizationCode | Policy | TrustCode], outcome: str, column: str
) -> Build:
    return lambda values: kind(outcome=outcome, reason=values.first_text(column) or "")


def _initial(values: Bindings) -> Event:
    state = values.first_number(_INITIAL_STATE)
    return InitialAck(state=_initial_word(state) if state is not None else "unknown")


TABLE: Final[Mapping[int, tuple[str, Build]]] = {
    1: ("EnforcementMode", _device_mode),
    2: ("Ready", _is(Agent(state="ready"))),
    3: ("Enabled", _is(Agent(state="enabled"))),
    4: ("Disabled", _is(Agent(state="disabled"))),
    5: ("RegisterFailed", _failed(Registration, "failed", _REGISTER_REASON)),
    6: ("RegisterSuccess", _is(Registration(outcome="registered"))),
    7: ("IdCertExpired", _is(Registration(outcome="expired"))),
    8: ("IdCertRenewSuccess", _is(Registration(outcome="renewed"))),
    9: ("IdCertRenewFail", _failed(Registration, "renew_failed", _CERTIFICATE_REASON)),
    10: ("AuthRenewSuccess", _is(AuthorizationCode(outcome="renewed"))),
    11: ("AuthRenewFail", _failed(AuthorizationCode, "renew_failed", _RENEW_REASON)),
    12: ("CommunicationFailure", _is(CommunicationFailed(peer=_PEER, reason=""))),
    13: ("CommunicationRestored", _is(CommunicationRestored(peer=_PEER))),
    14: _notice("IdCertRenewNotStarted"),
    15: ("EntitlementEnforceMode", _tag_mode),
    16: _notice("IdCertOutOfRange"),
    17: ("SystemClockChanged", _is(ClockChanged())),
    18: ("EvalExpiryWarning", _is(Evaluation(state="expiring"))),
    19: ("EvalExpired", _is(Evaluation(state="expired"))),
    20: _notice("IdCertExpiryWarning"),
    21: ("DeRegisterSuccess", _is(Registration(outcome="deregistered"))),
    22: ("DeRegisterFailed", _failed(Registration, "deregister_failed", _DEREGISTER_REASON)),
    23: _notice("ThirdpartyModeEnabled"),
    24: _notice("ThirdpartyModeDisabled"),
    25: _notice("UtilityCertExpired"),
    26: _notice("UtilityCertRenewFailed"),
    27: _notice("UtilityCertRenewSuccess"),
    28: _notice("UtilityDataReportingStarted"),
    29: _notice("UtilityDataReportingStopped"),
    30: _notice("UtilitySendRUMFailed"),
    31: _notice("UtilityCertFQDNMismatch"),
    32: _notice("SmartTransportNotConfigured"),
    33: _notice("HostnameMatchedWithUDI"),
    34: _notice("ExportRequestFailure"),
    35: _notice("ExportHAMismatch"),
    36: _notice("ExportAuthKeyNotSupported"),
    37: _notice("ExportControlledTag"),
    38: _notice("EndPointReset"),
    39: _notice("ExportRequestSuccess"),
    40: ("AuthorizationInstall", _is(AuthorizationCode(outcome="installed"))),
    41: ("AuthorizationRemove", _is(AuthorizationCode(outcome="removed"))),
    42: ("PolicyInstalled", _is(Policy(outcome="installed"))),
    43: ("PolicyRemoved", _is(Policy(outcome="removed"))),
    44: (
        "RUMACKNotReceived",
        lambda values: NotAcknowledged(days=_days(values, mib.DAYS_NOT_RECEIVED)),
    ),
    45: ("RUMACKReceived", _is(Acknowledged())),
    46: ("AuthorizationInstallFailed", _is(AuthorizationCode(outcome="failed"))),
    47: (
        "ReportingRequired",
        lambda values: ReportingRequired(days=_days(values, mib.DAYS_REQUIRED)),
    ),
    48: ("PolicyInstallFailed", _failed(Policy, "failed", _POLICY_REASON)),
    49: ("PolicyInstallSuccess", _is(Policy(outcome="installed"))),
    50: ("ReportingNotSupported", _is(ReportingNotSupported())),
    51: ("TrustInstallSuccess", _is(TrustCode(outcome="installed"))),
    52: ("TrustInstallFailed", _is(TrustCode(outcome="failed"))),
    53: ("PolicyInitialACKState", _initial),
}
"""Number -> (name without `ciscoSlaSmartAgentNotify`, event)."""
