"""SNMP answers and notifications to facts, events and readings: one module per MIB; pure."""

from collections.abc import Callable, Iterator
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.release import Stopping, stopping
from monitor.parse.snmp import entity, redundancy, smart_license, system
from monitor.parse.snmp.bindings import Bindings
from monitor.parse.snmp.call_volume import Volume, Window, volume
from monitor.parse.snmp.notifications import Notification, log_line, notification
from monitor.parse.snmp.notifications import told as told_by_notification
from monitor.parse.snmp.told import Asked, Told
from monitor.wire import SnmpReport

MIBS: Final[tuple[Callable[[Bindings, Asked], Iterator[Told]], ...]] = (
    system.told,
    entity.told,
    smart_license.told,
    redundancy.told,
)
POLL: Final = "snmp"
NOTIFIED: Final = "trap"


def facts(report: SnmpReport, *, device: str, release: str | None) -> Iterator[Fact]:
    """Facts about `device`, of source "snmp" or "trap"; instants are seconds since 1970 UTC.

    `release` as far as it is known: registration and authorization count only before policy mode.
    """
    if report.notification:
        yield from (_fact(one, report, device, NOTIFIED) for one in told_by_notification(report))
        return
    asked = Asked(
        report.received,
        before_policy=stopping(release) is Stopping.BEFORE_POLICY,
        walked=frozenset(report.walked),
    )
    values = Bindings(report.varbinds)
    statements = [one for told in MIBS for one in told(values, asked)]
    if statements:
        statements.append(Told(FactName.POLLED, report.received, POLL))
    yield from (_fact(one, report, device, POLL) for one in statements)


def _fact(told: Told, report: SnmpReport, device: str, source: str) -> Fact:
    return Fact(
        subject=device,
        name=told.name,
        source=source,
        value=told.value,
        kind=told.kind,
        received=report.received,
        effective=report.received,
        key=told.key,
        authenticated=report.authenticated,
        text=told.text,
    )


__all__ = [
    "MIBS",
    "NOTIFIED",
    "Notification",
    "POLL",
    "Volume",
    "Window",
    "facts",
    "log_line",
    "notification",
    "volume",
]
