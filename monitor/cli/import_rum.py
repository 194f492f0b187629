"""`cubemon import rum`: files of usage reports and acknowledgements into a monitor."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from monitor.app.build import Parts
from monitor.cli.offline import opened
from monitor.cli.remote import Object, Remote, UnfitError, tidy
from monitor.config import Config
from monitor.errors import ConfigError, ParseError
from monitor.parse.rum import LARGEST_FILE

Files = Sequence[tuple[str, bytes]]
Bring = Callable[[Files], Sequence[Object | str]]
"""Takes (name, bytes); for each file what was taken of it, or why nothing was."""

_EXIT_REFUSED: Final = 1


def bring(paths: Sequence[Path], taken_by: Bring) -> int:
    """Bring files in order; 1 where a file or a report was not taken."""
    files = [(path.name, _read(path)) for path in paths]
    refused = 0
    for path, one in zip(paths, taken_by(files), strict=True):
        if isinstance(one, str):
            refused += 1
            print(tidy(f"{path}: nothing taken: {one}"), file=sys.stderr)
            continue
        refused += int(one["refused"])
        _tell(path, one)
    return _EXIT_REFUSED if refused else 0


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def _tell(path: Path, one: Object) -> None:
    routers = ", ".join(one["routers"])
    print(tidy(f"{path}: {one['reports']} reports of {routers}; kept as {one['digest'][:12]}"))
    for refusal in one["refusals"]:
        text = f"{path}: byte {refusal['position']}: {refusal['reason']}"
        print(tidy(text), file=sys.stderr)
    if more := one["refused"] - len(one["refusals"]):
        print(tidy(f"{path}: and {more} more reports not taken"), file=sys.stderr)


def remote(monitor: Remote) -> Bring:
    """Bring to a running monitor."""

    def taken_by(files: Files) -> Sequence[Object | str]:
        return [_sent(monitor, name, data) for name, data in files]

    return taken_by


def _sent(monitor: Remote, name: str, data: bytes) -> Object | str:
    try:
        return monitor.post("rum", data, name=name[:200])
    except UnfitError as error:
        return str(error)


def local(config: Config) -> Bring:
    """Bring to a data directory that nobody uses; ConfigError where a monitor does."""

    def taken_by(files: Files) -> Sequence[Object | str]:
        return asyncio.run(_written(config, files))

    return taken_by


async def _written(config: Config, files: Files) -> Sequence[Object | str]:
    async with opened(config) as parts:
        return [await _taken(parts, name, data) for name, data in files]


async def _taken(parts: Parts, name: str, data: bytes) -> Object | str:
    try:
        brought = await parts.rum.bring(data, name)
    except ParseError as error:
        return error.reason
    return {
        "digest": brought.records.files[0].digest,
        "reports": brought.reports,
        "refused": brought.refused,
        "refusals": [one._asdict() for one in brought.refusals],
        "routers": sorted({note.subject for note in brought.records.notes}),
    }
