"""`show license status`: policy, usage reporting and its deadlines, transport, account, trust code.

Sources: Cisco's chapter "CUBE Smart Licensing" (17.3.2 layout); Smart Agent 4.x (registration and
authorization), 5.x and 6.x (Smart Licensing Using Policy).
"""

import re
from collections.abc import Iterator
from typing import Final

from monitor.parse.show import license_facts
from monitor.parse.show.instants import NONE_WORDS, TIME, Instant
from monitor.parse.show.license_data import (
    Account,
    Attributes,
    Authorization,
    LicenseStatus,
    Policy,
    Proxy,
    Registration,
    Transport,
    UsageReporting,
)
from monitor.parse.show.license_sheet import CLASSES, Sheet, value, walk
from monitor.parse.show.license_trust import active_code, codes_of, trusted
from monitor.parse.show.output import Command, Told
from monitor.parse.show.page import Block, Page

_ON = re.compile(r"(.{1,60}?) (?:on|as of) (.+)", re.IGNORECASE)
_AS_OF = re.compile(rf"(.{{1,200}}?) As of (?:{TIME}|<none>)", re.IGNORECASE)
_ORIGIN = re.compile(r"(\S{1,15}?)(?: \(([^()]{1,60})\))?")
_INTERVAL = re.compile(
    r"(\d{1,5})(?: days?)?(?: \(no reporting\))?"
    r"(?: State\((\d{1,4})\))?(?: InPolicy\((\d{1,5})\))?",
    re.IGNORECASE,
)
_INSTALLED_ON = re.compile(r"Installed On (.+)", re.IGNORECASE)
_REGISTRATIONS: Final = frozenset(
    {
        "registered",
        "registered - specific license reservation",
        "registered - universal license reservation",
        "unregistered",
        "unregistered - registration failed",
        "unregistered - registration pending",
        "unregistered - registration expired",
        "registering - registration in progress",
        "registration in progress",
        "registration pending",
        "registration failed",
        "registration expired",
        "not registered",
        "not applicable",
    }
)
_OUTCOMES: Final = frozenset(
    {"succeeded", "failed", "pending", "in progress", "first attempt pending", ""}
)
_AUTHORIZATIONS: Final = frozenset(
    {
        "authorized",
        "out of compliance",
        "in compliance",
        "eval mode",
        "evaluation mode",
        "eval expired",
        "evaluation expired",
        "authorization expired",
        "not authorized",
        "authorized - reserved",
        "authorized (reserved)",
        "reserved",
        "no licenses in use",
        "pending",
        "waiting",
    }
)


def read(page: Page) -> LicenseStatus:
    """The output's values."""
    return status(page, walk(page))


def status(page: Page, sheet: Sheet) -> LicenseStatus:
    """The sections of `show license status` of a sheet."""
    values = sheet.values
    codes = codes_of(page, sheet.trust)
    return LicenseStatus(
        policy=_policy(page, sheet),
        usage_reporting=_usage_reporting(page, values),
        transport=_transport(page, values),
        account=_account(page, values),
        trust_code_installed=active_code(page, sheet, codes),
        trust_codes=codes if any(code.role or code.type for code in codes) else None,
        trust=trusted(sheet, codes),
        registration=_registration(page, values),
        authorization=authorization(page, values),
        utility=values.get("utility.status"),
        using_policy=values.get("slp.status"),
        reporting_mode=values.get("slp.reporting_mode"),
        privacy=_privacy(values),
        custom_id=value(values, "misc.custom_id"),
        unparsed=page.unparsed,
    )


def _printed(values: dict[str, str], *prefixes: str) -> bool:
    return any(key.startswith(prefixes) for key in values)


# Policy


def _policy(page: Page, sheet: Sheet) -> Policy | None:
    values = sheet.values
    if not sheet.classes and not _printed(values, "policy."):
        return None
    required, origin = _with_origin(page, "Reporting ACK required", values, "policy.ack_required")
    in_use = values.get("policy.in_use")
    return Policy(
        ack_required=page.yes("Reporting ACK required", required),
        ack_origin=origin,
        name=value(values, "policy.name"),
        in_use=in_use,
        installed=_policy_installed(page, in_use, values.get("policy.installed")),
        attributes={name: _attributes(page, sheet.classes.get(name)) for name in CLASSES},
    )


