"""%SMART_LIC: the licence agent; matched on the mnemonic, whose severities differ by release.

Source: Cisco, "Troubleshooting Smart Licensing Using Policy", system messages:
https://www.cisco.com/c/en/us/td/docs/routers/sl_using_policy/b-sl-using-policy/troubleshooting.html
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from monitor.domain.events import (
    Agent,
    AuthorizationCode,
    ClockChanged,
    CommunicationFailed,
    CommunicationRestored,
    Evaluation,
    Event,
    InCompliance,
    Notice,
    Other,
    OutOfCompliance,
    Policy,
    Redundancy,
    Registration,
    ReportingNotSupported,
    ReportingRequired,
    TrustCode,
)
from monitor.parse.syslog.message import Message

_LONGEST: Final = 255
"""Characters of a reason or a peer that are kept."""
_DAYS = re.compile(r"required in (\d{1,5}) day", re.ASCII | re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(([^()]{1,64})\)")
_ROLE = re.compile(r"changed to (\w{1,32})", re.ASCII | re.IGNORECASE)


def parse(message: Message) -> Event:
    """One event; what is not in the table is kept as it is."""
    read = _BY_NAME.get(message.name)
    return Other(mnemonic=message.mnemonic or "") if read is None else read(message)


def _reporting_required(message: Message) -> Event:
    found = _DAYS.search(message.text[:_LONGEST])
    return ReportingRequired(days=int(found[1]) if found else None)


def _communication_failed(message: Message) -> Event:
    who, _, why = message.text.partition(": ")
    return CommunicationFailed(
        peer=_peer(who.removeprefix("Communications failure with ")), reason=_bounded(why)
    )


def _communication_restored(message: Message) -> Event:
    who = message.text.removeprefix("Communications with ").rstrip(" .").removesuffix(" restored")
    return CommunicationRestored(peer=_peer(who))


def _peer(words: str) -> str:
    """`the Cisco Smart Software Manager (CSSM)` is CSSM; without brackets the words stay."""
    text = _bounded(words).removeprefix("the ")
    short = _IN_BRACKETS.search(text)
    return short[1] if short else text


def _reason(message: Message) -> str:
    """What follows the first colon with a blank (`P:C8000V` has none), or the whole text."""
    _, colon, why = message.text.partition(": ")
    return _bounded(why if colon else message.text)


def _bounded(text: str) -> str:
    return text.strip()[:_LONGEST]


def _role_changed(message: Message) -> Event:
    found = _ROLE.search(message.text[:_LONGEST])
    return Redundancy(change="role_changed", role=found[1].lower() if found else None)


def _failed(
    kind: type[TrustCode | Policy | AuthorizationCode | Registration],
    message: Message,
    outcome: str = "failed",
) -> Event:
    return kind(outcome=outcome, reason=_reason(message))


def _notice(message: Message) -> Event:
    return Notice(mnemonic=message.mnemonic or "")


def _always(event: Event) -> Callable[[Message], Event]:
    return lambda _: event


_BY_NAME: Final[Mapping[str, Callable[[Message], Event]]] = {
    "REPORTING_REQUIRED": _reporting_required,
    "COMM_FAILED": _communication_failed,
    "COMM_RESTORED": _communication_restored,
    "REPORTING_NOT_SUPPORTED": _always(ReportingNotSupported()),
    "OUT_OF_COMPLIANCE": _always(OutOfCompliance()),
    "IN_COMPLIANCE": _always(InCompliance()),
    "SYSTEM_CLOCK_CHANGED": _always(ClockChanged()),
    "TRUST_CODE_INSTALL_SUCCESS": _always(TrustCode(outcome="installed")),
    "TRUST_CODE_INSTALL_FAILED": partial(_failed, TrustCode),
    "TRUST_CODE_REMOVED": _always(TrustCode(outcome="removed")),
    "POLICY_INSTALL_SUCCESS": _always(Policy(outcome="installed")),
    "POLICY_INSTALL_FAILED": partial(_failed, Policy),
    "POLICY_REMOVED": _always(Policy(outcome="removed")),
    "AUTHORIZATION_INSTALL_SUCCESS": _always(AuthorizationCode(outcome="installed")),
    "AUTHORIZATION_INSTALL_FAILED": partial(_failed, AuthorizationCode),
    "AUTHORIZATION_REMOVED": _always(AuthorizationCode(outcome="removed")),
    "AUTH_RENEW_SUCCESS": _always(AuthorizationCode(outcome="renewed")),
    "AUTH_RENEW_FAILED": partial(_failed, AuthorizationCode, outcome="renew_failed"),
    "AGENT_REG_SUCCESS": _always(Registration(outcome="registered")),
    "AGENT_REG_FAILED": partial(_failed, Registration),
    "AGENT_DEREG_SUCCESS": _always(Registration(outcome="deregistered")),
    "AGENT_DEREG_FAILED": partial(_failed, Registration, outcome="deregister_failed"),
    "ID_CERT_RENEW_SUCCESS": _always(Registration(outcome="renewed")),
    "ID_CERT_RENEW_FAILED": partial(_failed, Registration, outcome="renew_failed"),
    "ID_CERT_EXPIRED": _always(Registration(outcome="expired")),
    "AGENT_READY": _always(Agent(state="ready")),
    "AGENT_ENABLED": _always(Agent(state="enabled")),
    "AGENT_DISABLED": _always(Agent(state="disabled")),
    "EVAL_START": _always(Evaluation(state="started")),
    "EVAL_WILL_EXPIRE_WARNING": _always(Evaluation(state="expiring")),
    "EVAL_EXPIRED_WARNING": _always(Evaluation(state="expired")),
    "EVAL_EXPIRED": _always(Evaluation(state="expired")),
    "HA_ROLE_CHANGED": _role_changed,
    "HA_CHASSIS_ROLE_CHANGED": _role_changed,
    "EXPORT_CONTROLLED": _notice,
}
