"""Arguments and files of commands that read captured output of one router."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

from monitor.domain.instants import instant
from monitor.domain.zones import named_offset
from monitor.errors import ReadingError

_MOST_BYTES: Final = 32 * 2**20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare FILE..., --now and --timezone."""
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="output of one router; - or none: standard input"
    )
    parser.add_argument(
        "--now",
        metavar="TIME",
        type=moment,
        help="judge as of this time (RFC 3339 or epoch seconds); the wall clock, unless given",
    )
    parser.add_argument(
        "--timezone",
        metavar="NAME=+HH:MM",
        type=zone,
        action="append",
        default=[],
        help="offset of a zone word the router prints; may be repeated",
    )


def texts(names: Sequence[str]) -> list[str]:
    """The files' text; standard input for `-`, or where none is named. Raises OSError."""
    return [_text(name) for name in names or ["-"]]


def moment(text: str) -> float:
    """An argument that is a time."""
    try:
        return instant(text)
    except ReadingError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def zone(text: str) -> tuple[str, int]:
    """An argument like `IST=+05:30`, as its word and seconds east of UTC."""
    word, offset = zone_or_none(text)
    if not word:
        raise argparse.ArgumentTypeError(f"{text!r} names no zone; write it like IST=+05:30")
    return word, offset


def zone_or_none(text: str) -> tuple[str, int]:
    """As `zone`, but the word may be empty: for times that bear none."""
    try:
        return named_offset(text)
    except ReadingError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _text(name: str) -> str:
    if name == "-":
        return _bounded(sys.stdin.buffer)
    with Path(name).open("rb") as source:
        return _bounded(source)


def _bounded(source: BinaryIO) -> str:
    payload = source.read(_MOST_BYTES + 1)
    if len(payload) > _MOST_BYTES:
        raise OSError(0, f"more than {_MOST_BYTES // 2**20} MiB", getattr(source, "name", None))
    return payload.decode("utf-8", errors="replace")
