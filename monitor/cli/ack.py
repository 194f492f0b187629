"""`cubemon ack ID`: take a page, so that nobody else is told."""

import argparse
import json
from typing import Final

from monitor.cli.outcome import whom
from monitor.cli.remote import Remote, tidy, where

DESCRIPTION: Final = """\
Take open pages: they are not escalated any more, and the finding shows who has them.

examples:
  cubemon ack 17
  cubemon ack 17 18 --by "anna on duty"

exit codes: 0 taken; 2 a page is not open, or no monitor answers."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("id", metavar="ID", nargs="+", type=int, help="see `cubemon page list`")
    parser.add_argument("--by", default="", metavar="WHO", help="who takes them (default: you)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    where(parser)


def run(arguments: argparse.Namespace) -> int:
    """Take each."""
    remote = Remote.of(arguments)
    body = json.dumps({"by": whom(arguments.by)}).encode()
    taken = [remote.post(f"pages/{number}/acknowledge", body) for number in arguments.id]
    if arguments.json:
        print(json.dumps({"pages": taken}))
        return 0
    for one in taken:
        print(f"{one['id']}  taken by {tidy(one['acknowledged_by'])}: {tidy(one['title'])}")
    return 0
