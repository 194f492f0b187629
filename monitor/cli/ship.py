"""`cubemon ship`: how it stands with the databases outside; send them things again."""

import argparse
import json
from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.cli.remote import AbsentError, Object, Remote, tidy, where
from monitor.domain.instants import instant
from monitor.errors import ConfigError, MonitorError

DESCRIPTION: Final = """\
Show how far the databases outside have come (status), or send them again what is of a moment or
later (rewind): after one was restored from an older backup, or was set up anew under its old name.
Points they have stay the same. Both ask the running monitor, which alone may move a cursor.

examples:
  cubemon ship status
  cubemon ship rewind --to 2026-11-01T00:00:00Z
  cubemon ship rewind --target influxdb --to 2026-11-01T00:00:00Z

exit codes: 0 all take points; 1 one does not; 2 no monitor answers, or wrong arguments."""

_WIDE: Final = 200


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("action", choices=("status", "rewind"), help="see above")
    parser.add_argument("--target", metavar="NAME", help="one database (rewind; otherwise all)")
    parser.add_argument(
        "--to", metavar="TIME", help="RFC 3339 with its zone, or seconds since 1970"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    where(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask, print, and answer with 1 where a database takes nothing."""
    remote = Remote.of(arguments)
    told = remote.get("ship")
    if arguments.action == "rewind":
        told = _rewound(remote, told, arguments.target, _checked(arguments.to))
    if arguments.json:
        print(json.dumps(told))
    else:
        _print(told)
    return 0 if all(one["up"] for one in told["targets"]) else 1


def _checked(to: str | None) -> str:
    if to is None:
        raise ConfigError("rewind needs --to TIME, such as --to 2026-11-01T00:00:00Z")
    try:
        instant(to)
    except MonitorError as error:
        raise ConfigError(f"--to: {error}") from error
    return to


def _rewound(remote: Remote, told: Object, name: str | None, to: str) -> Object:
    names = [one["name"] for one in told["targets"]]
    if name is not None and name not in names:
        known = ", ".join(map(tidy, names)) or "none is configured"
        raise AbsentError(f"no database outside is named {name!r}: {known}", [])
    for one in names if name is None else [name]:
        told = remote.post(f"ship/{one}/rewind", b"", to=to)
    return told


def _print(told: Object) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDE)
    if not told["targets"]:
        console.print("no database outside is configured (`ship` in the configuration)")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("DATABASE", "KIND", "STATE", "BEHIND", "SENT", "REFUSED"):
        table.add_column(title, overflow="fold")
    for one in told["targets"]:
        state = "ok" if one["up"] else f"failing since {one['failing_since']}: {one['error']}"
        cells = (one["name"], one["kind"], state, _behind(one), one["sent"], one["refused"])
        table.add_row(*(Text(tidy(cell)) for cell in cells))
    console.print(table)


def _behind(one: Mapping[str, object]) -> str:
    parts = []
    if one["behind_commits"]:
        parts.append(f"{one['behind_commits']} commits, readings of {one['oldest']}")
    if one["waiting"]:
        parts.append(f"{one['waiting']} records")
    if one["repeating_from"]:
        parts.append(f"repeating {one['repeating_from']} to {one['repeating_before']}")
    return "; ".join(parts) or "nothing"
