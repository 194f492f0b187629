"""`cubemon recompute`: measure stored readings again, beside what is recorded of them."""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.aggregate.recompute import Recomputed
from monitor.app.recompute import Records, outside
from monitor.app.usage_rules import known_rules
from monitor.cli.recompute_journal import Journal, done_of
from monitor.cli.recompute_shown import Shown
from monitor.cli.remote import Remote, UnreachableError, showing
from monitor.config import Config, load
from monitor.domain.instants import instant
from monitor.errors import ConfigError
from monitor.pipeline.recomputing import Source, Task, measured_until, recomputed
from monitor.store.embedded import EmbeddedStore

DESCRIPTION: Final = """\
Measure stored readings again, as the running monitor measures them, and show what is recorded
beside what comes out now, with the reason where they differ: late data, not recorded yet, excluded
source, gap, failover, rounding, other periods. Where seconds are gone it says from what is left.
Without --apply nothing is written. Stopped by Ctrl-C, the same command goes on where it was.

examples:
  cubemon recompute --config cubemon.yml
  cubemon recompute --device cube-1 --from 2026-10-01T00:00:00Z --all
  cubemon recompute --store victoriametrics --config cubemon.yml --json
  cubemon recompute --config cubemon.yml --apply                      (no monitor is running)
  cubemon recompute --config cubemon.yml --apply --url http://127.0.0.1:8080    (it is)

exit codes: 0 all is equal, or recorded now; 1 there are differences; 2 it cannot be done."""

_EXIT_DIFFERENT: Final = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="the monitor's configuration")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the store, if not as configured")
    parser.add_argument(
        "--device", action="append", metavar="NAME", help="only it; may be repeated"
    )
    parser.add_argument("--from", dest="start", metavar="TIME", help="RFC 3339 or epoch seconds")
    parser.add_argument("--to", dest="end", metavar="TIME", help="default: the newest reading")
    parser.add_argument(
        "--store", metavar="NAME", help="read the seconds from this outside database"
    )
    parser.add_argument("--apply", action="store_true", help="record new versions; old ones stay")
    parser.add_argument("--url", help="with --apply: the running monitor, which then records")
    showing(parser)
    parser.add_argument(
        "--workers", type=_workers, default=os.cpu_count() or 1, metavar="N", help="(%(default)s)"
    )
    parser.add_argument("--all", action="store_true", help="show equal periods too")
    parser.add_argument("--fresh", action="store_true", help="do not go on where one was stopped")
    parser.add_argument("--json", action="store_true", help="print one JSON object a period")


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, record; 1 where differences are left."""
    config = _config(arguments)
    _check(arguments)
    with contextlib.closing(EmbeddedStore.open_reader(config.store.directory)) as reader:
        asked = _asked(arguments, config)
        journal = Journal(config.store.directory, asked.key, fresh=arguments.fresh)
        with contextlib.closing(journal):
            end = asked.end or journal.end or measured_until(reader, config.usage.lateness_seconds)
            journal.begin(end)
            rules = known_rules(config, reader, time.time())
            names = _devices(arguments.device, sorted({one.device for one in reader.series()}))
            tasks = [
                Task(device=name, rules=rules(name), start=asked.start, end=end) for name in names
            ]
            left = _worked(arguments, config, tasks, journal)
            journal.finish()
    return _EXIT_DIFFERENT if left else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The range, and all that a run must have in common with one that it goes on with."""

    start: int | None
    end: int | None
    key: str


def _asked(arguments: argparse.Namespace, config: Config) -> _Asked:
    words = ("device", "start", "end", "store", "apply", "url", "all")
    measured = [config.usage, config.pairs, *((d.name, d.exclude_sources, d.periodicity,
        d.phase_minutes, d.calls, d.legs) for d in config.devices)]  # fmt: skip
    return _Asked(
        start=_moment(arguments.start),
        end=_moment(arguments.end),
        key=repr([[getattr(arguments, word) for word in words], measured]),
    )


def _moment(text: str | None) -> int | None:
    return None if text is None else int(instant(text) // 1)


def _workers(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= 64:  # noqa: PLR2004 - processes
        raise argparse.ArgumentTypeError("1 to 64")
    return number


def _config(arguments: argparse.Namespace) -> Config:
    config = Config() if arguments.config is None else load(arguments.config)
    if arguments.data is None:
        return config
    store = config.store.model_copy(update={"directory": arguments.data})
    return config.model_copy(update={"store": store})


def _check(arguments: argparse.Namespace) -> None:
    if arguments.url is not None and not arguments.apply:
        raise ConfigError("--url is where --apply records: give both, or neither")
    start, end = _moment(arguments.start), _moment(arguments.end)
    if start is not None and end is not None and end <= start:
        raise ConfigError("--to has to be later than --from")
    if arguments.url is not None and arguments.store is not None:
        raise ConfigError(
            "a running monitor measures its own store's readings: stop it to record those of"
            " --store, or leave --store out"
        )


def _devices(wanted: Sequence[str] | None, known: Sequence[str]) -> Sequence[str]:
    unknown = sorted(set(wanted or ()) - set(known))
    if unknown:
        some = ", ".join(known[:10]) or "none"
        raise ConfigError(f"the store has no readings of {unknown[0][:100]!r}; it has {some}")
    return sorted(set(wanted)) if wanted else known


def _worked(
    arguments: argparse.Namespace, config: Config, tasks: Sequence[Task], journal: Journal
) -> int:
    """Every device, those of a stopped run from its journal; how many differences are left."""
    shown = Shown(as_json=arguments.json, whole=arguments.all)
    for done in journal.done.values():
        shown.device(done)
    left = [task for task in tasks if task.device not in journal.done]
    store = config.store.directory
    source = Source(
        directory=store,
        outside=None if arguments.store is None else outside(config, arguments.store),
    )
    with _recording(arguments, config) as record, _bar(len(tasks), len(tasks) - len(left)) as step:
        workers = min(arguments.workers, max(1, len(left)))
        for found in recomputed(source, left, workers):
            done = done_of(found, whole=arguments.all, recorded=record(found))
            journal.add(done)
            shown.device(done)
            step()
    shown.sum_up()
    return shown.left


@contextlib.contextmanager
def _recording(
    arguments: argparse.Namespace, config: Config
) -> Iterator[Callable[[Recomputed], bool]]:
    """What records the differences of a device, and says whether it did."""
    if not arguments.apply:
        yield lambda _: False
    elif arguments.url is None:
        with Records(config) as records:
            yield lambda found: _keep(records, found)
    else:
        remote = Remote.of(arguments, 300.0)
        yield lambda found: _ask(remote, found)


def _keep(records: Records, found: Recomputed) -> bool:
    records.record(found)
    return True


def _ask(remote: Remote, found: Recomputed) -> bool:
    starts = [period.start for period in found.periods if not period.equal]
    if not starts:
        return True
    try:
        told = remote.post("recompute", b"", **{"device": found.device, "from": min(starts)})
    except UnreachableError as error:
        raise ConfigError(f"{error}; nothing of {found.device} was recorded") from error
    if isinstance(told, dict) and told.get("renewed"):
        return True
    print(
        f"cubemon: {found.device}: the monitor finds all as it was recorded: it measures by its own"
        " configuration; reload or restart it with this one first",
        file=sys.stderr,
    )
    return False


@contextlib.contextmanager
def _bar(total: int, before: int) -> Iterator[Callable[[], None]]:
    progress = Progress(
        TextColumn("devices"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with progress:
        bar = progress.add_task("", total=total, completed=before)
        yield lambda: progress.advance(bar)
