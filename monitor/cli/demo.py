"""`cubemon demo`: run the monitor against a virtual fleet."""

import argparse
import asyncio
import contextlib
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Final

from monitor.app.logs import configure
from monitor.lab.arrangement import USER, Place
from monitor.lab.fleet import HISTORY_DAYS
from monitor.lab.performance import Performance, performance
from monitor.lab.present import free_port
from monitor.lab.verdict import Verdict, await_verdict

DESCRIPTION = """Run the monitor against fifteen virtual CUBEs: thirty days of history, then live.

Everything is on loopback and goes the ordinary ways: syslog over UDP, SSH to virtual routers,
readings by POST; the history goes through the same pipeline. Ends on Ctrl-C.

Two routers page: one by itself, one for its pair. It says how to type on the latter what the page
asks for, and so see it resolve.

examples:
  cubemon demo
  cubemon demo --directory ./demo-data
  cubemon demo --check

exit codes: 0; with --check 0 when all that should be found is found and nothing else, 1 if not."""

_BOUND: Final = 120.0
"""Seconds after which --check gives up."""
_TOLD_EVERY: Final = 5.0


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="end by itself: 0 when all is found")
    parser.add_argument(
        "--directory", type=Path, help="keep the data here (empty); else it is thrown away"
    )
    parser.add_argument("--port", type=int, default=0, help="HTTP port (a free one)")
    parser.add_argument("--seed", type=int, default=1, help="another number gives other calls (1)")


def run(arguments: argparse.Namespace) -> int:
    configure("WARNING")
    kept: Path | None = arguments.directory
    directory = kept or Path(tempfile.mkdtemp(prefix="cubemon-demo-"))
    place = Place(
        directory=directory, http_port=arguments.port or free_port(), syslog_port=free_port()
    )
    try:
        return asyncio.run(_run(place, arguments.seed, check=arguments.check))
    finally:
        if kept is None:
            shutil.rmtree(directory, ignore_errors=True)


async def _run(place: Place, seed: int, *, check: bool) -> int:
    print("Starting the monitor and fifteen virtual CUBEs ...", flush=True)
    async with performance(place, seed) as shown:
        if check:
            return _told(await await_verdict(shown, _BOUND))
        _end_on_signals(shown)
        _introduce(shown)
        await _until_over(shown)
    return 0


def _told(verdict: Verdict) -> int:
    for line in verdict.differences:
        print(line, file=sys.stderr)
    if verdict.differences:
        print("demo: what was found is not what should be found", file=sys.stderr)
        return 1
    print(f"demo: all {verdict.expected} findings found, and nothing else ({verdict.took:.0f} s)")
    return 0


def _introduce(shown: Performance) -> None:
    url = shown.place.url
    print(f"""
Open     {url}/                    the fleet and its findings on one page
         {url}/api/v1/findings     what is wrong, why, what to type next
         {url}/api/v1/devices      the fleet
         {url}/metrics             for Prometheus
Or type  cubemon status --url {url}

What to look at:""")
    for cube in shown.fleet.cubes:
        print(f"  {cube.name:<12}{cube.release:<10}{cube.story}")
    print(f"""
The statuses of {HISTORY_DAYS} days come first, then {shown.progress.total:,} readings, one a second
and tag; each CUBE lives on as soon as its own history is in. Licences below 0 are reported at once
here, not after an hour.
{_how_to_resolve(shown)}
Ctrl-C ends it.
""")


def _how_to_resolve(shown: Performance) -> str:
    (pair,) = shown.fleet.pairs
    place, active = shown.place, pair.active(shown.fleet.now)
    return f"""
To see a page resolve, type on {active} what it says; the acknowledgement comes seconds later:
  ssh -p {shown.doors.ports[active]} -o UserKnownHostsFile={place.known_hosts} {USER}@127.0.0.1
  {active}#license smart sync all
Its password is in {place.password_file}."""


def _end_on_signals(shown: Performance) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, shown.over.set)


async def _until_over(shown: Performance) -> None:
    telling = asyncio.create_task(_tell_progress(shown))
    await shown.over.wait()
    telling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await telling
    print("Stopping ...", flush=True)


async def _tell_progress(shown: Performance) -> None:
    progress = shown.progress
    await progress.told.wait()
    took = shown.seconds
    print(f"{progress.captures} status captures and {progress.messages} messages: {took:.1f} s")
    while not progress.whole:
        share = progress.readings / progress.total
        print(f"history: {progress.readings:,} readings ({share:.0%})", flush=True)
        await asyncio.sleep(_TOLD_EVERY)
    took = shown.seconds
    print(f"history: all {progress.total:,} readings after {took:.0f} s; now live", flush=True)
