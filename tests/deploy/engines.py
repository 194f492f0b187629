"""Real Prometheus and Alertmanager with the shipped files: times are shorter, addresses ours."""

import asyncio
import contextlib
import json
import re
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.receiver import PATIENCE, Receiver

TOP = Path(__file__).parents[2]
SHIPPED = TOP / "deploy" / "alertmanager"
_TIMES = re.compile(r"([0-9]+)(ms|s|m|h|d)")
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much faster than the shipped files everything goes."""

    faster: int = 120
    scrapes: str = "1s"
    """How often, and within what time, a monitor is read."""

    def quick(self, text: str) -> str:
        """A duration divided.

        >>> Pace(faster=60).quick("5m")
        '5000ms'
        """
        long = sum(int(count) * _UNITS[unit] for count, unit in _TIMES.findall(text))
        return f"{long // self.faster}ms"

    def hurried(self, part: Any, names: frozenset[str]) -> Any:
        """The same document with shorter times under the names given."""
        if isinstance(part, list):
            return [self.hurried(one, names) for one in part]
        if not isinstance(part, dict):
            return part
        return {
            key: self.quick(value) if key in names else self.hurried(value, names)
            for key, value in part.items()
        }


def alertmanager_file(folder: Path, receiver: Receiver, pace: Pace) -> Path:
    """The shipped file; its tickets go by the shipped Slack receiver, since mail needs a server."""
    shipped = yaml.safe_load((SHIPPED / "alertmanager.yml").read_text())
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "pagerduty.key").write_text("a key of thirty-two characters..")
    (secrets / "slack.url").write_text(f"{receiver.url}/ticket")
    (secrets / "heartbeat.key").write_text("of the heartbeat")
    named = {one["name"]: one for one in shipped["receivers"]}
    named["page"]["pagerduty_configs"][0]["url"] = f"{receiver.url}/page"
    named["heartbeat"]["webhook_configs"][0]["url"] = f"{receiver.url}/beat"
    named["ticket"] = {**named["slack"], "name": "ticket"}
    shipped["receivers"] = [named[name] for name in ("page", "ticket", "heartbeat")]
    times = frozenset({"group_wait", "group_interval", "repeat_interval"})
    shipped["route"] = pace.hurried(shipped["route"], times)
    text = json.dumps(shipped).replace("/etc/alertmanager-secrets", str(secrets))
    file = folder / "alertmanager.yml"
    file.write_text(text)
    shutil.copy(SHIPPED / "cube.tmpl", folder)
    return file


def prometheus_file(folder: Path, targets: list[int], alertmanager: int, pace: Pace) -> Path:
    rules = folder / "rules"
    rules.mkdir()
    for path in (TOP / "rules").glob("*.rules.yml"):
        shipped = yaml.safe_load(path.read_text())
        quick = pace.hurried(shipped, frozenset({"for", "interval"}))
        (rules / path.name).write_text(json.dumps(quick))
    file = folder / "prometheus.yml"
    addresses = [f"127.0.0.1:{port}" for port in targets]
    file.write_text(
        json.dumps(
            {
                "global": {"scrape_interval": pace.scrapes, "evaluation_interval": "1s"},
                "rule_files": [f"{rules}/*.yml"],
                "alerting": {
                    "alertmanagers": [
                        {"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}
                    ]
                },
                "scrape_configs": [
                    {"job_name": "cubemon", "static_configs": [{"targets": addresses}]}
                ],
            }
        )
    )
    return file


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def engine(folder: Path, *command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    with (folder / f"{command[0]}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), 20)


async def listens(port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def engines(
    folder: Path, targets: list[int], receiver: Receiver, pace: Pace | None = None
) -> AsyncIterator[None]:
    """Both, reading these ports of loopback and telling the receiver, until left."""
    pace = pace or Pace()
    told, asked = free_port(), free_port()
    alertmanager = engine(
        folder,
        "prometheus-alertmanager",
        f"--config.file={alertmanager_file(folder, receiver, pace)}",
        f"--storage.path={folder / 'alerts'}",
        f"--web.listen-address=127.0.0.1:{told}",
        "--cluster.listen-address=",
    )
    prometheus = engine(
        folder,
        "prometheus",
        f"--config.file={prometheus_file(folder, targets, told, pace)}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{asked}",
        "--rules.alert.resend-delay=1s",  # what was said before it knew whom to tell
    )
    async with alertmanager:
        await listens(told)
        async with prometheus:
            yield
