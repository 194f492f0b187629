"""`cubemon tables`: the tables that a router keeps of its trunk calls, out of our own readings."""

import argparse
import contextlib
import sys
import time
from pathlib import Path
from typing import Final

from monitor.aggregate.drawing import graph_text, table_text
from monitor.aggregate.tables import DAYS_SHOWN, stats
from monitor.cli import EXIT_UNUSABLE
from monitor.domain.instants import DAY, HOUR, instant
from monitor.domain.readings import MERGED
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

DESCRIPTION: Final = """\
Show the last 60 seconds, 60 minutes, 72 hours and 72 days of trunk calls of one device, as
`show voice sip license stats table` does on the router itself, worked out of the stored readings.
They are for comparing by eye: licence counts come from measurements, not from these tables.
What is not known is blank. The store is only read, also while a monitor runs.

examples:
  cubemon tables cube-1
  cubemon tables cube-1 --graph --data /var/lib/cubemon
  cubemon tables cube-1 --at 2024-02-03T09:00:00Z

exit codes: 0 fine; 1 no readings in that time; 2 the store cannot be read."""

_EXIT_NOTHING: Final = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    default = EmbeddedStoreConfig().directory
    parser.add_argument("device", metavar="DEVICE", help="the device's name")
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=default,
        help=f"directory of the store (default {default})",
    )
    parser.add_argument("--at", metavar="TIME", help="as of then, RFC 3339 (default now)")
    parser.add_argument("--graph", action="store_true", help="draw graphs instead of tables")


def run(arguments: argparse.Namespace) -> int:
    """Read, work out, print."""
    now = int(time.time()) if arguments.at is None else int(instant(arguments.at) // 1)
    start = (now // DAY - DAYS_SHOWN) * DAY
    with contextlib.closing(EmbeddedStore.open_reader(arguments.data)) as store:
        known = {series.device for series in store.series()}
        if arguments.device not in known:
            print(f"cubemon tables: {_unknown(arguments.device, known)}", file=sys.stderr)
            return EXIT_UNUSABLE
        hours = (now - start) // HOUR + 1
        kept = {
            series.tag: one.values
            for series, one in store.minutes(arguments.device, start, hours).items()
            if series.source == MERGED
        }
        dense = store.dense(arguments.device, start, hours)
        found = stats(dense, start, now, kept=kept)
    if not found:
        print("cubemon tables: no readings of trunk licences in these 72 days", file=sys.stderr)
        return _EXIT_NOTHING
    draw = graph_text if arguments.graph else table_text
    print(draw(found, now), end="")
    return 0


def _unknown(device: str, known: set[str]) -> str:
    some = ", ".join(sorted(known)[:10])
    return f"the store has no readings of {device[:100]!r}" + (f"; it has {some}" if some else "")
