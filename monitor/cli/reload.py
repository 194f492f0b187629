"""`cubemon reload`: let a running monitor take its changed configuration into use."""

import argparse
import json
import sys
from typing import Final

from monitor.cli.remote import UNKNOWN, RefusedError, Remote, UnreachableError, tidy, where

DESCRIPTION: Final = """\
Let a running monitor take its configuration file into use again. All of the file is checked first:
where anything is wrong, what was in use stays, and every problem is printed with file, line and
key. Nothing that is on its way in is lost.

examples:
  cubemon reload
  cubemon reload --url https://cube.example.net:8080 --ca ca.crt --token-file noc.token

exit codes: 0 in use; 2 refused, the old one stays; 3 the monitor cannot be reached."""

_REFUSED: Final = 2


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    where(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Ask the monitor to do it."""
    try:
        done = Remote.of(arguments).call("POST", "/-/reload", b"")
    except RefusedError as error:
        for line in error.errors or [str(error)]:
            print(f"cubemon: {line}", file=sys.stderr)
        print("cubemon: the configuration in use stays", file=sys.stderr)
        return _REFUSED
    except UnreachableError as error:
        print(f"cubemon: {error}", file=sys.stderr)
        return UNKNOWN
    if arguments.json:
        print(json.dumps(done))
        return 0
    changed = ", ".join(map(tidy, done.get("changed", [])))
    print(f"in use; changed: {changed or 'nothing'}")
    for warning in done.get("warnings", []):
        print(f"cubemon: {tidy(warning)}", file=sys.stderr)
    return 0