def _policy_installed(page: Page, in_use: str | None, installed: str | None) -> Instant | None:
    if installed is not None:
        return page.instant("Installed Time", installed)
    found = _INSTALLED_ON.fullmatch(in_use or "")
    return page.instant("Policy in use", found[1]) if found else None


def _with_origin(
    page: Page, label: str, values: dict[str, str], key: str
) -> tuple[str | None, str | None]:
    text = values.get(key)
    if text is None:
        return None, None
    found = _ORIGIN.fullmatch(text)
    if found is None:
        page.unclear(label, text, "a value and its origin")
        return None, None
    return found[1], found[2]


def _attributes(page: Page, block: Block | None) -> Attributes | None:
    if block is None:
        return None
    first = _days(page, "First report requirement (days)", block)
    frequency = _days(page, "Reporting frequency (days)", block)
    change = _days(page, "Report on change (days)", block)
    return Attributes(
        first_report_days=first[0],
        first_report_origin=first[1],
        frequency_days=frequency[0],
        frequency_origin=frequency[1],
        on_change_days=change[0],
        on_change_origin=change[1],
    )


def _days(page: Page, label: str, block: Block) -> tuple[int | None, str | None]:
    number, origin = _with_origin(page, label, block.values, label.lower())
    return page.number(label, number), origin


# Usage reporting


def _usage_reporting(page: Page, values: dict[str, str]) -> UsageReporting | None:
    if not values.keys() & _REPORTING_KEYS:
        return None
    days, in_policy = _interval(page, values.get("reporting_interval"))
    return UsageReporting(
        last_ack_received=page.instant("Last ACK received", values.get("last_ack_received")),
        next_ack_deadline=page.instant("Next ACK deadline", values.get("next_ack_deadline")),
        reporting_interval_days=days,
        in_policy=in_policy,
        next_ack_push_check=page.instant("Next ACK push check", values.get("next_ack_push_check")),
        next_report_push=page.instant("Next report push", values.get("next_report_push")),
        last_report_push=page.instant("Last report push", values.get("last_report_push")),
        last_report_file_write=page.instant(
            "Last report file write", values.get("last_report_file_write")
        ),
        last_report_pull=page.instant("Last report pull", values.get("last_report_pull")),
    )


_REPORTING_KEYS: Final = frozenset(
    {
        "last_ack_received",
        "next_ack_deadline",
        "reporting_interval",
        "next_ack_push_check",
        "next_report_push",
        "last_report_push",
        "last_report_file_write",
        "last_report_pull",
    }
)


def _interval(page: Page, text: str | None) -> tuple[int | None, int | None]:
    if text is None or text.lower() in NONE_WORDS:
        return None, None
    found = _INTERVAL.fullmatch(text)
    if found is None:
        page.unclear("Reporting interval", text, "a number of days")
        return None, None
    return int(found[1]), int(found[3]) if found[3] else None


# Transport, account, privacy


def _transport(page: Page, values: dict[str, str]) -> Transport | None:
    if not _printed(values, "transport.", "proxy."):
        return None
    kind = values.get("transport.type")
    if kind is not None and kind.lower() not in license_facts.TRANSPORTS:
        page.unclear("Transport Type", kind, "a known transport")
    url, cslu = value(values, "transport.url"), value(values, "transport.cslu_address")
    return Transport(
        type=kind,
        url=url or cslu or (None if url is None else url),
        cslu_address=cslu,
        proxy=_proxy(values),
        vrf=value(values, "transport.vrf") or value(values, "vrf.said"),
        server_identity_check=values.get("transport.server_identity_check"),
        ip_mode=values.get("transport.ip_mode"),
        trust_point=values.get("transport.trust_point"),
    )


def _proxy(values: dict[str, str]) -> Proxy | None:
    if not _printed(values, "proxy."):
        return None
    return Proxy(address=value(values, "proxy.address"), port=value(values, "proxy.port"))


