"""`cubemon parse`: read what devices print; one file per format, one line each in FORMATS."""

import argparse
from importlib import import_module
from typing import Final, cast

from monitor.cli import Command

FORMATS: Final = {
    "show": "output of show commands (license, cube, voice sip license)",
    "syslog": "syslog lines of Cisco routers",
}

DESCRIPTION = """Read what devices print, into JSON or for people.

formats:
""" + "\n".join(f"  {name:<8}{summary}" for name, summary in FORMATS.items())

DESCRIPTION += """

examples:
  cubemon parse show router.txt
  ssh cube-1 'show license status' | cubemon parse show - --json
  cubemon parse syslog router.log --received 2021-04-03T15:12:00Z
  cubemon parse show --help         # what is read, and how it is printed

exit codes: 0 read; 1 nothing was recognised, or some lines were not; 2 the input cannot be used.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help="show or syslog")
    parser.add_argument(
        "rest", nargs=argparse.REMAINDER, metavar="...", help="see `cubemon parse FORMAT --help`"
    )


def run(arguments: argparse.Namespace) -> int:
    command = cast("Command", import_module(f"monitor.cli.parse.{arguments.format}"))
    parser = argparse.ArgumentParser(
        prog=f"cubemon parse {arguments.format}",
        description=command.DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.arguments(parser)
    return command.run(parser.parse_args(arguments.rest))
