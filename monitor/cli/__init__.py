"""The command line: one file per command, one line each in COMMANDS.

A command's module has `DESCRIPTION` (with examples), `arguments(parser)` and `run(arguments)`,
which returns the exit code. Modules are imported only when their command is called, so that
`cubemon judge` starts without loading the service.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from keyword import iskeyword
from typing import Final, Protocol, cast

from monitor import __version__
from monitor.errors import MonitorError

COMMANDS: Final = {
    "judge": "say from pasted or captured output whether calls will stop, when and why",
    "advise": "what to put right on a router, by Cisco's task flow, from captured output",
    "what-if": "what another release would change for a router",
    "parse": "read show output or syslog lines into JSON",
    "peaks": "measure licence usage from a file of readings",
    "recompute": "measure stored readings again, beside what is recorded",
    "tables": "trunk calls of the last minutes to days, as a router's own tables show them",
    "try": "log in to a router once and say what would be known of it",
    "import": "bring captured output into a monitor",
    "report": "measured usage over a time beside what CSSM should have received, for a true-up",
    "rum": "usage reports of routers: acknowledged, waiting, lost; export the files",
    "redact": "take names, addresses and serial numbers out of captured output",
    "serve": "run the monitor",
    "status": "fleet, deadlines and findings of a running monitor (fit as a monitoring check)",
    "explain": "why a device is judged as it is",
    "discover": "which addresses answer, and a configuration for them; writes nothing",
    "doctor": "how well each device is heard, and what to set up",
    "accounts": "licences purchased, in use and left by virtual account, forecast and transfers",
    "rehearse": "what happens if a pair fails over now",
    "device": "retire, rename, merge or replace a device of a running monitor",
    "ship": "how far the databases outside have come; send them things again",
    "notify": "how it stands with the channels that tell people; test them",
    "page": "what people are told of, and what it turned out to be",
    "ack": "take a page, so that nobody else is told",
    "maintenance": "hide warnings of devices that are worked on",
    "silence": "send no pages of some matter for a while",
    "store": "how the store stands; verify, compact, back up and restore it",
    "check": "check a configuration file",
    "reload": "let a running monitor take its changed configuration into use",
    "audit": "who changed what by hand",
    "token": "make a strong token for the API",
    "rules": "write the recording and alerting rules for Prometheus",
    "play": "run scenario files through the whole monitor with a fake clock",
    "demo": "run the monitor against a virtual fleet",
}

GROUPS: Final = {
    "from output of a router, without a service": "judge advise what-if parse peaks redact try",
    "what a running monitor knows": "status explain doctor accounts rehearse rum report tables",
    "pages": "page ack maintenance silence notify",
    "routers and data": "discover device import recompute store ship",
    "the service itself": "serve check reload token audit rules",
    "to see it work": "demo play",
}
"""How the help lists COMMANDS: each in one group, what is wanted first at the top."""

EXIT_UNUSABLE: Final = 2
_EXIT_INTERRUPTED: Final = 130


class Command(Protocol):
    """What a command's module offers."""

    DESCRIPTION: str

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its arguments."""
        ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; the exit code comes back."""
        ...


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 2 for wrong arguments or unusable input, else what the command says."""
    given = list(sys.argv[1:] if words is None else words)
    try:
        return _run(given)
    except MonitorError as error:
        print(f"cubemon: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has seen enough; keep the interpreter from complaining at exit.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(words: list[str]) -> int:
    parser = _parser()
    if not words or words[0] not in COMMANDS:
        return _without_command(parser, words)
    module = words[0].replace("-", "_")
    module += "_" * iskeyword(module)
    command = cast("Command", import_module(f"monitor.cli.{module}"))
    own = argparse.ArgumentParser(
        prog=f"cubemon {words[0]}",
        description=command.DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.arguments(own)
    return command.run(own.parse_args(words[1:]))


def _without_command(parser: argparse.ArgumentParser, words: list[str]) -> int:
    if words and not words[0].startswith("-"):
        near = get_close_matches(words[0], COMMANDS, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        print(
            f"cubemon: no command is called {words[0]!r}; {hint}`cubemon --help` lists them",
            file=sys.stderr,
        )
        return EXIT_UNUSABLE
    parser.parse_args(words)
    parser.print_help(sys.stderr)
    return EXIT_UNUSABLE


def _listing() -> str:
    groups = []
    for heading, names in GROUPS.items():
        lines = [f"  {name:<13}{COMMANDS[name]}\n" for name in names.split()]
        groups.append(f"{heading}:\n{''.join(lines)}")
    return "\n".join(groups)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cubemon",
        description="Watch Cisco CUBE Smart Licensing.",
        epilog=f"{_listing()}\n`cubemon COMMAND --help` shows examples of each.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cubemon {__version__}")
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="see below")
    return parser
