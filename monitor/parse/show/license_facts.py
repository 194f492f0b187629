"""What the sections of `show license ...` outputs tell as facts."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.show.instants import NONE_WORDS, Instant
from monitor.parse.show.license_data import (
    Account,
    Attributes,
    Authorization,
    Entitlement,
    LicenseStatus,
    Policy,
    Registration,
    Rum,
    Transport,
    Trust,
    UsageReporting,
)
from monitor.parse.show.output import Told, count, instant, underscored, words

TRANSPORTS: Final = {
    "callhome": "callhome",
    "call-home": "callhome",
    "smart": "smart",
    "cslu": "cslu",
    "automatic": "automatic",
    "off": "off",
    "transport off": "off",
}
"""Transports as printed and as facts name them."""
_COMPLIANT: Final = frozenset(
    {"authorized", "in_compliance", "in_use", "not_in_use", "eval_mode", "evaluation_mode"}
)


def status(data: LicenseStatus) -> Iterator[Told]:
    """All facts of the sections of `show license status`."""
    yield from _policy(data.policy)
    yield from _usage_reporting(data.usage_reporting)
    yield from _transport(data.transport)
    yield from account(data.account)
    yield from _trust(data.trust_code_installed, data.trust_codes or ())
    yield from registration(data.registration)
    yield from authorization(data.authorization)


def _policy(policy: Policy | None) -> Iterator[Told]:
    if policy is None:
        return
    yield from words(FactName.POLICY_NAME, policy.name)
    yield from count(FactName.ACK_REQUIRED, policy.ack_required)
    for name, attributes in policy.attributes.items():
        if attributes is not None:
            yield from _attributes(name, attributes)


def _attributes(name: str, attributes: Attributes) -> Iterator[Told]:
    yield from count(FactName.FIRST_REPORT_DAYS, attributes.first_report_days, name)
    yield from count(FactName.REPORTING_FREQUENCY_DAYS, attributes.frequency_days, name)
    yield from count(FactName.REPORT_ON_CHANGE_DAYS, attributes.on_change_days, name)


def _usage_reporting(cycle: UsageReporting | None) -> Iterator[Told]:
    if cycle is None:
        return
    yield from instant(FactName.LAST_ACK, cycle.last_ack_received)
    yield from instant(FactName.ACK_DEADLINE, cycle.next_ack_deadline)
    yield from instant(FactName.NEXT_ACK_CHECK, cycle.next_ack_push_check)
    yield from instant(FactName.NEXT_PUSH, cycle.next_report_push)
    yield from instant(FactName.LAST_PUSH, cycle.last_report_push)
    yield from instant(FactName.LAST_FILE_WRITE, cycle.last_report_file_write)
    yield from instant(FactName.LAST_PULL, cycle.last_report_pull)
    yield from count(FactName.REPORTING_INTERVAL_DAYS, cycle.reporting_interval_days)


def _transport(transport: Transport | None) -> Iterator[Told]:
    if transport is None:
        return
    if known := TRANSPORTS.get((transport.type or "").lower()):
        yield Told(FactName.TRANSPORT, known, text=transport.type or "")
    yield from words(FactName.TRANSPORT_URL, transport.url)
    if transport.proxy is not None:
        yield Told(FactName.PROXY_ADDRESS, transport.proxy.address or None)
        yield Told(FactName.PROXY_PORT, transport.proxy.port or None)


def account(said: Account | None) -> Iterator[Told]:
    """Facts of the account."""
    if said is not None:
        yield from words(FactName.SMART_ACCOUNT, said.smart)
        yield from words(FactName.VIRTUAL_ACCOUNT, said.virtual)


def _trust(installed: Instant | None, members: tuple[Trust, ...]) -> Iterator[Told]:
    yield from instant(FactName.TRUST_CODE, installed)
    for member in members:
        yield from instant(FactName.TRUST_MEMBER, member.installed, member.udi)


def registration(said: Registration | None) -> Iterator[Told]:
    """Facts of the block `Registration:`."""
    if said is None:
        return
    if said.status:
        yield Told(FactName.REGISTRATION, said.status.lower(), text=said.status)
    yield from instant(FactName.REGISTRATION_EXPIRES, said.expires)


def authorization(said: Authorization | None) -> Iterator[Told]:
    """Facts of the block `License Authorization:`."""
    if said is None:
        return
    if said.status is not None:
        word = underscored(said.status)
        yield Told(FactName.AUTHORIZATION, word or None, text=said.status)
        yield from _compliance(word, "")
    yield from instant(FactName.AUTHORIZATION_DEADLINE, said.communication_deadline)


def _compliance(word: str, tag: str) -> Iterator[Told]:
    if word == "out_of_compliance" or word in _COMPLIANT:
        yield Told(FactName.OUT_OF_COMPLIANCE, word == "out_of_compliance", tag)


def entitlements(entitled: tuple[Entitlement, ...] | None) -> Iterator[Told]:
    """Facts of licences in use, by tag; an empty list is one, too: nothing is in use any more."""
    if entitled is not None and not entitled:
        yield Told(FactName.USAGE_LISTED, 0)
    for entitlement in entitled or ():
        if entitlement.tag and entitlement.tag.lower() not in NONE_WORDS:
            yield from _entitlement(entitlement, entitlement.tag)


def _entitlement(entitlement: Entitlement, tag: str) -> Iterator[Told]:
    yield from count(FactName.USAGE_COUNT, entitlement.count, tag)
    if entitlement.status:
        word = underscored(entitlement.status)
        yield Told(FactName.USAGE_STATUS, word, tag, text=entitlement.status)
        yield from _compliance(word, tag)


def reports(rum: Rum | None) -> Iterator[Told]:
    """Facts of `Usage Report Summary`."""
    if rum is not None:
        yield from count(FactName.RUM_TOTAL, rum.total)
        yield from count(FactName.RUM_WAITING, rum.waiting_for_ack)
