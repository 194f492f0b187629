"""`cubemon status`: the fleet, its deadlines and findings; its exit code serves monitoring."""

import argparse
import json
import math
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.cli.remote import (
    UNKNOWN,
    AbsentError,
    CheckParser,
    Object,
    Remote,
    UnreachableError,
    age,
    tidy,
    where,
)
from monitor.domain.instants import instant

DESCRIPTION: Final = """\
Show the fleet, its deadlines and findings as a running monitor sees them.

The first line is what a monitoring check shows, and the exit codes are those of one.

examples:
  cubemon status
  cubemon status --url http://127.0.0.1:9090 --timeout 5
  cubemon status --json | jq '.findings[] | select(.severity == "critical")'

exit codes: 0 ok; 1 warning; 2 critical; 3 unknown (not reachable, not ready, no devices, wrong
arguments).
"""

_WORDS: Final = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_STYLES: Final = {"critical": "bold red", "warning": "yellow", "info": "dim"}
_ROWS: Final = 50
_WIDE: Final = 200
_LONGEST_FIRST_LINE: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the monitor says, worst and soonest first."""

    code: int
    line: str
    now: str
    devices: Sequence[Object] = ()
    findings: Sequence[Object] = ()


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them; wrong ones end with 3."""
    parser.__class__ = CheckParser
    where(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Ask, print, and answer with the worst open severity."""
    try:
        status = ask(Remote.of(arguments))
    except (UnreachableError, AbsentError) as error:
        status = _unknown(tidy(error))
    except (LookupError, TypeError, ValueError) as error:
        # Whatever happens, a check that cannot read the answer must say unknown.
        status = _unknown(f"the answer is not a monitor's: {tidy(repr(error))}")
    if arguments.json:
        print(json.dumps(_json(status)))
    else:
        print(status.line)
        _print(status)
    return status.code


def _unknown(reason: str) -> Status:
    return Status(code=UNKNOWN, line=f"CUBE UNKNOWN - {reason}", now="")


def ask(remote: Remote) -> Status:
    """Read the fleet. Raises UnreachableError."""
    not_ready = remote.not_ready()
    now = remote.get("findings", limit=1).get("now") or ""
    findings = list(remote.all("findings"))
    devices = sorted(remote.all("devices"), key=_by_deadline)
    code = _code(devices, findings, not_ready)
    line = _first_line(code, devices, findings, not_ready)
    return Status(code=code, line=line, now=now, devices=devices, findings=findings)


def _speaking(findings: Sequence[Object]) -> list[Object]:
    return [
        found
        for found in findings
        if found["open"] and not found["inhibited_by"] and not found.get("hidden_by")
    ]


def _code(devices: Sequence[Object], findings: Sequence[Object], not_ready: str) -> int:
    words = {found["severity"] for found in _speaking(findings)}
    if "critical" in words:
        return 2
    if "warning" in words:
        return 1
    return UNKNOWN if not_ready or not devices else 0


def _first_line(
    code: int, devices: Sequence[Object], findings: Sequence[Object], not_ready: str
) -> str:
    speaking = _speaking(findings)
    counts = Counter(found["severity"] for found in speaking)
    parts = [f"{len(devices)} device{'' if len(devices) == 1 else 's'}"]
    parts += [f"{counts[word]} {word}" for word in _STYLES if counts[word]]
    worst = f"; {speaking[0]['subject']}: {speaking[0]['why']}" if code in {1, 2} else ""
    state = f"; not ready: {not_ready}" if not_ready else ""
    # A bar would begin the performance data of a monitoring plugin.
    whole = tidy(f"{', '.join(parts)}{state}{worst}").replace("|", "/")
    said = textwrap.shorten(whole, _LONGEST_FIRST_LINE, placeholder=" ...")
    figures = " ".join(f"{word}={counts[word]}" for word in _STYLES)
    return f"CUBE {_WORDS[code]} - {said} | devices={len(devices)} {figures}"


def _by_deadline(device: Object) -> tuple[float, str]:
    seconds = device["deadline_seconds"]
    return (math.inf if seconds is None else float(seconds)), str(device["id"])


def _json(status: Status) -> Object:
    return {
        "status": _WORDS[status.code].lower(),
        "exit": status.code,
        "line": status.line,
        "now": status.now or None,
        "devices": list(status.devices),
        "findings": list(status.findings),
    }


def _print(status: Status) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDE)
    for rows, table in ((status.findings, _findings), (status.devices, _devices)):
        if rows:
            console.print()
            console.print(table(status))
        if len(rows) > _ROWS:
            console.print(f"and {len(rows) - _ROWS} more (--json shows all)")


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _findings(status: Status) -> Table:
    table = _table("SEVERITY", "SUBJECT", "WHY", "NEXT", "DEADLINE")
    for found in status.findings[:_ROWS]:
        severity = tidy(found["severity"])
        table.add_row(
            Text(severity + _remark(found), style=_STYLES.get(severity, "")),
            Text(tidy(found["subject"])),
            Text(tidy(found["why"])),
            Text(tidy(found["next"])),
            Text(_moment(found, status.now)),
        )
    return table


def _remark(found: Object) -> str:
    remarks = ["stale"] if found["stale"] else []
    if found["inhibited_by"]:
        remarks.append(f"held by {tidy(found['inhibited_by'])}")
    if found.get("hidden_by"):
        remarks.append("hidden by maintenance")
    elif not found["open"]:
        remarks.append("not yet raised")
    return f" ({', '.join(remarks)})" if remarks else ""


def _devices(status: Status) -> Table:
    table = _table(
        "DEVICE", "RELEASE", "CALLS AT A MISSED DEADLINE", "ACK DEADLINE", "SIP", "STATE"
    )
    for device in status.devices[:_ROWS]:
        severity = tidy(device["severity"] or "no findings")
        stale = " (stale)" if device["stale"] else ""
        table.add_row(
            Text(tidy(device["id"])),
            Text(tidy(device["release"] or "unknown")),
            Text(tidy(device["stopping"]).replace("_", " ")),
            Text(_moment(device, status.now)),
            Text(tidy(device["sip_service"] or "unknown")),
            Text(severity + stale, style=_STYLES.get(severity, "")),
        )
    return table


def _moment(shown: Object, now: str) -> str:
    if shown["deadline"] is None or not now:
        return tidy(shown["deadline"] or "-")
    left = float(shown["deadline_seconds"]) - instant(now)
    words = f"in {age(left)}" if left >= 0 else f"{age(-left)} ago"
    return f"{tidy(shown['deadline'])} ({words})"
