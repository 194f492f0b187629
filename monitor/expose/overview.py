"""The page at `/`: findings and fleet for people, one file, nothing loaded from elsewhere."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from monitor.domain.state import DeviceState, FleetSnapshot, OpenFinding
from monitor.expose.cycle_metrics import number
from monitor.expose.documents import runbook_address
from monitor.expose.finding_metrics import speaks
from monitor.expose.views.finding import worst_first
from monitor.expose.views.view import moment

_MOST_ROWS: Final = 500
_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1c2630; background: #fff; }
table { border-collapse: collapse; margin: .5rem 0 2rem; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #d5dce3;
  vertical-align: top; }
.critical { color: #b3151f; font-weight: 600; } .warning { color: #8a5a00; font-weight: 600; }
code { background: #eef2f6; padding: 0 .25rem; } .quiet { color: #5c6b7a; }
"""
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

STYLES: Final = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
"""What the content security policy allows: this style sheet and no other."""


def overview(fleet: FleetSnapshot) -> str:
    """The page as HTML."""
    found = [each for each in worst_first(fleet) if speaks(each)]
    links = " · ".join(f'<a href="{path}">{name}</a>' for path, name in _LINKS)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>CUBE licences</title>'
        f"<style>{_STYLE}</style></head><body><h1>CUBE licences</h1>"
        f'<p class="quiet">as of {moment(fleet.now)} · {links}</p>'
        f"{_faults(fleet.faults)}<h2>Findings ({len(found)})</h2>{_findings(found)}"
        f"<h2>Devices ({len(fleet.devices)})</h2>{_devices(fleet.devices)}</body></html>\n"
    )


def _faults(faults: Sequence[str]) -> str:
    return "".join(f'<p class="critical">{escape(one)}</p>' for one in faults)


def _findings(found: Sequence[OpenFinding]) -> str:
    rows = (
        (
            f'<span class="{each.finding.severity.word}">{each.finding.severity.word}</span>',
            escape(each.finding.subject),
            _rule(each.finding.rule),
            escape(each.finding.why) + (" (stale)" if each.finding.stale else ""),
            f"<code>{escape(each.finding.next)}</code>",
            _moment(each.finding.deadline),
        )
        for each in found[:_MOST_ROWS]
    )
    return _table(("severity", "subject", "rule", "why", "next", "deadline"), rows, len(found))


def _rule(name: str) -> str:
    return f'<a href="{runbook_address(name)}">{escape(name.replace("_", " "))}</a>'


def _devices(states: Sequence[DeviceState]) -> str:
    rows = (
        (
            escape(state.device.id),
            escape(state.release or "unknown"),
            state.stopping.value.replace("_", " "),
            _moment(number(state.cycle.deadline)),
            _moment(number(state.cycle.next_push)),
            escape(state.sip_service or "unknown"),
        )
        for state in sorted(states, key=lambda state: state.device.id)[:_MOST_ROWS]
    )
    head = ("device", "release", "calls at a missed deadline", "ACK deadline", "next push", "SIP")
    return _table(head, rows, len(states))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], total: int) -> str:
    if not total:
        return '<p class="quiet">none</p>'
    titles = "".join(f"<th>{title}</th>" for title in head)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    more = f'<p class="quiet">and {total - _MOST_ROWS} more</p>' if total > _MOST_ROWS else ""
    return f"<table><tr>{titles}</tr>\n{lines}</table>{more}"


def _moment(seconds: float | None) -> str:
    return moment(seconds) or "&ndash;"
