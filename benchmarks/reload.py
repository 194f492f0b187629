"""Reloads under load: how long they take, and whether each line that was sent is committed."""

import asyncio
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from monitor.app import Service
from monitor.config import load

RELOADS = 20
DEVICES = 1_000
RATE = 2_000
SENDER = Path(__file__).parent / "_send_lines.py"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def text(directory: Path, udp: int, tcp: int, number: int) -> str:
    """Every reload another tenth of the devices goes or comes, and the sender changes."""
    names = [f"cube-{at}" for at in range(DEVICES) if at % 10 != number % 10]
    devices: list[dict[str, object]] = [{"name": name} for name in names]
    devices.append({"name": "home", "addresses": ["127.0.0.1"], "release": f"17.{number}.1"})
    data = {
        "store": {"directory": str(directory / "data")},
        "http": {"port": 0},
        "collect": [{"kind": "syslog_udp", "port": udp}, {"kind": "syslog_tcp", "port": tcp}],
        "devices": devices,
    }
    return yaml.safe_dump(data)


async def committed(service: Service, wanted: int) -> int:
    """Lines committed, once they are as many as wanted or nothing more comes."""
    registry = service._parts.registry  # noqa: SLF001 - its own figures are what is read here
    found: float | None = None
    for _ in range(300):
        found = registry.get_sample_value("cube_monitor_committed_total", {"record": "event"})
        if int(found or 0) >= wanted:
            break
        await asyncio.sleep(0.1)
    return int(found or 0)


async def measured(directory: Path) -> None:
    file, udp, tcp = directory / "cubemon.yml", free_port(), free_port()
    texts = [text(directory, udp, tcp, number) for number in range(RELOADS + 1)]
    file.write_text(texts[0])
    service, stop = Service(load(file), source=lambda: load(file)), asyncio.Event()
    running = asyncio.create_task(service.run(stop))
    await service.ready.wait()
    sender = await asyncio.create_subprocess_exec(
        sys.executable, str(SENDER), str(udp), str(tcp), str(RATE),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    took = []
    began = time.monotonic()
    for changed in texts[1:]:
        file.write_text(changed)
        started = time.monotonic()
        await service.reload()
        took.append(time.monotonic() - started)
    seconds = time.monotonic() - began
    told, _ = await sender.communicate(b"\n")
    sent = int(told)
    kept = await committed(service, sent)
    stop.set()
    await running
    middle, slowest = statistics.median(took) * 1e3, max(took) * 1e3
    print(f"{RELOADS} reloads of {DEVICES} devices, a fifth of them changing, in {seconds:.1f} s")
    print(f"one reload: median {middle:.0f} ms, slowest {slowest:.0f} ms")
    print(f"lines sent {sent:,} ({RATE:,} a second, UDP and TCP), committed {kept:,}")
    print("bound: committed = sent: " + ("held" if kept == sent else "BROKEN"))


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(measured(Path(directory)))


if __name__ == "__main__":
    main()
