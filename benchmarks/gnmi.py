"""A thousand gNMI targets into a whole monitor, with a store that stalls, and into pygnmi.

python benchmarks/gnmi.py [--targets 1000] [--pace 2] [--seconds 20] [--stall 60]
                          [--pygnmi-seconds 20]

Ten updates a notification, `pace` notifications a second and target. The monitor decodes, reads,
judges and commits; then its store stalls, notifications drop by its byte budget, and afterwards
every one must be accounted for. The targets are one process of the same machine, without TLS. For
pygnmi the same load comes from fewer targets, as each costs it two threads; a thread each reads
them, as its documentation shows, and throws away what comes.
"""

import argparse
import asyncio
import json
import logging
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from monitor.app.build import Parts, build, collectors
from monitor.collect.gnmi import GnmiCollector
from monitor.config import Config
from monitor.wire import TelemetryNotification

HERE = Path(__file__).parent
UPDATES = 10
DEADLINE = 180.0


class Intake:
    """The pipeline, which can be stalled; counts what reaches it."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self.open = asyncio.Event()
        self.open.set()
        self.notifications = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pipeline, name)

    async def telemetry(self, notifications: Sequence[TelemetryNotification]) -> None:
        """Hand on once the store does not stall."""
        await self.open.wait()
        await self._pipeline.telemetry(notifications)
        self.notifications += sum(bool(one.updates) for one in notifications)


@contextmanager
def targets(pace: float) -> Iterator["subprocess.Popen[str]"]:
    """The process of the targets; its first line is its port."""
    with subprocess.Popen(
        [sys.executable, HERE / "_gnmi_target.py", str(pace)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> int:
    """The next number the targets print."""
    if process.stdout is None:
        raise ValueError("the targets have no standard output")
    return int(process.stdout.readline())


def rss() -> float:
    """Resident megabytes of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu() -> float:
    """Seconds of processor time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def configuration(args: argparse.Namespace, port: int, directory: str) -> Config:
    target = {"host": "127.0.0.1", "port": port, "credential": None, "plaintext": True}
    return Config.model_validate(
        {
            "collect": [{"kind": "gnmi", "spread": 5}],
            "store": {"directory": directory},
            "devices": [{"name": f"cube-{n}", "gnmi": target} for n in range(args.targets)],
        }
    )


async def ours(args: argparse.Namespace, process: "subprocess.Popen[str]") -> dict[str, Any]:
    """Our figures."""
    with tempfile.TemporaryDirectory() as directory:
        parts = build(configuration(args, line(process), directory), time.time)
        intake = Intake(parts.pipeline)
        (collector,) = collectors(parts).values()
        if not isinstance(collector, GnmiCollector):
            raise TypeError(collector)
        loops = [
            asyncio.create_task(one)
            for one in (parts.rooms.writer.run(), parts.pipeline.judge(), collector.run(intake))
        ]
        try:
            return await _measured(args, parts, collector, intake, process)
        finally:
            for task in loops:
                task.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            parts.rooms.writer.close()
            parts.store.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, for at most DEADLINE: what is wrong then shows in the figures."""
    last = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > last:
            return
        await asyncio.sleep(0.1)


