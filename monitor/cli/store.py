"""`cubemon store`: how the store stands, whether it is sound, copies of it."""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.config import load
from monitor.domain.instants import rfc3339
from monitor.errors import ConfigError
from monitor.store.embedded import EmbeddedStoreConfig, upkeep
from monitor.store.embedded.sessions import FILE
from monitor.store.embedded.upkeep import StoreState

DESCRIPTION: Final = """\
Look after the store. Status, verify and backup work beside a running monitor; compact and restore
need it stopped (the running one packs and gives room back by itself).

examples:
  cubemon store status
  cubemon store status --config cubemon.yml --json
  cubemon store verify --data /var/lib/cubemon
  cubemon store verify nightly.db
  cubemon store backup nightly.db
  cubemon store restore nightly.db --data /var/lib/cubemon --force
  cubemon store compact

status    levels with their times, rows and bytes, the budget, readers outside and their lag
verify    SQLite's own check, and that everything decodes and fits together (a backup file too)
compact   write the file anew without its free room; needs as much room again meanwhile
backup    a copy of this moment, complete or not there at all
restore   put a sound backup in the store's place; what was there is moved aside, not deleted

exit codes: 0 fine; 1 verify found something; 2 it cannot be done."""

_ACTIONS: Final = ("status", "verify", "compact", "backup", "restore")
_WITHOUT_FILE: Final = ("status", "compact")
_EXIT_UNSOUND: Final = 1
_WIDE: Final = 200
_TELL_SECONDS: Final = 1.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("action", choices=_ACTIONS, help="see below the examples")
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help="the backup")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--data", metavar="DIR", type=Path, help="directory of the store")
    place.add_argument("--config", metavar="FILE", type=Path, help="configuration that names it")
    parser.add_argument("--force", action="store_true", help="replace what is there")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Do it and say what came of it."""
    if arguments.file is not None and arguments.action in _WITHOUT_FILE:
        raise ConfigError(
            f"{arguments.action} takes no FILE ({arguments.file}): name the directory with --data"
        )
    return _RUN[arguments.action](arguments, _settings(arguments))


def _settings(arguments: argparse.Namespace) -> EmbeddedStoreConfig:
    if arguments.config is not None:
        return load(arguments.config).store
    if arguments.data is not None:
        return EmbeddedStoreConfig(directory=arguments.data)
    return EmbeddedStoreConfig()


def _status(arguments: argparse.Namespace, settings: EmbeddedStoreConfig) -> int:
    state = upkeep.status(settings.directory)
    if arguments.json:
        keep = settings.retention.model_dump()
        print(json.dumps(_told(state) | {"budget": settings.max_bytes, "retention": keep}))
    else:
        _print_status(state, settings)
    return 0


def _told(state: StoreState) -> dict[str, object]:
    told = dataclasses.asdict(state)
    for level in told["levels"]:
        level["start"], level["end"] = _moment(level["start"]), _moment(level["end"])
    return told


def _moment(second: int | None) -> str | None:
    return None if second is None else rfc3339(second)


def _verify(arguments: argparse.Namespace, settings: EmbeddedStoreConfig) -> int:
    path = arguments.file or settings.directory / FILE
    with _Bar("checking") as bar:
        wrong = upkeep.verify(path, bar.show)
    if arguments.json:
        print(json.dumps({"file": str(path), "sound": not wrong, "findings": wrong}))
    else:
        print("\n".join([*wrong, f"{path}: {len(wrong)} findings" if wrong else f"{path}: sound"]))
    return _EXIT_UNSOUND if wrong else 0


def _compact(arguments: argparse.Namespace, settings: EmbeddedStoreConfig) -> int:
    before, after = upkeep.compact(settings.directory)
    told = {"bytes_before": before, "bytes_after": after}
    _say(arguments, told, f"{_size(before)} before, {_size(after)} now")
    return 0


def _backup(arguments: argparse.Namespace, settings: EmbeddedStoreConfig) -> int:
    file = _file(arguments)
    with _Bar("copying") as bar:
        size = upkeep.backup(settings.directory, file, force=arguments.force, progress=bar.show)
    _say(arguments, {"file": str(file), "bytes": size}, f"{file}: {_size(size)}")
    return 0


def _restore(arguments: argparse.Namespace, settings: EmbeddedStoreConfig) -> int:
    file = _file(arguments)
    with _Bar("checking") as bar:
        aside = upkeep.restore(file, settings.directory, force=arguments.force, progress=bar.show)
    moved = "" if aside is None else f"; what was there is {aside}"
    told = {"store": str(settings.directory), "aside": None if aside is None else str(aside)}
    _say(arguments, told, f"{settings.directory} is as in {file}{moved}")
    return 0


_RUN: Final[dict[str, Callable[[argparse.Namespace, EmbeddedStoreConfig], int]]] = {
    "status": _status,
    "verify": _verify,
    "compact": _compact,
    "backup": _backup,
    "restore": _restore,
}


def _file(arguments: argparse.Namespace) -> Path:
    if arguments.file is None:
        raise ConfigError(f"{arguments.action} needs a FILE, such as nightly.db")
    return Path(arguments.file)


def _say(arguments: argparse.Namespace, told: Mapping[str, object], words: str) -> None:
    print(json.dumps(told) if arguments.json else words)


class _Bar:
    """How far long work has come, on standard error where a person watches."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._shown = time.monotonic()
        self._any = False

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._any:
            print(file=sys.stderr)

    def show(self, done: int, of: int) -> None:
        """Say it, at most once a second."""
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self._shown < _TELL_SECONDS:
            return
        self._shown, self._any = now, True
        print(f"\r{self._words}: {100 * done // max(1, of)} %", end="", file=sys.stderr, flush=True)


def _print_status(state: StoreState, settings: EmbeddedStoreConfig) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDE)
    console.print(f"{state.directory}: {_open(state)}, schema {state.schema}", markup=False)
    share = 100 * state.used // settings.max_bytes
    console.print(
        f"on disk {_size(state.bytes)}; in use {_size(state.used)} of {_size(settings.max_bytes)}"
        f" ({share} %); unclean shutdowns {state.unclean_shutdowns}"
    )
    for name in state.aside:
        console.print(f"set aside: {name}", markup=False)
    console.print(_levels(state))
    console.print(_readers(state) if state.readers else "no reader outside is registered")
    if state.unread:
        console.print(f"{state.unread} readings went before a reader outside had them")


def _open(state: StoreState) -> str:
    if state.untold:
        return f"open or not, nobody can tell ({state.untold})"
    return {None: "not open", 0: "open"}.get(state.running, f"open in process {state.running}")


def _levels(state: StoreState) -> Table:
    table = _table("LEVEL", "FROM", "TO", "ROWS", "ABOUT", "WENT FOR WANT OF ROOM")
    for one in state.levels:
        times = (_moment(one.start) or "", _moment(one.end) or "")
        table.add_row(one.level, *times, str(one.rows), _size(one.bytes), str(one.shed or ""))
    return table


def _readers(state: StoreState) -> Table:
    table = _table("READER", "COMMITS BEHIND", "READINGS OF", "RECORDS WAITING", "REPEATING")
    for one in state.readers:
        repeating = "" if one.repeating is None else "yes"
        cells = (one.name, one.behind, _moment(one.oldest) or "", one.waiting, repeating)
        table.add_row(*(Text(str(cell)) for cell in cells))
    return table


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _size(number: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:  # noqa: PLR2004 - of one unit in the next
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} GiB"
