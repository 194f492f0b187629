"""`cubemon parse syslog`: one syslog line after the other, into JSON lines or a table."""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Final

from monitor.cli import EXIT_UNUSABLE
from monitor.cli.capture import moment, zone_or_none
from monitor.domain.instants import rfc3339
from monitor.domain.records import Json
from monitor.errors import ParseError
from monitor.parse import syslog

DESCRIPTION = """Read syslog lines of Cisco routers, one message per line, in order.

examples:
  cubemon parse syslog router.log
  journalctl -o cat -u rsyslog | cubemon parse syslog - --json
  cubemon parse syslog router.log --received 2021-04-03T15:12:00Z --timezone IST=+05:30
  cubemon parse syslog router.log --timezone =-05:00     # stamps without a zone word

A zone word that is neither UTC nor named by --timezone is never guessed: the time is null then.

exit codes: 0 every line was read; 1 some were not; 2 the input cannot be used."""

_LONGEST_LINE: Final = 65_535
"""Bytes; no datagram is longer."""
_MARKS: Final = {"unsynchronised": "*", "lost": "."}
"""In front of a time, as IOS writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What is printed of one line; None where it is not known."""

    line: int
    ok: bool
    reason: str | None = None
    pri: int | None = None
    facility: str | None = None
    severity: int | None = None
    mnemonic: str | None = None
    origin: str | None = None
    counter: int | None = None
    sequence: int | None = None
    time: str | None = None
    clock: str | None = None
    text: str | None = None
    events: tuple[Mapping[str, Json], ...] = ()


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="file of syslog lines; - for standard input")
    parser.add_argument(
        "--received",
        metavar="TIME",
        type=moment,
        help="when the lines were received (RFC 3339 or epoch seconds); now, unless given."
        " A missing year is the one nearest to it",
    )
    parser.add_argument(
        "--timezone",
        metavar="NAME=+HH:MM",
        type=zone_or_none,
        action="append",
        default=[],
        help="offset of a zone word; an empty NAME is for stamps without one; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    received = time.time() if arguments.received is None else arguments.received
    show = _as_json if arguments.json else _for_people
    try:
        with _opened(arguments.file) as source:
            return _print(source, received, dict(arguments.timezone), show)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        print(f"cubemon: {arguments.file}: {error.strerror}", file=sys.stderr)
        return EXIT_UNUSABLE


def _opened(name: str) -> contextlib.AbstractContextManager[BinaryIO]:
    return contextlib.nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb")


def _print(
    source: BinaryIO, received: float, zones: Mapping[str, int], show: Callable[[_Line], str]
) -> int:
    refused = 0
    for number, payload in enumerate(_payloads(source), start=1):
        line = _read(number, payload, received, zones)
        refused += not line.ok
        print(show(line))
    return 1 if refused else 0


def _payloads(source: BinaryIO) -> Iterator[bytes | None]:
    """Each line without its end; None for one longer than any datagram, which is skipped."""
    while line := source.readline(_LONGEST_LINE + 1):
        if len(line) <= _LONGEST_LINE or line.endswith(b"\n"):
            yield line.rstrip(b"\r\n")
            continue
        yield None
        while line and not line.endswith(b"\n"):
            line = source.readline(_LONGEST_LINE)


def _read(number: int, payload: bytes | None, received: float, zones: Mapping[str, int]) -> _Line:
    if payload is None:
        return _Line(line=number, ok=False, reason="too_long")
    try:
        message = syslog.read(payload, received)
    except ParseError as error:
        counter = syslog.leading_counter(payload)
        return _Line(line=number, ok=False, reason=error.reason, counter=counter)
    when = syslog.when(message.stamp, received, zones)
    return _Line(
        line=number,
        ok=True,
        pri=message.pri,
        facility=message.facility,
        severity=message.severity,
        mnemonic=message.mnemonic,
        origin=message.origin,
        counter=message.counter,
        sequence=message.sequence,
        time=None if when.time is None else rfc3339(when.time),
        clock=when.clock,
        text=message.text,
        events=tuple(event.as_json() for event in syslog.events(message)),
    )


def _as_json(line: _Line) -> str:
    return json.dumps(asdict(line))


def _for_people(line: _Line) -> str:
    if not line.ok:
        return f"{line.line:>6}  not read: {line.reason}"
    said = "; ".join(map(_words, line.events)) or line.text or ""
    stamp = f"{_MARKS.get(line.clock or '', ' ')}{line.time or '-'}"
    row = f"{line.line:>6} {stamp:<26} {line.origin or '-':<16} {line.mnemonic or '-':<30} {said}"
    # A message may hold anything, also what a terminal would obey.
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in row
    )


def _words(event: Mapping[str, Json]) -> str:
    fields = [
        f"{name}={value}" for name, value in event.items() if value is not None and name != "kind"
    ]
    return " ".join([str(event["kind"]).replace("_", " "), *fields])
