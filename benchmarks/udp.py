"""Syslog over UDP at a steady pace into a whole monitor, and into rsyslog beside it.

python benchmarks/udp.py [--rate 100000] [--seconds 60] [--licence-share 0.01]

The monitor receives, filters, reads, judges and commits; rsyslog (imudp to omfile) writes each line
to a file. Sender and receiver share the machine. CPU is of all threads of the receiver, user and
system. Arrival is when the sender handed the datagram to the kernel.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

HERE = Path(__file__).parent
DEADLINE = 60.0
TICKS = os.sysconf("SC_CLK_TCK")

CONFIG = """
collect: [{{kind: syslog_udp, port: {udp}}}]
http: {{port: {http}}}
store: {{directory: {directory}/data}}
"""

RSYSLOG = """
global(workDirectory="{directory}")
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="{udp}" rcvbufSize="32m" ruleset="keep")
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="keep" queue.type="LinkedList" queue.size="500000") {{
  action(type="omfile" file="{directory}/lines" template="raw" ioBufferSize="64k"
         flushOnTXEnd="off" asyncWriting="on")
}}
"""


@dataclass(frozen=True)
class Load:
    """What is sent."""

    rate: int
    seconds: float
    share: float


@dataclass(frozen=True)
class Outcome:
    """What became of it."""

    sent: dict[str, float]
    arrived: int
    cpu_seconds: float


def main() -> None:
    """Measure both, print the figures."""
    arguments = parsed()
    load = Load(arguments.rate, arguments.seconds, arguments.licence_share)
    print(f"machine: {machine()}")
    print(f"command: {' '.join(sys.argv)}")
    with tempfile.TemporaryDirectory() as directory:
        measure_monitor(load, Path(directory))
    if program := shutil.which("rsyslogd", path=f"{os.environ['PATH']}:/usr/sbin"):
        with tempfile.TemporaryDirectory() as directory:
            measure_rsyslog(load, program, Path(directory))
    else:
        print("rsyslogd is not installed: no peer")


def parsed() -> argparse.Namespace:
    """Arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=100_000, help="lines a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--licence-share", type=float, default=0.01)
    return parser.parse_args()


def measure_monitor(load: Load, directory: Path) -> None:
    """The monitor: loss, CPU, and how long licence lines take from arrival to commit."""
    udp, http = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    config = directory / "cubemon.yml"
    config.write_text(CONFIG.format(udp=udp, http=http, directory=directory))
    committed = directory / "committed"
    command = [sys.executable, str(HERE / "_timed_serve.py"), str(config), str(committed)]
    with running(command, lambda: ready(http)) as process:
        before = cpu_seconds(process.pid)
        sent = send(udp, load, directory / "sent")
        metrics = settled(lambda: scraped(http), lambda seen: total(seen, "syslog_received"))
        used = cpu_seconds(process.pid) - before
    delays = latencies(directory / "sent", committed)
    outcome = Outcome(sent, int(total(metrics, "syslog_received")), used)
    print_outcome("cubemon serve", outcome)
    print(
        f"  lost in the kernel {total(metrics, 'syslog_kernel_drops'):.0f}, "
        f"in the queue {total(metrics, 'syslog_dropped'):.0f}"
    )
    commits = metrics.get("cube_monitor_commit_seconds_count", 0.0)
    mean = metrics.get("cube_monitor_commit_seconds_sum", 0.0) / max(1.0, commits)
    print(f"  {commits:.0f} commits of {mean * 1e3:.1f} ms on the average")
    print(f"  licence lines: sent {sent['licences']:.0f}, committed {len(delays)}")
    if len(delays) > 1:
        cuts = statistics.quantiles(delays, n=100, method="inclusive")
        print(
            f"  arrival to commit: p50 {cuts[49] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.1f} ms, "
            f"longest {max(delays) * 1e3:.1f} ms"
        )


