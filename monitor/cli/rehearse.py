"""`cubemon rehearse PAIR`: what happens if this pair fails over now."""

import argparse
import json
import sys
from typing import Final

from monitor.cli.remote import (
    UNKNOWN,
    AbsentError,
    CheckParser,
    Object,
    Remote,
    UnreachableError,
    tidy,
    where,
)

DESCRIPTION: Final = """\
Rehearse a failover on paper: whether the standby lives (trust code, deadline, SIP service, account,
policy, release), what is needed in licences and which page would fire. Nothing is sent to a router.

examples:
  cubemon rehearse edge
  cubemon rehearse cube-1 --url http://127.0.0.1:9090 --json

exit codes: 0 calls go on; 1 they go on, but the standby's licensing is not in order; 2 calls stop,
or nobody takes over; 3 not known, or the monitor cannot be reached, or no pair has that name.
"""

_EXITS: Final = {"fine": 0, "differs": 1, "fails": 2}
_MARKS: Final = {"fine": "ok", "fails": "FAILS", "differs": "differs", "unknown": "unknown"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them; wrong ones end with 3."""
    parser.__class__ = CheckParser
    parser.add_argument("pair", metavar="PAIR", help="its name, or that of one of its members")
    where(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Ask for the rehearsal of one pair and print it."""
    try:
        path = f"pairs/{arguments.pair}/rehearsal"
        rehearsal = Remote.of(arguments).get(path)
        text = json.dumps(rehearsal) if arguments.json else "\n".join(_lines(rehearsal))
        code = _EXITS.get(rehearsal["lives"], UNKNOWN)
    except AbsentError as error:
        nearest = f"; nearest: {', '.join(error.nearest)}" if error.nearest else ""
        return _failed(f"{error}{nearest}")
    except UnreachableError as error:
        return _failed(str(error))
    except (LookupError, TypeError, ValueError) as error:
        return _failed(f"the answer is not a monitor's: {tidy(repr(error))}")
    print(text)
    return code


def _failed(why: str) -> int:
    print(f"cubemon: {why}", file=sys.stderr)
    return UNKNOWN


def _lines(rehearsal: Object) -> list[str]:
    lines = [tidy(rehearsal["headline"]), ""]
    lines += [
        f"  {tidy(one['name']):<12}{_MARKS.get(one['verdict'], '?'):<9}{tidy(one['why'])}"
        for one in rehearsal["checks"]
    ]
    lines += ["", "licences needed, once for the pair", *_needs(rehearsal)]
    lines += ["", f"page: {tidy(rehearsal['page']) or 'none'}"]
    return [*lines, f"next: {tidy(rehearsal['next'])}"] if rehearsal["next"] else lines


def _needs(rehearsal: Object) -> list[str]:
    needs = [
        f"  {tidy(one['tag'])}: {int(one['count'])} ({tidy(one['profile'])})"
        for one in rehearsal["needs"]
    ]
    return needs or ["  not known"]
