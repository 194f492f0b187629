"""Polling over SSH: 1,000 virtual CUBEs over real sockets, with time passing faster.

    python benchmarks/ssh.py [--devices 1000] [--hour 120] [--hours 3]

An hour of the plan lasts `--hour` seconds: hourly figures and, every sixth time, all facts. The
routers are asyncssh servers in a process of their own, so that two cores are one to ask and one to
answer; connections, key exchange, login and the commands are real. What is read is parsed, too.
"""

import argparse
import asyncio
import contextlib
import json
import math
import os
import platform
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Histogram

from monitor.collect.ssh import Known, SshConfig, SshPoller, SshTarget
from monitor.collect.ssh.config import Credential
from monitor.instrument import Instruments
from monitor.parse import show
from monitor.secret import SecretRef
from monitor.wire import (
    CssmInventory,
    ReadingLines,
    Receipt,
    ShowCapture,
    SnmpReport,
    SyslogBatch,
    TelemetryNotification,
)

HOURS_A_DAY: Final = 24


@dataclass
class Reader:
    """Reads what the poller brings, as the pipeline does."""

    captures: int = 0
    characters: int = 0
    facts: int = 0
    by_device: dict[str, int] = field(default_factory=dict)

    async def show(self, captures: Sequence[ShowCapture]) -> None:
        text = "\n".join(f"{one.command}\n{one.text}" for one in captures)
        device = captures[0].device
        outputs = show.read(text)
        self.facts += len(list(show.facts(outputs, device=device, received=captures[0].received)))
        self.captures += len(captures)
        self.characters += len(text)
        self.by_device[device] = self.by_device.get(device, 0) + 1

    def syslog(self, batch: SyslogBatch) -> bool:
        raise AssertionError(batch)

    async def room(self) -> None:
        raise AssertionError("nothing waits for room here")

    async def readings(self, lines: ReadingLines) -> Receipt:
        raise AssertionError(lines)

    async def snmp(self, reports: Sequence[SnmpReport]) -> None:
        raise AssertionError(reports)

    async def cssm(self, inventories: Sequence[CssmInventory]) -> Receipt:
        raise AssertionError(inventories)

    async def telemetry(self, notifications: Sequence[TelemetryNotification]) -> None:
        raise AssertionError(notifications)


@contextmanager
def routers(count: int, password: str) -> Iterator[dict[str, Any]]:
    script = Path(__file__).with_name("_ssh_routers.py")
    environment = os.environ | {"PYTHONPATH": str(script.parents[1])}
    process = subprocess.Popen(
        [sys.executable, str(script), str(count), password],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        line = "" if process.stdout is None else process.stdout.readline()
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(10)


def share_within(histogram: Histogram, share: float) -> float:
    """The least bucket bound within which this share of the observations lies."""
    samples = next(iter(histogram.collect())).samples
    buckets = [
        (float(one.labels["le"]), one.value) for one in samples if one.name.endswith("_bucket")
    ]
    total = max(value for _, value in buckets)
    return min((bound for bound, value in buckets if value >= share * total), default=math.inf)


def total(registry: CollectorRegistry, name: str) -> float:
    return sum(
        sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == name
    )


async def polled(poller: SshPoller, reader: Reader, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await poller.run(reader)


def configuration(directory: Path, there: dict[str, Any], hour: float) -> SshConfig:
    known = "".join(f"[127.0.0.1]:{port} {there['key']}\n" for port in there["ports"])
    (directory / "known_hosts").write_text(known)
    secret = SecretRef(file=directory / "password")
    return SshConfig(
        credentials={"lab": Credential(user="monitor", password=secret)},
        known_hosts=directory / "known_hosts",
        interval=6 * hour,
        near_interval=hour,
        hourly_interval=hour,
        spread=hour,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--hour", type=float, default=120, help="seconds that stand for an hour")
    parser.add_argument("--hours", type=float, default=3)
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    password = secrets.token_urlsafe(16)
    with tempfile.TemporaryDirectory() as named, routers(given.devices, password) as there:
        directory = Path(named)
        (directory / "password").write_text(password)
        measure(configuration(directory, there, given.hour), there["ports"], given)


def measure(config: SshConfig, ports: Sequence[int], given: argparse.Namespace) -> None:
    registry = CollectorRegistry()
    instruments, reader = Instruments(registry), Reader()
    targets = {
        f"cube-{number}": SshTarget(host="127.0.0.1", port=port, credential="lab")
        for number, port in enumerate(ports)
    }
    poller = SshPoller(
        config=config, targets=targets, instruments=instruments, known_of=lambda device: Known()
    )
    before, spent = time.monotonic(), time.process_time()
    asyncio.run(polled(poller, reader, given.hour * given.hours))
    took, cpu = time.monotonic() - before, time.process_time() - spent
    logins = total(registry, "cube_monitor_device_logins_total")
    seconds = total(registry, "cube_monitor_device_session_seconds_total")
    good = sum(total_of(registry, result) for result in ("ok", "partial"))
    a_day = HOURS_A_DAY * given.hour / took / len(ports)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    lateness = instruments.poll_lateness
    print(
        f"{len(ports):,} devices, {logins:,.0f} logins in {took:.0f} s ({good / logins:.2%} good),"
        f" {len(reader.by_device):,} devices read, {reader.captures:,} outputs,"
        f" {reader.characters / 2**20:.1f} MiB, {reader.facts:,} facts\n"
        f"lateness: half within {share_within(lateness, 0.5):g} s,"
        f" 99 % within {share_within(lateness, 0.99):g} s\n"
        f"per device and day: {logins * a_day:.1f} logins, {seconds * a_day:.0f} s of sessions\n"
        f"CPU {1e3 * cpu / logins:.0f} ms a login, memory {memory} MiB at most"
    )


def total_of(registry: CollectorRegistry, result: str) -> float:
    labels = {"manner": "ssh", "result": result}
    return registry.get_sample_value("cube_monitor_polls_total", labels) or 0.0


if __name__ == "__main__":
    main()
