"""`cubemon import`: captured output, usage reports and inventories of CSSM into a monitor."""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitor.cli import import_cssm, import_rum
from monitor.cli.capture import moment, zone
from monitor.cli.offline import opened
from monitor.cli.remote import Remote, showing, tidy, usual_url
from monitor.config import Config, load
from monitor.domain.instants import rfc3339
from monitor.errors import ConfigError
from monitor.parse import show
from monitor.store.embedded import EmbeddedStoreConfig
from monitor.wire import ShowCapture

DESCRIPTION: Final = """\
Bring captured output of one router into a monitor, as if it had been polled when it was captured.
Any mix of commands, in files or whole directories. The same file again changes nothing.

When it was captured: --received; else the time the router itself printed (`show clock` or
`Current time` in it), where its zone is known; else the time of the file. It is said which.

examples:
  cubemon import show --device cube-1 router.txt
  cubemon import show --device cube-1 captures/ --timezone IST=+05:30
  cubemon import show --device cube-1 router.txt --received 2026-05-20T08:00:00Z
  cubemon import show --device cube-1 captures/ --data ./cubemon-data    (no monitor is running)
  cubemon import rum usage_all.xml ack.txt
      files of `license smart save usage` and acknowledgements; they say whose they are

  cubemon import cssm licenses.csv --account "Voice Edge" --received 2026-11-01T08:00:00Z
      licences of CSSM or SSM On-Prem: CSV exports, or JSON as their APIs answer; --account is the
      virtual account of rows that name none

exit codes: 0 taken; 1 some files or rows held nothing that is known; 2 not taken."""

_LARGEST: Final = 4 << 20
_MOST_FILES: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One file, read as far as is needed to say what it is."""

    path: Path
    text: str
    received: float
    by: str
    commands: tuple[str, ...]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=("show", "rum", "cssm"),
        help="output of show commands; files of usage reports; inventories of CSSM",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE|DIR", help="what was captured")
    parser.add_argument("--device", metavar="NAME", help="show: the router it is from")
    parser.add_argument("--account", metavar="NAME", default="", help="cssm: the virtual account")
    parser.add_argument(
        "--smart-account", metavar="NAME", default="", help="cssm: the smart account"
    )
    parser.add_argument(
        "--received", type=moment, metavar="TIME", help="when it was captured (RFC 3339 or epoch)"
    )
    parser.add_argument(
        "--timezone",
        metavar="NAME=+HH:MM",
        type=zone,
        action="append",
        default=[],
        help="offset of a zone word the router prints; may be repeated",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--url", default=usual_url(), help="the running monitor")
    where.add_argument(
        "--data", type=Path, metavar="DIR", help="its data directory, while it does not run"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="with --data: the monitor's configuration"
    )
    showing(parser)


def run(arguments: argparse.Namespace) -> int:
    if arguments.what == "rum":
        return import_rum.bring(list(_files(arguments.paths)), _brought_to(arguments))
    if arguments.what == "cssm":
        return _cssm(arguments)
    if arguments.device is None:
        raise ConfigError("import show needs --device NAME: the router the output is from")
    zones = dict(arguments.timezone)
    paths = list(_files(arguments.paths))
    found = [_look(path, zones, arguments.received) for path in paths]
    found.sort(key=lambda one: one.received)
    if arguments.data is None:
        _send(found, arguments, zones)
    else:
        captures = _captures(found, arguments.device, zones)
        asyncio.run(_write(_config(arguments), captures))
    unknown = sum(not _told(one) for one in found)
    return 1 if unknown else 0


def _brought_to(arguments: argparse.Namespace) -> import_rum.Bring:
    if arguments.data is None:
        return import_rum.remote(Remote.of(arguments, 60.0))
    return import_rum.local(_config(arguments))


def _cssm(arguments: argparse.Namespace) -> int:
    files = [
        import_cssm.found(
            path,
            at=arguments.received,
            account=arguments.account,
            smart_account=arguments.smart_account,
        )
        for path in _files(arguments.paths)
    ]
    if arguments.data is None:
        return import_cssm.bring(files, import_cssm.remote(Remote.of(arguments, 60.0)))
    return import_cssm.bring(files, import_cssm.local(_config(arguments)))


def _config(arguments: argparse.Namespace) -> Config:
    config = Config() if arguments.config is None else load(arguments.config)
    return config.model_copy(update={"store": _store(config, arguments.data), "collect": ()})


def _store(config: Config, directory: Path) -> EmbeddedStoreConfig:
    if not directory.is_dir():
        raise ConfigError(f"{directory}: no such directory")
    return config.store.model_copy(update={"directory": directory})


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    count = 0
    for path in paths:
        inside = sorted(one for one in path.rglob("*") if _is_plain(one)) if path.is_dir() else ()
        for one in inside or (() if path.is_dir() else (path,)):
            count += 1
            if count > _MOST_FILES:
                raise ConfigError(f"more than {_MOST_FILES} files at once")
            yield one


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")


def _look(path: Path, zones: Mapping[str, int], received: float | None) -> _Found:
    try:
        with path.open("rb") as file:
            payload = file.read(_LARGEST + 1)
            modified = path.stat().st_mtime
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(payload) > _LARGEST:
        raise ConfigError(f"{path}: larger than {_LARGEST:,} bytes; split it by command")
    text = payload.decode("utf-8", "replace")
    outputs = show.read(text, zones=zones)
    clocks = [one.clock.utc for one in outputs if one.clock is not None and one.clock.utc]
    at, by = _when(received, max(clocks, default=None), modified)
    commands = tuple(dict.fromkeys(one.command for one in outputs if one.said))
    return _Found(path=path, text=text, received=at, by=by, commands=commands)


def _when(received: float | None, clock: int | None, modified: float) -> tuple[float, str]:
    now = time.time()
    if received is not None:
        return received, "as said"
    # A router whose clock is ahead must not put its facts into the future.
    if clock is not None and clock <= now:
        return float(clock), "by the router's clock"
    return min(modified, now), "by the file's time"


def _captures(
    found: Sequence[_Found], device: str, zones: Mapping[str, int]
) -> Iterator[ShowCapture]:
    for one in found:
        yield ShowCapture(device=device, received=one.received, text=one.text, zones=zones)


def _send(found: Sequence[_Found], arguments: argparse.Namespace, zones: Mapping[str, int]) -> None:
    remote = Remote.of(arguments, 60.0)
    given = [f"{word}={seconds}" for word, seconds in zones.items()]
    for one in found:
        remote.post(
            "show",
            one.text.encode(),
            device=arguments.device,
            received=repr(one.received),
            zone=given,
        )


async def _write(config: Config, captures: Iterator[ShowCapture]) -> None:
    """Commit into a data directory that nobody uses; ConfigError where a monitor does."""
    async with opened(config) as parts:
        for capture in captures:
            await parts.pipeline.show([capture])


def _told(one: _Found) -> bool:
    when = f"{rfc3339(int(one.received))} ({one.by})"
    known = ", ".join(one.commands) or "nothing that is known; kept as it is"
    print(tidy(f"{one.path}: {when}: {known}"), file=sys.stdout if one.commands else sys.stderr)
    return bool(one.commands)
