"""`cubemon parse show`: pasted or captured show output, into JSON lines or for people."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from monitor.cli import EXIT_UNUSABLE
from monitor.cli.capture import zone
from monitor.parse.show import COMMANDS, ShowOutput, named, read
from monitor.parse.show.output import Json
from monitor.parse.show.text import LONGEST_INPUT

_LISTING: Final = "\n".join(f"  {name}" for name in COMMANDS)

DESCRIPTION: Final = f"""Read output of show commands: any mix of them, of one router.

commands:
{_LISTING}

Which command it is, is taken from the prompt or the echoed command, else from the output itself.
With --json one object per output, each on its own line: {{"command", "data", "warnings"}}. A time
is {{"utc", "text"}}; utc is null where its zone word is not known, and the whole is null where the
device says that there is none.

examples:
  cubemon parse show router.txt
  ssh cube-1 'show license status' | cubemon parse show - --json
  cubemon parse show status.txt --command "show license status" --timezone IST=+05:30

exit codes: 0 output was read (see its warnings); 1 none of these commands was recognised; 2 the
input cannot be used."""

_EXIT_UNKNOWN: Final = 1
_BYTES_PER_CHARACTER: Final = 4


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="captured output; - for standard input")
    parser.add_argument(
        "--command",
        metavar="NAME",
        type=_command,
        default="",
        help="which command it is, as far as no prompt says otherwise; recognised, unless given",
    )
    parser.add_argument(
        "--timezone",
        metavar="NAME=+HH:MM",
        type=zone,
        action="append",
        default=[],
        help="offset of a zone word the router prints; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per output")


def run(arguments: argparse.Namespace) -> int:
    try:
        text = _text(arguments.file)
    except OSError as error:
        print(f"cubemon: {arguments.file}: {error.strerror}", file=sys.stderr)
        return EXIT_UNUSABLE
    outputs = read(text, zones=dict(arguments.timezone), command=arguments.command)
    for output in outputs:
        print(json.dumps(output.as_json()) if arguments.json else _for_people(output))
    if not outputs:
        print(f"cubemon: {arguments.file}: no output of these is in it:", file=sys.stderr)
        print(_LISTING, file=sys.stderr)
    return 0 if outputs else _EXIT_UNKNOWN


def _command(words: str) -> str:
    name = named(words) if words else ""
    if name is None:
        raise argparse.ArgumentTypeError(f"{words!r} is none of: {', '.join(COMMANDS)}")
    return name


def _text(name: str) -> str:
    if name == "-":
        return _read(sys.stdin.buffer)
    with Path(name).open("rb") as source:
        return _read(source)


def _read(source: BinaryIO) -> str:
    payload = source.read(LONGEST_INPUT * _BYTES_PER_CHARACTER)
    return payload.decode("utf-8-sig", errors="replace")


def _for_people(output: ShowOutput) -> str:
    title = f"{output.host + ': ' if output.host else ''}{output.command}"
    unread = output.data.unparsed.count
    body = [(key, item) for key, item in _items(output.as_json()["data"]) if key != "unparsed"]
    warnings = [f"  warning: {warning}" for warning in output.warnings]
    left = [f"  lines not understood: {unread}"] if unread else []
    return "\n".join([title, *_lines(dict(body), 1), *left, *warnings])


def _lines(value: Json, depth: int) -> Iterator[str]:
    items = enumerate(value, start=1) if isinstance(value, list) else _items(value)
    for key, item in items:
        label = f"{'  ' * depth}{str(key).replace('_', ' ')}"
        if isinstance(item, dict | list) and item and not _is_time(item):
            yield f"{label}:"
            yield from _lines(item, depth + 1)
        elif item not in (None, [], {}):
            yield f"{label}: {_scalar(item)}"


def _items(value: Json) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        yield from value.items()


def _is_time(value: Json) -> bool:
    return isinstance(value, dict) and value.keys() == {"utc", "text"}


def _scalar(value: Json) -> str:
    if isinstance(value, dict):
        return f"{value['utc'] or 'UTC not known'} ({value['text']})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