async def _measured(
    args: argparse.Namespace,
    parts: Parts,
    collector: GnmiCollector,
    intake: Intake,
    process: "subprocess.Popen[str]",
) -> dict[str, Any]:
    def value(name: str) -> float:
        return parts.registry.get_sample_value(f"cube_monitor_{name}") or 0.0

    await until(lambda: value("gnmi_streams") >= args.targets)
    await asyncio.sleep(3)
    began, used = time.monotonic(), cpu()
    before, readings = intake.notifications, _committed(parts)
    await asyncio.sleep(args.seconds)
    took = time.monotonic() - began
    figures: dict[str, Any] = {
        "updates_per_second": round((intake.notifications - before) * UPDATES / took),
        "readings_committed_per_second": round((_committed(parts) - readings) / took),
        "cpu_percent": round(100 * (cpu() - used) / took),
        "rss_mb": round(rss()),
        "dropped_before_the_stall": collector.queue.dropped,
    }
    intake.open.clear()
    most = 0.0
    for _ in range(int(args.stall * 10)):
        await asyncio.sleep(0.1)
        most = max(most, rss())
    figures |= {
        "rss_mb_most_while_stalled": round(most),
        "queue_mb_when_stalled": round(collector.queue.bytes / 1e6, 1),
    }
    intake.open.set()
    process.send_signal(signal.SIGUSR1)
    sent = await asyncio.to_thread(line, process)
    await until(
        lambda: intake.notifications + collector.queue.dropped >= sent and not collector.queue.bytes
    )
    return figures | {
        "sent": sent,
        "read": intake.notifications,
        "dropped_and_counted": collector.queue.dropped,
        "unaccounted": sent - intake.notifications - collector.queue.dropped,
    }


def _committed(parts: Parts) -> float:
    return (
        parts.registry.get_sample_value("cube_monitor_committed_total", {"record": "reading"})
        or 0.0
    )


def pygnmi(args: argparse.Namespace, process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The same targets read with pygnmi, a thread each, then not read for as long as we stall."""
    from pygnmi.client import gNMIclient  # type: ignore[import-untyped]  # noqa: PLC0415

    port, updates, lock = line(process), 0, threading.Lock()
    reading = threading.Event()
    reading.set()
    wanted = {
        "subscription": [{"path": "cisco-smart-license:licensing", "mode": "sample"}],
        "mode": "stream",
        "encoding": "json_ietf",
    }

    def read() -> None:
        nonlocal updates
        client = gNMIclient(target=("127.0.0.1", port), insecure=True, skip_verify=True)
        client.connect()
        for response in client.subscribe2(subscribe=wanted):
            reading.wait()
            with lock:
                updates += len(response.get("update", {}).get("update", ()))

    for _ in range(args.pygnmi_targets):
        threading.Thread(target=read, daemon=True).start()
        time.sleep(0.002)
    time.sleep(10)
    began, used, before = time.monotonic(), cpu(), updates
    time.sleep(args.pygnmi_seconds)
    took = time.monotonic() - began
    figures = {
        "updates_per_second": round((updates - before) / took),
        "cpu_percent": round(100 * (cpu() - used) / took),
        "rss_mb": round(rss()),
    }
    reading.clear()
    time.sleep(args.pygnmi_seconds)
    return figures | {f"rss_mb_after_{args.pygnmi_seconds:.0f}_s_unread": round(rss())}


def machine() -> str:
    """What this ran on."""
    model = next(
        (
            text.partition(":")[2].strip()
            for text in Path("/proc/cpuinfo").read_text().splitlines()
            if text.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--targets", type=int, default=1000)
    parser.add_argument("--pace", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--stall", type=float, default=60.0)
    parser.add_argument("--pygnmi-seconds", type=float, default=20.0)
    parser.add_argument("--pygnmi-targets", type=int, default=100)
    parser.add_argument("--only", choices=("ours", "pygnmi"))
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    if args.only is None:
        print(json.dumps({"machine": machine(), "load": vars(args)}))
        for name in ("ours", "pygnmi"):
            # A process each, so that neither carries the other's memory.
            subprocess.run([sys.executable, __file__, *sys.argv[1:], "--only", name], check=False)
        return
    pace = args.pace if args.only == "ours" else args.pace * args.targets / args.pygnmi_targets
    with targets(pace) as process:
        figures = asyncio.run(ours(args, process)) if args.only == "ours" else pygnmi(args, process)
        print(json.dumps({args.only: figures}), flush=True)
    os._exit(0)  # pygnmi's threads would keep us for ever


if __name__ == "__main__":
    main()
