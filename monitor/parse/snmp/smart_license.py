"""CISCO-SMART-LIC-MIB: entitlements, days of usage reporting; registration before policy mode.

Source: CISCO-SMART-LIC-MIB of 2021-07-27. Its objects hang below arc 0, which Cisco's own list of
identifiers leaves out. The MIB has no acknowledgement deadline: only whole days, so that the
deadline is derived, at its earliest.
"""

import re
from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import FactKind, FactName
from monitor.domain.instants import DAY
from monitor.parse.snmp.bindings import Bindings, Words
from monitor.parse.snmp.told import Asked, Told

OBJECTS: Final = "1.3.6.1.4.1.9.9.831.0"
ENTITLEMENT: Final = f"{OBJECTS}.5.1.1"
REQUEST_COUNT: Final = f"{ENTITLEMENT}.2"
TAG: Final = f"{ENTITLEMENT}.3"
ENFORCE_MODE: Final = f"{ENTITLEMENT}.5"
DAYS_NOT_RECEIVED: Final = f"{OBJECTS}.12.1.0"
DAYS_REQUIRED: Final = f"{OBJECTS}.12.2.0"
UDI: Final = f"{OBJECTS}.2.0"
AGENT_VERSION: Final = f"{OBJECTS}.3.0"
VIRTUAL_ACCOUNT: Final = f"{OBJECTS}.6.2.0"
SMART_ACCOUNT: Final = f"{OBJECTS}.6.4.0"
REGISTRATION: Final = f"{OBJECTS}.6.1.0"
CERTIFICATE_EXPIRES: Final = f"{OBJECTS}.6.3.0"
AUTHORIZATION: Final = f"{OBJECTS}.7.2.0"

mode_word: Final = Words(
    {
        1: "initialized",
        2: "waiting",
        3: "authorized",
        4: "out_of_compliance",
        5: "overage",
        6: "evaluation_period",
        7: "evaluation_expired",
        8: "authorization_expired",
        9: "grace_period_expired",
        10: "disabled",
        11: "reserved_authorized",
        12: "invalid_tag",
        13: "not_authorized",
        14: "not_applicable",
        15: "in_use",
        16: "not_in_use",
    }
)
_registration = Words(
    {
        1: "unregistered",
        2: "registration_in_progress",
        3: "registration_failed",
        4: "registration_retry_in_progress",
        5: "registered",
    }
)
_COMPLIANT: Final = frozenset({"authorized", "reserved_authorized", "in_use", "not_in_use"})
_LACKING: Final = frozenset({"out_of_compliance", "overage"})
_MOST_DAYS: Final = 36_500
_REGID = re.compile(r"regid\.[\d-]{1,10}\.com\.cisco\.([A-Za-z0-9_.-]{1,100}),", re.ASCII)
_UDI = re.compile(r"PID: ?([\w/.+-]{1,64}), ?SN: ?([\w.-]{1,64})", re.ASCII)


def told(values: Bindings, asked: Asked) -> Iterator[Told]:
    """Statements of a poll."""
    for row in values.column(ENFORCE_MODE):
        tag = tag_word(values.text(f"{TAG}.{row}") or "")
        mode, count = (
            values.number(f"{ENFORCE_MODE}.{row}"),
            values.number(f"{REQUEST_COUNT}.{row}"),
        )
        if tag and mode is not None:
            yield from entitlement(tag, mode_word(mode), count)
    if asked.walked.issuperset((REQUEST_COUNT, TAG, ENFORCE_MODE)):
        yield from _listed(values)
    yield from _days(values, asked)
    yield from _agent(values)
    if asked.before_policy:
        # In policy mode "not registered" and an empty authorization are healthy.
        yield from _before_policy(values)


def entitlement(tag: str, mode: str, count: int | None) -> Iterator[Told]:
    """What one entitlement says: its count, its status, whether licences are missing."""
    if count is not None:
        yield Told(FactName.USAGE_COUNT, count, tag)
    yield Told(FactName.USAGE_STATUS, mode, tag)
    if mode in _COMPLIANT | _LACKING:
        yield Told(FactName.OUT_OF_COMPLIANCE, mode in _LACKING, tag)


def _listed(values: Bindings) -> Iterator[Told]:
    """How many licences a whole table of entitlements lists.

    Nothing where a row changed while it was read, and where nothing else of the MIB was told: an
    empty table is then one that is not there, or not shown to us.
    """
    rows = [set(values.column(column)) for column in (REQUEST_COUNT, TAG, ENFORCE_MODE)]
    tagged = all(values.text(f"{TAG}.{row}") for row in rows[1])
    if tagged and rows[0] == rows[1] == rows[2] and next(values.column(OBJECTS), None):
        yield Told(FactName.USAGE_LISTED, len(rows[0]))


def tag_word(text: str) -> str:
    """`CUBE_T_STD` of that word, or of a whole `regid.2019-06.com.cisco.CUBE_T_STD,1.0_...`."""
    found = _REGID.match(text)
    return found[1] if found else text


def udi(text: str) -> str | None:
    """`PID:<pid>,SN:<sn>` in whatever form the agent writes it; None where it is none."""
    found = _UDI.search(text)
    return f"PID:{found[1]},SN:{found[2]}" if found else None


def deadline(days: int, received: float) -> Told:
    """The earliest deadline of "within so many whole days"."""
    return Told(
        FactName.ACK_DEADLINE, received + days * DAY, text=f"{days} days", kind=FactKind.DERIVED
    )


def _days(values: Bindings, asked: Asked) -> Iterator[Told]:
    waiting, required = values.number(DAYS_NOT_RECEIVED), values.number(DAYS_REQUIRED)
    if waiting is not None and waiting <= _MOST_DAYS:
        yield Told(FactName.DAYS_WITHOUT_ACK, waiting)
    if required is None or required > _MOST_DAYS:
        return
    # 0 is also what stands where nothing is required; only with days of waiting it means today.
    if required or waiting:
        yield deadline(required, asked.received)


def _agent(values: Bindings) -> Iterator[Told]:
    version = values.text(AGENT_VERSION)
    if version:
        yield Told(FactName.AGENT_VERSION, version)
    for name, oid in (
        (FactName.SMART_ACCOUNT, SMART_ACCOUNT),
        (FactName.VIRTUAL_ACCOUNT, VIRTUAL_ACCOUNT),
    ):
        account = values.text(oid)
        if account:
            yield Told(name, account)


def _before_policy(values: Bindings) -> Iterator[Told]:
    registration, expires = values.number(REGISTRATION), values.number(CERTIFICATE_EXPIRES)
    authorization = values.text(AUTHORIZATION)
    if registration is not None:
        yield Told(FactName.REGISTRATION, _registration(registration))
    if expires:
        yield Told(FactName.REGISTRATION_EXPIRES, expires)
    if authorization:
        word = "_".join(authorization.lower().replace("-", " ").split())
        yield Told(FactName.AUTHORIZATION, word, text=authorization)
