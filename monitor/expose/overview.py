"""The page at `/`: findings and fleet for people, one file, nothing loaded from elsewhere."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Final, NamedTuple
from urllib.parse import quote

from monitor.domain.findings import Severity
from monitor.domain.instants import span
from monitor.domain.release import Stopping
from monitor.domain.state import AccountState, DeviceState, FleetSnapshot, OpenFinding
from monitor.expose.cycle_line import cycle_line
from monitor.expose.cycle_metrics import moment as on_our_clock
from monitor.expose.cycle_metrics import number
from monitor.expose.documents import runbook_address
from monitor.expose.finding_metrics import speaks
from monitor.expose.overview_style import STYLE
from monitor.expose.views.finding import worst_first
from monitor.expose.views.view import moment

_MOST_ROWS: Final = 500
_REFRESH: Final = 60
"""Seconds; people leave it open on a wall."""
_TYPED: Final = re.compile(r"`([^`]*)`")
_LINKS: Final = (
    ("/api/v1/devices", "devices"),
    ("/api/v1/findings", "findings"),
    ("/api/v1/accounts", "accounts"),
    ("/api/v1/measurements", "measurements"),
    ("/api/v1/openapi.json", "OpenAPI"),
    ("/docs/", "documents"),
    ("/metrics", "metrics"),
    ("/-/ready", "ready"),
)
_MISSED: Final[Mapping[Stopping, str]] = {
    Stopping.STOPS: "stop",
    Stopping.MAY_STOP: "may stop",
    Stopping.NEVER: "go on",
    Stopping.BEFORE_POLICY: "depend on registration",
}
_STOPPING: Final = (Stopping.STOPS, Stopping.MAY_STOP)


class _Column(NamedTuple):
    title: str
    form: str
    """Class of its cells: name, time, text, number."""


_FINDINGS: Final = (
    _Column("severity", "name"),
    _Column("subject", "name"),
    _Column("rule", "name"),
    _Column("why", "text"),
    _Column("next", "text"),
    _Column("deadline", "time"),
)
_DEVICES: Final = (
    _Column("device", "name"),
    _Column("release", "name"),
    _Column("calls at a missed deadline", "name"),
    _Column("last ACK to deadline", "name"),
    _Column("ACK deadline", "time"),
    _Column("next push", "time"),
    _Column("role", "name"),
    _Column("SIP", "name"),
    _Column("last heard", "time"),
)
_ACCOUNTS: Final = (
    _Column("virtual account", "name"),
    _Column("tag", "name"),
    _Column("purchased", "number"),
    _Column("in use", "number"),
    _Column("balance", "number"),
)


def overview(fleet: FleetSnapshot) -> str:
    """The page as HTML."""
    found = [each for each in worst_first(fleet) if speaks(each)]
    acting = [each for each in found if each.finding.severity > Severity.INFO]
    telling = [each for each in found if each.finding.severity <= Severity.INFO]
    links = " · ".join(f'<a href="{path}">{name}</a>' for path, name in _LINKS)
    roles = _roles(fleet)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="refresh" content="{_REFRESH}">'
        f"<title>{_title(acting)}</title><style>{STYLE}</style></head><body>"
        f"<h1>CUBE licences</h1>{_lead(fleet, acting)}"
        f'<p class="quiet">as of {_instant(fleet.now)} · {links}</p>{_faults(fleet.faults)}'
        f"<h2>Findings ({len(acting)})</h2>{_findings(acting, fleet.now)}"
        f"<details><summary>For information ({len(telling)})</summary>"
        f"{_findings(telling, fleet.now)}</details>"
        f"<h2>Devices ({len(fleet.devices)})</h2>{_devices(fleet.devices, roles)}"
        f"<h2>Accounts ({len(fleet.accounts)})</h2>{_accounts(fleet.accounts)}</body></html>\n"
    )


def _title(acting: Sequence[OpenFinding]) -> str:
    critical = sum(each.finding.severity is Severity.CRITICAL for each in acting)
    return f"({critical}) CUBE licences" if critical else "CUBE licences"


def _lead(fleet: FleetSnapshot, acting: Sequence[OpenFinding]) -> str:
    """What somebody wants to know who looks at it from afar."""
    counts = Counter(each.finding.severity for each in acting)
    told = [
        f'<span class="{one.word}">{count} {one.word}{plural if count > 1 else ""}</span>'
        for one, plural in ((Severity.CRITICAL, ""), (Severity.WARNING, "s"))
        if (count := counts[one])
    ]
    unheard = sum(state.stale for state in fleet.devices)
    silent = f"; {unheard} not heard of in time" if unheard else ""
    what = ", ".join(told) or "Nothing to act on"
    return f'<p class="lead">{what}: {len(fleet.devices)} devices{silent}.{_first_stop(fleet)}</p>'


def _first_stop(fleet: FleetSnapshot) -> str:
    due = [
        (deadline, state.device.id)
        for state in fleet.devices
        if state.stopping in _STOPPING and (deadline := _due(state)) > fleet.now
    ]
    at, device = min(due, default=(math.inf, ""))
    if math.isinf(at):
        return ""
    return (
        " The first deadline at which calls stop unless an acknowledgement comes:"
        f" {_link(device)}, in {span(at - fleet.now)}."
    )


def _due(state: DeviceState) -> float:
    """When its acknowledgement is due, on our clock; infinite where nothing is."""
    deadline = on_our_clock(state, state.cycle.deadline)
    required = state.cycle.required
    spared = required is not None and required.value is False
    return math.inf if deadline is None or spared else deadline


def _faults(faults: Sequence[str]) -> str:
    return "".join(f'<p class="critical">{escape(one)}</p>' for one in faults)


def _findings(found: Sequence[OpenFinding], now: float) -> str:
    rows = (
        (
            f'<span class="{each.finding.severity.word}">{each.finding.severity.word}</span>',
            escape(each.finding.subject),
            _rule(each.finding.rule),
            _words(each.finding.why) + (" (stale)" if each.finding.stale else ""),
            _words(each.finding.next),
            _until(each.finding.deadline, now),
        )
        for each in found[:_MOST_ROWS]
    )
    return _table(_FINDINGS, rows, len(found))


def _rule(name: str) -> str:
    address, words = runbook_address(name), escape(name.replace("_", " "))
    return f'<a href="{address}">{words}</a>' if address else words


def _roles(fleet: FleetSnapshot) -> Mapping[str, str]:
    """Device -> `active of cube-fra`, as far as it is known."""
    return {
        member.device: f"{member.role.value if member.role else 'unknown'} of {state.pair.name}"
        for state in fleet.pairs
        for member in state.roles.members
    }


def _devices(states: Sequence[DeviceState], roles: Mapping[str, str]) -> str:
    nearest = sorted(states, key=lambda state: (_due(state), state.device.id))
    rows = (
        (
            _link(state.device.id),
            escape(state.release or "unknown"),
            _MISSED[state.stopping],
            cycle_line(state),
            _until(number(state.cycle.deadline), state.now),
            _until(number(state.cycle.next_push), state.now),
            escape(roles.get(state.device.id, "")),
            escape(state.sip_service or "unknown"),
            _heard(state),
        )
        for state in nearest[:_MOST_ROWS]
    )
    key = '<p class="quiet">Of each cycle: &#9679; now, &#9662; next push, &#10073; deadline.</p>'
    return _table(_DEVICES, rows, len(states)) + (key if states else "")


def _heard(state: DeviceState) -> str:
    last = max(state.last_seen.values(), default=None)
    if last is None:
        return '<span class="warning">never</span>'
    ago = f"{span(state.now - last)} ago"
    return f'<span class="warning">{ago}</span>' if state.stale else ago


def _accounts(states: Sequence[AccountState]) -> str:
    rows = list(_balances(states))
    return _table(_ACCOUNTS, rows[:_MOST_ROWS], len(rows))


def _balances(states: Sequence[AccountState]) -> Iterator[Sequence[str]]:
    for state in sorted(states, key=lambda one: one.account.name):
        for one in state.balances:
            short = one.balance is not None and one.balance < 0
            yield (
                escape(state.account.name),
                escape(one.tag),
                _count(one.purchased),
                str(one.in_use),
                f'<span class="warning">{one.balance}</span>' if short else _count(one.balance),
            )


def _table(columns: Sequence[_Column], rows: Iterable[Sequence[str]], total: int) -> str:
    if not total:
        return '<p class="quiet">none</p>'
    titles = "".join(f"<th>{column.title}</th>" for column in columns)
    lines = "".join(f"<tr>{''.join(map(_cell, columns, row))}</tr>\n" for row in rows)
    more = f'<p class="quiet">and {total - _MOST_ROWS} more</p>' if total > _MOST_ROWS else ""
    return f"<table><tr>{titles}</tr>\n{lines}</table>{more}"


def _cell(column: _Column, inside: str) -> str:
    return f'<td class="{column.form}">{inside}</td>'


def _words(text: str) -> str:
    """Text in which what is to be typed stands between backquotes."""
    return _TYPED.sub(r"<code>\1</code>", escape(text))


def _link(device: str) -> str:
    return f'<a href="/api/v1/devices/{quote(device, safe="")}">{escape(device)}</a>'


def _count(count: int | None) -> str:
    return "unknown" if count is None else str(count)


def _until(seconds: float | None, now: float) -> str:
    if seconds is None or moment(seconds) is None:
        return "&ndash;"
    away = f"in {span(seconds - now)}" if seconds > now else f"{span(now - seconds)} ago"
    return f'{_instant(seconds)}<br><span class="quiet">{away}</span>'


def _instant(seconds: float) -> str:
    exact = moment(seconds) or ""
    return f'<time datetime="{exact}">{exact[:16].replace("T", " ")} UTC</time>'