def _account(page: Page, values: dict[str, str]) -> Account | None:
    if not _printed(values, "account."):
        return None
    smart = values.get("account.smart")
    found = _AS_OF.fullmatch(smart or "")
    as_of = None
    if found is not None and smart is not None:
        as_of = page.instant("Smart Account", smart[len(found[1]) + len(" As of ") :])
        smart = found[1]
    return Account(
        smart=value({"smart": smart}, "smart") if smart is not None else None,
        virtual=value(values, "account.virtual"),
        as_of=as_of,
    )


def _privacy(values: dict[str, str]) -> dict[str, str] | None:
    prefix = "privacy."
    found = {key.removeprefix(prefix): text for key, text in values.items() if prefix in key}
    return found or None


# Before Smart Licensing Using Policy


def _registration(page: Page, values: dict[str, str]) -> Registration | None:
    if not _printed(values, "registration."):
        return None
    status = values.get("registration.status")
    if status is not None and status.lower() not in _REGISTRATIONS:
        page.unclear("Registration Status", status, "a known state of registration")
    initial, initial_at = _outcome(page, "Initial Registration", values, "registration.initial")
    account = _account(page, values)
    return Registration(
        status=status,
        smart_account=account.smart if account else None,
        virtual_account=account.virtual if account else None,
        export_controlled=values.get("registration.export_controlled"),
        initial=initial,
        initial_at=initial_at,
        failure_reason=value(values, "registration.failure_reason"),
        next_registration_attempt=_attempt(page, "Next Registration Attempt", values)[1],
        last_renewal_attempt=_attempt(page, "Last Renewal Attempt", values)[1],
        next_renewal_attempt=_attempt(page, "Next Renewal Attempt", values)[1],
        expires=page.instant("Registration Expires", values.get("registration.expires")),
    )


def authorization(page: Page, values: dict[str, str]) -> Authorization | None:
    """The block `License Authorization:`, of the status or of the usage."""
    if not _printed(values, "authorization."):
        return None
    status, at = _stated(page, "License Authorization", values, "authorization.status")
    if status and status.lower() not in _AUTHORIZATIONS:
        page.unclear("License Authorization Status", status, "a known state of authorization")
    last, last_at = _outcome(
        page, "Last Communication Attempt", values, "authorization.last_communication_attempt"
    )
    return Authorization(
        status=status,
        at=at,
        last_communication=last,
        last_communication_at=last_at,
        next_communication=page.instant(
            "Next Communication Attempt", values.get("authorization.next_communication_attempt")
        ),
        communication_deadline=page.instant(
            "Communication Deadline", values.get("authorization.communication_deadline")
        ),
    )


def _attempt(page: Page, label: str, values: dict[str, str]) -> tuple[str | None, Instant | None]:
    key = f"registration.{label.lower().replace(' ', '_')}"
    text = values.get(key)
    if text is not None and _ON.fullmatch(text) is None:
        return None, page.instant(label, text)
    return _stated(page, label, values, key)


def _outcome(
    page: Page, label: str, values: dict[str, str], key: str
) -> tuple[str | None, Instant | None]:
    word, at = _stated(page, label, values, key)
    if (word or "").lower() not in _OUTCOMES:
        page.unclear(label, values[key], "SUCCEEDED or FAILED")
    return word, at


def _stated(
    page: Page, label: str, values: dict[str, str], key: str
) -> tuple[str | None, Instant | None]:
    text = value(values, key)
    if not text or text.lower() in NONE_WORDS:
        return (None if text is None else ""), None
    found = _ON.fullmatch(text)
    return (found[1], page.instant(label, found[2])) if found else (text, None)


def tell(data: LicenseStatus) -> Iterator[Told]:
    """Facts."""
    yield from license_facts.status(data)


COMMAND: Final = Command(
    name="show license status",
    marks=frozenset(
        {
            "sending hostname",
            "version privacy",
            "reporting ack required",
            "policy in use",
            "last ack received",
            "next ack deadline",
            "next report push",
            "trust code installed",
            "initial registration",
            "registration expires",
            "communication deadline",
            "last renewal attempt",
            "export-controlled functionality",
            "next communication attempt",
        }
    ),
    titles=frozenset({"utility", "usage reporting", "registration", "license authorization"}),
    begins="utility",
    read=read,
    tell=tell,
)
