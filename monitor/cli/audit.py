"""`cubemon audit`: who changed what by hand."""

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Final

from monitor.cli.remote import UNKNOWN, Object, Remote, UnreachableError, tidy, where

DESCRIPTION: Final = """\
Who changed what by hand: writing calls of the API and of commands, and reloads; newest first.

examples:
  cubemon audit
  cubemon audit --limit 1000 --json

exit codes: 0 shown; 3 the monitor cannot be reached."""

_PAGE: Final = 1_000


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    where(parser)
    parser.add_argument(
        "--limit", type=_count, default=50, metavar="N", help="at most so many (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="one object a line")


def run(arguments: argparse.Namespace) -> int:
    """Ask the monitor and print."""
    try:
        found = list(islice(_records(Remote.of(arguments), arguments.limit), arguments.limit))
    except UnreachableError as error:
        print(f"cubemon: {error}", file=sys.stderr)
        return UNKNOWN
    for one in found:
        print(json.dumps(one) if arguments.json else _line(one))
    if not found and not arguments.json:
        print("nothing was changed by hand")
    return 0


def _records(remote: Remote, limit: int) -> Iterator[Object]:
    query: dict[str, object] = {"limit": min(limit, _PAGE)}
    while True:
        page = remote.get("audit", **query)
        yield from page["records"]
        if page["next"] is None:
            return
        query["cursor"] = page["next"]


def _line(one: Object) -> str:
    who = tidy(one["who"]) + (f" (says {tidy(one['claimed'])})" if one["claimed"] else "")
    origin = f" from {tidy(one['origin'])}" if one["origin"] else ""
    what = f": {tidy(one['what'])}" if one["what"] else ""
    return f"{one['time']}  {who}{origin}  {tidy(one['action'])}{what}  -> {tidy(one['result'])}"


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