def measure_rsyslog(load: Load, program: str, directory: Path) -> None:
    """The peer: the same stream to a file."""
    udp = free_port(socket.SOCK_DGRAM)
    config = directory / "rsyslog.conf"
    config.write_text(RSYSLOG.format(udp=udp, directory=directory))
    lines = directory / "lines"
    command = [program, "-n", "-iNONE", "-f", str(config)]
    with running(command, lambda: answers(udp, lines)) as process:
        before = cpu_seconds(process.pid)
        sent = send(udp, load, directory / "sent")
        settled(lambda: lines.stat().st_size, float)
        used = cpu_seconds(process.pid) - before
    with lines.open("rb") as file:
        arrived = sum(line.startswith(b"<189>") for line in file)
    print_outcome("rsyslog imudp to omfile", Outcome(sent, arrived, used))


def print_outcome(name: str, outcome: Outcome) -> None:
    """The figures that both have."""
    sent, seconds = int(outcome.sent["sent"]), outcome.sent["seconds"]
    per_line = outcome.cpu_seconds / max(1, outcome.arrived)
    print(
        f"{name}: sent {sent} in {seconds:.1f} s ({sent / seconds:.0f}/s, longest pause of the "
        f"sender {outcome.sent['longest_pause'] * 1e3:.0f} ms)\n"
        f"  arrived {outcome.arrived}, lost {sent - outcome.arrived} "
        f"({(sent - outcome.arrived) / sent:.4%}); CPU {outcome.cpu_seconds:.1f} s, "
        f"{per_line * 1e6:.2f} us a line, {outcome.cpu_seconds / seconds:.0%} of a core"
    )


def send(port: int, load: Load, sent: Path) -> dict[str, float]:
    """Run the sender to its end."""
    command = [sys.executable, str(HERE / "_send_syslog.py"), str(port), str(load.rate)]
    command += [str(load.seconds), str(load.share), str(sent)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    summary: dict[str, float] = json.loads(done.stdout)
    return summary


@contextmanager
def running(
    command: list[str], is_ready: Callable[[], bool]
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process until the block ends, then SIGTERM and its end."""
    with subprocess.Popen(command) as process:
        try:
            last = time.monotonic() + DEADLINE
            while not is_ready():
                if process.poll() is not None or time.monotonic() > last:
                    raise SystemExit(f"did not start: {' '.join(command)}")
                time.sleep(0.05)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(DEADLINE)


def settled(read: Callable[[], Any], figure: Callable[[Any], float]) -> Any:
    """What `read` gives once its figure has stopped moving for a second."""
    seen, since = read(), time.monotonic()
    while time.monotonic() - since < 1.0:
        time.sleep(0.1)
        now = read()
        if figure(now) != figure(seen):
            since = time.monotonic()
        seen = now
    return seen


def scraped(port: int) -> dict[str, float]:
    """Our own counters by sample name, labels added up."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=DEADLINE) as answer:
        text = answer.read().decode()
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    return sums


def total(metrics: dict[str, float], name: str) -> float:
    """One counter."""
    return metrics.get(f"cube_monitor_{name}_total", 0.0)


def ready(port: int) -> bool:
    """True once the monitor says so."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


def answers(port: int, lines: Path) -> bool:
    """True once a datagram to rsyslog reaches its file."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"hello", ("127.0.0.1", port))
    return lines.exists()


def latencies(sent: Path, committed: Path) -> list[float]:
    """Seconds from arrival to commit of each licence line that was committed."""
    arrivals = dict(row.split() for row in sent.read_text().splitlines())
    return [
        float(moment) - float(arrivals[counter])
        for counter, moment in (row.split() for row in committed.read_text().splitlines())
        if counter in arrivals
    ]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all threads (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def free_port(kind: socket.SocketKind) -> int:
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def machine() -> str:
    """What it runs on."""
    names = [row for row in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in row]
    model = names[0].partition(": ")[2] if names else platform.machine()
    system = f"Linux {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} x {model}, {system}"


if __name__ == "__main__":
    main()
