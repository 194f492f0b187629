"""Notifications: which one it is, what it says, and what of it is a fact.

Sources: CISCO-SMART-LIC-MIB, CISCO-RF-MIB, CISCO-SYSLOG-MIB, RFC 3418, RFC 3584.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from monitor.domain.events import (
    Acknowledged,
    CommunicationFailed,
    CommunicationRestored,
    Enforcement,
    Event,
    NotAcknowledged,
    Other,
    Redundancy,
    ReportingNotSupported,
    ReportingRequired,
    Restarted,
    TrustCode,
)
from monitor.domain.facts import FactKind, FactName
from monitor.parse.snmp import redundancy
from monitor.parse.snmp import smart_license as licence
from monitor.parse.snmp.bindings import Bindings
from monitor.parse.snmp.licence_notifications import NOTIFICATIONS, TABLE
from monitor.parse.snmp.system import UPTIME
from monitor.parse.snmp.told import Asked, Told
from monitor.wire import SnmpReport

_SWITCHOVER: Final = "1.3.6.1.4.1.9.9.176.2.0.1"
_PROGRESSION: Final = "1.3.6.1.4.1.9.9.176.2.0.2"
_COLD_START: Final = "1.3.6.1.6.3.1.1.5.1"
_WARM_START: Final = "1.3.6.1.6.3.1.1.5.2"
LOG_MESSAGE: Final = "1.3.6.1.4.1.9.9.41.2.0.1"
_LOG: Final = "1.3.6.1.4.1.9.9.41.1.2.3.1"
_HEAVIEST, _LIGHTEST = 1, 8
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    _SWITCHOVER: ("CISCO-RF-MIB", "ciscoRFSwactNotif"),
    _PROGRESSION: ("CISCO-RF-MIB", "ciscoRFProgressionNotif"),
    _COLD_START: ("SNMPv2-MIB", "coldStart"),
    _WARM_START: ("SNMPv2-MIB", "warmStart"),
}
_LICENCE_MIB: Final = "CISCO-SMART-LIC-MIB"
_PREFIX: Final = "ciscoSlaSmartAgentNotify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What a notification is and says."""

    mib: str
    name: str
    text: str
    event: Event
    ticks: int | None
    """The device's uptime in hundredths of a second: one notification sent twice has it twice."""
    udi: str | None
    """`PID:<pid>,SN:<sn>` where the notification names its sender so."""


def notification(report: SnmpReport) -> Notification | None:
    """A notification of concern here; None for others, and for log messages (see `log_line`)."""
    values = Bindings(report.varbinds)
    found = _identified(report.notification, values)
    if found is None:
        return None
    mib, name, event = found
    return Notification(
        mib=mib,
        name=name,
        text=_text(name, event),
        event=event,
        ticks=values.number(UPTIME),
        udi=licence.udi(values.text(licence.UDI) or ""),
    )


def log_line(report: SnmpReport) -> bytes | None:
    """The syslog message that clogMessageGenerated wraps, as the router logs it; None for others.

    The MIB counts severities from 1, syslog from 0; it cuts texts at 255 characters.
    """
    if report.notification != LOG_MESSAGE:
        return None
    values = Bindings(report.varbinds)
    severity = values.first_number(f"{_LOG}.3")
    facility, name = values.first_text(f"{_LOG}.2"), values.first_text(f"{_LOG}.4")
    if severity is None or not _HEAVIEST <= severity <= _LIGHTEST or not facility or not name:
        return None
    text = values.first_text(f"{_LOG}.5") or ""
    return f"%{facility}-{severity - 1}-{name}: {text}".encode()


def told(report: SnmpReport) -> Iterator[Told]:
    """What a notification says of its sender."""
    values = Bindings(report.varbinds)
    found = _identified(report.notification, values)
    if found is None:
        return
    event, asked = found[2], Asked(report.received, before_policy=False)
    yield from _derived(_of_reporting(event, asked))
    yield from _derived(_of_state(event))
    yield from _derived(redundancy.told(values, asked))
    udi = licence.udi(values.text(licence.UDI) or "")
    if udi is not None:
        yield Told(FactName.UDI, udi, kind=FactKind.DERIVED)


def _derived(statements: Iterator[Told]) -> Iterator[Told]:
    for one in statements:
        yield one._replace(kind=FactKind.DERIVED)


def _identified(oid: str, values: Bindings) -> tuple[str, str, Event] | None:
    if oid in _NAMES:
        mib, name = _NAMES[oid]
        return mib, name, _generic(oid, values)
    head, _, number = oid.rpartition(".")
    # Version 1 puts a 0 in between (RFC 3584).
    if head.removesuffix(".0") != NOTIFICATIONS or not number.isdecimal():
        return None
    known = TABLE.get(int(number))
    if known is None:
        return _LICENCE_MIB, f"{NOTIFICATIONS}.{number}", Other(mnemonic=oid)
    return _LICENCE_MIB, _PREFIX + known[0], known[1](values)


def _generic(oid: str, values: Bindings) -> Event:
    if oid == _SWITCHOVER:
        return Redundancy(change="switchover")
    if oid == _PROGRESSION:
        state = values.first_number(redundancy.UNIT_STATE)
        return Redundancy(
            change="role_changed", role=None if state is None else redundancy.state_word(state)
        )
    return Restarted(manner="cold" if oid == _COLD_START else "warm")


def _text(name: str, event: Event) -> str:
    said = {key: value for key, value in event.as_json().items() if key != "kind" and value}
    return " ".join([name, *(f"{key}={value}" for key, value in said.items())])


def _of_reporting(event: Event, asked: Asked) -> Iterator[Told]:
    match event:
        case ReportingRequired(days=int(days)):
            yield licence.deadline(days, asked.received)
        case Acknowledged():
            yield Told(FactName.LAST_ACK, asked.received)
            yield Told(FactName.DAYS_WITHOUT_ACK, 0)
        case NotAcknowledged(days=int(days)):
            yield Told(FactName.DAYS_WITHOUT_ACK, days)
        case TrustCode(outcome="installed"):
            yield Told(FactName.TRUST_CODE, asked.received)
        case ReportingNotSupported():
            yield Told(FactName.REPORTING_SUPPORTED, value=False)
        case Restarted():
            yield Told(FactName.BOOTED, int(asked.received))
        case _:
            # A failed installation, for one, says nothing of a code that is there already.
            pass


def _of_state(event: Event) -> Iterator[Told]:
    match event:
        case CommunicationFailed(peer=peer):
            yield Told(FactName.COMMUNICATION, "failed")
            yield Told(FactName.COMMUNICATION_PEER, peer)
        case CommunicationRestored(peer=peer):
            yield Told(FactName.COMMUNICATION, "restored")
            yield Told(FactName.COMMUNICATION_PEER, peer)
        case Enforcement(mode=mode, tag=str(tag), count=count):
            yield from licence.entitlement(tag, mode, count)
        case _:
            pass
