"""Module cisco-smart-license: the acknowledgement cycle, usage, authorization, trust, transport."""

import re
from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.tags import TAGS
from monitor.parse.gnmi.branch import Branch, Module, Said, Told, Used

_TRANSPORTS: Final = ("callhome", "smart", "cslu", "off", "automatic")
_AUTHORIZATIONS: Final = (
    "none",
    "eval",
    "eval-expired",
    "authorized",
    "authorized-reservation",
    "out-of-compliance",
    "authorization-expired",
)
_AUTHORIZED: Final = frozenset({"authorized", "authorized_reservation", "eval"})
_MODES: Final = (
    "waiting",
    "in-compliance",
    "out-of-compliance",
    "overage",
    "evaluation",
    "evaluation-expired",
    "authorization-expired",
    "reservation-in-compliance",
    "invalid-tag",
    "disabled",
)
_COMPLIANT: Final = frozenset({"in_compliance", "reservation_in_compliance"})
_OUT: Final = "out_of_compliance"
_WORDS: Final = {"eval": "eval_mode"}
"""Where the command line, which facts follow, has another word."""

_TAG = re.compile(r"CUBE_[A-Z]{1,8}_[A-Z]{1,8}(?![A-Za-z0-9])")
_REGID = re.compile(r"regid\.[\d-]{4,10}\.com\.cisco\.([^,|]{1,120}),.{0,200}")

STATE: Final = ("licensing", "state", "state-info")
USAGE: Final = (*STATE, "usage")
COUNT: Final = (*USAGE, "count")


def _acknowledgement(branch: Branch) -> Iterator[Said]:
    yield from branch.instant(FactName.ACK_DEADLINE, "next-report-deadline")
    yield from branch.instant(FactName.LAST_ACK, "last-received-time")


def _policy(branch: Branch) -> Iterator[Said]:
    required = branch.flag("ack-required")
    if required is not None:
        yield Told(FactName.ACK_REQUIRED, required)
    if name := branch.words("policy-name"):
        yield Told(FactName.POLICY_NAME, name)


def _days(branch: Branch, key: str) -> Iterator[Said]:
    for name, leaf in (
        (FactName.FIRST_REPORT_DAYS, "reporting-first-time"),
        (FactName.REPORTING_FREQUENCY_DAYS, "reporting-ongoing"),
        (FactName.REPORT_ON_CHANGE_DAYS, "reporting-macd"),
    ):
        days = branch.number(leaf)
        if days is not None:
            yield Told(name, days, key)


def _authorization(branch: Branch) -> Iterator[Said]:
    word = branch.word("authorization-state", "auth-state-", _AUTHORIZATIONS)
    # Under Smart Licensing Using Policy there is none, and that is healthy: nothing is known.
    if word is None or word == "none":
        return
    yield Told(FactName.AUTHORIZATION, _WORDS.get(word, word))
    if word == _OUT or word in _AUTHORIZED:
        yield Told(FactName.OUT_OF_COMPLIANCE, word == _OUT)


def _out_of_compliance(branch: Branch) -> Iterator[Said]:
    since = next(branch.instant(FactName.OUT_OF_COMPLIANCE, "ooc-time"), None)
    if since is not None and since.value is not None:
        yield Told(FactName.OUT_OF_COMPLIANCE, value=True, text=f"since {since.text}")


def _transport(branch: Branch) -> Iterator[Said]:
    word = branch.word("transport-type", "transport-type-", _TRANSPORTS)
    if word in _TRANSPORTS:
        yield Told(FactName.TRANSPORT, word)


def _udi(branch: Branch) -> Iterator[Said]:
    pid, serial = branch.words("pid"), branch.words("sn")
    if pid and serial:
        yield Told(FactName.UDI, f"PID:{pid},SN:{serial}")


def _trust(branch: Branch) -> Iterator[Said]:
    installed = branch.flag("is-installed")
    if installed is None:
        return
    when = next(branch.instant(FactName.TRUST_CODE, "time-installed"), None)
    value = (when.value if when and when.value else True) if installed else None
    owner = branch.words("udi") or branch.key
    if _another(owner, branch.udi):
        yield Told(FactName.TRUST_MEMBER, value, owner)
    else:
        yield Told(FactName.TRUST_CODE, value)


def _another(owner: str, own: str | None) -> bool:
    """Whether a trust code is a pair member's and not this device's."""
    serial = owner.partition("SN:")[2].partition(",")[0]
    return bool(serial and own) and f"SN:{serial}" not in (own or "")


def _usage(branch: Branch) -> Iterator[Said]:
    tag = _tag(branch)
    if not tag:
        return
    count = branch.number("count")
    if count is not None:
        yield Used(branch.key, tag, count)
    word = branch.word("enforcement-mode", "enforcement-", _MODES)
    if word is None:
        return
    yield Told(FactName.USAGE_STATUS, word, tag)
    if word == _OUT or word in _COMPLIANT:
        yield Told(FactName.OUT_OF_COMPLIANCE, word == _OUT, tag)


def _tag(branch: Branch) -> str:
    """The short tag of an entry: what is certainly one of CUBE's, else the middle of its id."""
    entitlement = branch.words("entitlement-tag") or branch.key
    names = [branch.words("short-name"), branch.words("license-name")]
    for text in (entitlement, *names):
        found = _TAG.search(text)
        if found is not None and found[0] in TAGS:
            return found[0]
    regid = _REGID.fullmatch(entitlement)
    if regid is not None:
        return regid[1]
    return next((name for name in names if name), entitlement)[:120]


MODULE: Final = Module(
    owners=frozenset({"cisco-smart-license"}),
    root="licensing",
    branches={
        (*STATE, "rum-ack"): _acknowledgement,
        (*STATE, "policy"): _policy,
        (*STATE, "policy", "policy-enforced"): lambda branch: _days(branch, "enforced"),
        (*STATE, "policy", "policy-export"): lambda branch: _days(branch, "export"),
        (*STATE, "policy", "policy-subscription"): lambda branch: _days(branch, "subscription"),
        (*STATE, "policy", "policy-perpetual"): lambda branch: _days(branch, "perpetual"),
        (*STATE, "authorization"): _authorization,
        (*STATE, "authorization", "authorization-out-of-compliance"): _out_of_compliance,
        (*STATE, "transport"): _transport,
        (*STATE, "udi"): _udi,
        (*STATE, "trust-code"): _trust,
        USAGE: _usage,
    },
)
