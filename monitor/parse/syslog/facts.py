"""Facts from messages: what syslog, the weakest source, lets us say of a device.

Days are whole days counted from the earliest plausible moment, so that a deadline is never put too
late. Plain syslog is unauthenticated: its facts may worsen a judgement and never relax one.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from monitor.domain.events import (
    CommunicationFailed,
    CommunicationRestored,
    Event,
    InCompliance,
    LicenseRequest,
    OutOfCompliance,
    Redundancy,
    ReportingNotSupported,
    ReportingPeriod,
    ReportingRequired,
    SipService,
    TrustCode,
)
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.instants import DAY
from monitor.parse.syslog.clock import DeviceTime, effective
from monitor.parse.syslog.facilities import events, licence_facility
from monitor.parse.syslog.message import Message

SOURCE: Final = "syslog"
_LONGEST_TEXT: Final = 255
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9])?", re.ASCII)
_ADDRESS = re.compile(r"[\d.]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*", re.ASCII)


class _Statement(NamedTuple):
    name: FactName
    value: Value
    key: str = ""
    text: str = ""


class _Times(NamedTuple):
    effective: float
    earliest: float


def facts(
    message: Message,
    device_time: DeviceTime,
    *,
    device: str,
    received: float,
    authenticated: bool,
) -> Iterator[Fact]:
    """Facts about `device`, of source "syslog"; none for messages that are no licence messages.

    `received` and all instants are seconds since 1970 UTC. `effective` is the device's time where
    its clock is synchronised and plausible, else reception (see `clock.effective`).
    """
    if licence_facility(message) is None:
        return
    since = effective(device_time, received)
    times = _Times(effective=since, earliest=min(since, received))
    for statement in _statements(message, times):
        yield Fact(
            subject=device,
            name=statement.name,
            source=SOURCE,
            value=statement.value,
            kind=FactKind.DERIVED,
            received=received,
            effective=since,
            device_time=device_time.time,
            key=statement.key,
            authenticated=authenticated,
            text=statement.text or message.text[:_LONGEST_TEXT],
        )


def _statements(message: Message, times: _Times) -> Iterator[_Statement]:
    for event in events(message):
        yield from _of_reporting(event, times)
        yield from _of_state(event)
        if isinstance(event, Redundancy):
            yield from _of_redundancy(event)
    if message.origin is not None and _is_host_name(message.origin):
        yield _Statement(FactName.HOST_NAME, message.origin)


def _is_host_name(origin: str) -> bool:
    return _NAME.fullmatch(origin) is not None and _ADDRESS.fullmatch(origin) is None


def _of_reporting(event: Event, times: _Times) -> Iterator[_Statement]:
    match event:
        case ReportingRequired(days=int(days)):
            yield _Statement(FactName.ACK_DEADLINE, times.earliest + days * DAY)
        case TrustCode(outcome="installed"):
            yield _Statement(FactName.TRUST_CODE, times.effective)
        case TrustCode(outcome="removed"):
            yield _Statement(FactName.TRUST_CODE, None)
        case ReportingNotSupported():
            yield _Statement(FactName.REPORTING_SUPPORTED, value=False)
        case ReportingPeriod(hours=hours):
            yield _Statement(FactName.PERIOD_HOURS, hours)
        case LicenseRequest(tag=str(tag), count=count):
            yield _Statement(FactName.REQUESTED_COUNT, count, key=tag)
        case _:
            # A failed installation, for one, says nothing of a code that is there already.
            pass


def _of_state(event: Event) -> Iterator[_Statement]:
    match event:
        case CommunicationFailed(peer=peer, reason=reason):
            yield _Statement(FactName.COMMUNICATION, "failed", text=reason)
            yield _Statement(FactName.COMMUNICATION_PEER, peer)
        case CommunicationRestored(peer=peer):
            yield _Statement(FactName.COMMUNICATION, "restored")
            yield _Statement(FactName.COMMUNICATION_PEER, peer)
        case OutOfCompliance() | InCompliance():
            yield _Statement(FactName.OUT_OF_COMPLIANCE, isinstance(event, OutOfCompliance))
        case SipService(state=state):
            yield _Statement(FactName.SIP_SERVICE, state)
        case _:
            pass


def _of_redundancy(event: Redundancy) -> Iterator[_Statement]:
    # A processor that sees its peer calls itself active too: only a change says a role.
    if event.change in _ROLE_CHANGES and event.role in _ROLES:
        yield _Statement(FactName.RG_ROLE, event.role)
    elif event.change in _HEARD:
        yield _Statement(FactName.HA_COMMUNICATION, _HEARD[event.change])


_ROLE_CHANGES: Final = frozenset({"role_changed", "switchover"})
_ROLES: Final = frozenset({"active", "standby"})
_HEARD: Final = {
    "peer_lost": "down",
    "peer_reload": "down",
    "peer_found": "up",
    "standby_ready": "up",
}
