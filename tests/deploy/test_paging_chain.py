"""From a finding to the phone with the real ones: monitors, Prometheus, Alertmanager, a receiver.

Routes, groups, inhibition, receivers and words are the shipped ones; times are a hundredth or so,
and addresses are ours.
"""

import asyncio
import contextlib
import http.server
import json
import re
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.app import Service
from monitor.config import Config
from monitor.domain.instants import DAY, HOUR
from monitor.wire import ShowCapture

pytestmark = pytest.mark.engine("prometheus", "prometheus-alertmanager")

TOP = Path(__file__).parents[2]
SHIPPED = TOP / "deploy" / "alertmanager"
FASTER = 120
_TIMES = re.compile(r"([0-9]+)(ms|s|m|h|d)")
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
PATIENCE = 40.0


@dataclass
class Receiver:
    """PagerDuty, Slack and the watcher of the heartbeat: keeps what it is told, by path."""

    url: str = ""
    told: list[tuple[str, Any]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, path: str, body: Any) -> None:
        with self.changed:
            self.told.append((path, body))
            self.changed.notify_all()

    def of(self, path: str) -> list[Any]:
        with self.changed:
            return [body for where, body in self.told if where == path]

    async def wait(self, enough: Callable[[], bool], what: str) -> None:
        def waiting() -> bool:
            with self.changed:
                return self.changed.wait_for(enough, PATIENCE)

        assert await asyncio.to_thread(waiting), f"{what}; told: {self.summary()}"

    def pages(self, action: str) -> list[Any]:
        return [one for one in self.of("/page") if one["event_action"] == action]

    def summary(self) -> list[str]:
        pages = [f"{one['event_action']} {one['payload']['summary']}" for one in self.of("/page")]
        return [*pages, *(one["attachments"][0]["title"] for one in self.of("/ticket"))]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.take(self.path, json.loads(body))
            answer = b'{"status": "success"}'
            self.send_response(202 if self.path == "/page" else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


def faster(text: str) -> str:
    """A duration divided.

    >>> faster("5m"), faster("30s")
    ('5000ms', '500ms')
    """
    long = sum(int(count) * _UNITS[unit] for count, unit in _TIMES.findall(text))
    return f"{long // FASTER}ms"


def hurried(part: Any, names: frozenset[str]) -> Any:
    """The same document with shorter times under the names given."""
    if isinstance(part, list):
        return [hurried(one, names) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: faster(value) if key in names else hurried(value, names) for key, value in part.items()
    }


def alertmanager_file(folder: Path, receiver: Receiver) -> Path:
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
    shipped["route"] = hurried(shipped["route"], times)
    text = json.dumps(shipped).replace("/etc/alertmanager-secrets", str(secrets))
    file = folder / "alertmanager.yml"
    file.write_text(text)
    shutil.copy(SHIPPED / "cube.tmpl", folder)
    return file


def prometheus_file(folder: Path, targets: list[int], alertmanager: int) -> Path:
    rules = folder / "rules"
    rules.mkdir()
    for path in (TOP / "rules").glob("*.rules.yml"):
        shipped = yaml.safe_load(path.read_text())
        quick = hurried(shipped, frozenset({"for", "interval"}))
        (rules / path.name).write_text(json.dumps(quick))
    file = folder / "prometheus.yml"
    addresses = [f"127.0.0.1:{port}" for port in targets]
    file.write_text(
        json.dumps(
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
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
async def engines(folder: Path, targets: list[int], receiver: Receiver) -> AsyncIterator[None]:
    told, asked = free_port(), free_port()
    alertmanager = engine(
        folder,
        "prometheus-alertmanager",
        f"--config.file={alertmanager_file(folder, receiver)}",
        f"--storage.path={folder / 'alerts'}",
        f"--web.listen-address=127.0.0.1:{told}",
        "--cluster.listen-address=",
    )
    prometheus = engine(
        folder,
        "prometheus",
        f"--config.file={prometheus_file(folder, targets, told)}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{asked}",
        "--rules.alert.resend-delay=1s",  # what was said before it knew whom to tell
    )
    async with alertmanager:
        await listens(told)
        async with prometheus:
            yield


class Monitor:
    """One of two monitors side by side."""

    def __init__(self, folder: Path) -> None:
        self._service = Service(
            Config.model_validate(
                {
                    "collect": [],
                    "store": {"directory": str(folder)},
                    "http": {"port": 0},
                    "learn_at_most": 0,
                    "devices": [{"name": f"cube-{number}"} for number in range(1, 7)],
                    "pairs": [{"name": "edge", "members": ["cube-1", "cube-2"]}],
                }
            )
        )
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> int:
        self._task = asyncio.create_task(self._service.run(self._stop))
        async with asyncio.timeout(PATIENCE):
            await self._service.ready.wait()
        return self._service.port

    async def show(self, *captures: ShowCapture) -> None:
        await self._service.pipeline.show(list(captures))

    async def stop(self) -> None:
        self._stop.set()
        if self._task is not None:
            await self._task


@contextlib.asynccontextmanager
async def two_monitors(folder: Path) -> AsyncIterator[tuple[list[Monitor], list[int]]]:
    monitors = [Monitor(folder / "left"), Monitor(folder / "right")]
    try:
        yield monitors, [await one.start() for one in monitors]
    finally:
        for one in monitors:
            await one.stop()


GROUP = """
{device}#show redundancy application group 1
Group ID:1
Group Name:voice-b2bha

Administrative State: No Shutdown
Aggregate operational state : Up
My Role: {mine}
Peer Role: {other}
Peer Presence: Yes
Peer Comm: Yes
Peer Progression Started: Yes

RF Domain: btob-one
         RF state: {mine_state}
         Peer RF state: {other_state}
"""
HOT = {"ACTIVE": "ACTIVE", "STANDBY": "STANDBY HOT"}


def printed(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%b %d %H:%M:%S %Y UTC")


def status(device: str, left: float, *, acked: bool, release: str = "17.3.2",
           role: str = "") -> ShowCapture:  # fmt: skip
    """What a router prints whose deadline is `left` seconds away."""
    now = time.time()
    sent = now - 10 * HOUR
    known = f"""{device}#show cube status
CUBE-Version : 14.1
SW-Version : {release}, Platform C8300-1N1S-4T2X
HA-Type : {"hot-standby-chassis-to-chassis" if role else "none"}

"""
    text = f"""{known if release else ""}{device}#show license status
Utility:
  Status: DISABLED

Smart Licensing Using Policy:
  Status: ENABLED

Account Information:
  Smart Account: Example Voice As of {printed(sent)}
  Virtual Account: Voice Edge

Transport:
  Type: Smart
  URL: https://smartreceiver.cisco.com/licservice/license

Policy:
  Policy in use: Installed On {printed(now - 200 * DAY)}
  Policy name: Voice Policy
  Reporting ACK required: yes (Customer Policy)

Usage Reporting:
  Last ACK received: {printed(sent + HOUR if acked else now - 27 * DAY)}
  Next ACK deadline: {printed(now + left)}
  Reporting push interval: 30  days
  Next ACK push check: <none>
  Next report push: {printed(now + left - 2 * DAY if left > 3 * DAY else sent + 9 * HOUR)}
  Last report push: {printed(sent)}
  Last report file write: <none>

Trust Code Installed: {printed(now - 200 * DAY)}
"""
    if role:
        other = "STANDBY" if role == "ACTIVE" else "ACTIVE"
        text += GROUP.format(
            device=device, mine=role, other=other, mine_state=HOT[role], other_state=HOT[other]
        )
    return ShowCapture(device=device, received=now, text=text)


def doomed() -> list[ShowCapture]:
    left = 3 * DAY - HOUR
    return [
        status("cube-1", left, acked=False, role="ACTIVE"),
        status("cube-2", left, acked=False, role="STANDBY"),
        status("cube-3", left, acked=False),
        status("cube-4", left, acked=False, release="17.9.4a"),
        status("cube-5", -2 * HOUR, acked=False),
        status("cube-6", left, acked=False, release=""),
    ]


def saved() -> list[ShowCapture]:
    return [
        status("cube-1", 29 * DAY, acked=True, role="ACTIVE"),
        status("cube-2", 29 * DAY, acked=True, role="STANDBY"),
    ]


def about(page: Mapping[str, Any]) -> str:
    """Its subject; empty where it is about the monitor itself."""
    return str(page["payload"].get("component", ""))


def subjects(pages: list[Any]) -> Counter[str]:
    return Counter(about(one) for one in pages)


def keys(receiver: Receiver, subject: str) -> list[str]:
    """Of the incidents about a subject, in the order in which they were opened."""
    told = [one["dedup_key"] for one in receiver.pages("trigger") if about(one) == subject]
    return list(dict.fromkeys(told))


def ended(receiver: Receiver) -> set[str]:
    return {one["dedup_key"] for one in receiver.pages("resolve")}


WHEN = "20[0-9-]+ [0-9:]+ UTC"
TITLES = {
    "cube-3": rf"CRITICAL cube-3: CALLS STOP on {WHEN} unless .+ [(]2d 2[123]h left[)]",
    "cube-5": rf"CRITICAL cube-5: CALLS STOP: .+ deadline passed on {WHEN}, 2h ago",
    "cube-6": rf"CRITICAL cube-6: CALLS MAY STOP on {WHEN} unless .+ [(]2d 2[123]h left[)]",
}


def check_words(page: Mapping[str, Any]) -> None:
    """Judgement of a page: what it must say."""
    title, text = page["payload"]["summary"], page["payload"]["custom_details"]["text"]
    assert re.fullmatch(
        rf"CRITICAL edge: cube-1: CALLS STOP on {WHEN}"
        r" unless a report is acknowledged before [(]2d 2[123]h left[)]",
        title,
    ), title
    for words in (
        "Calls: cube-1: CALLS STOP on ",
        "(pair_page, step ack_backstop:3d)",
        "Device: cube-1, release 17.3.2, stops calls at a missed deadline",
        "Pair: edge:",
        "cube-1 (active)",
        "cube-2 (standby)",
        "can take over",
        "Calls now: unknown",
        "ACK deadline: 20",
        "Last ACK: 20",
        "Last push: 20",
        "Next push: 20",
        "Transport: smart",
        "Evidence: deadline exact by cli; cli ",
        "Next: Type `license smart sync all` now",
        "Account: Voice Edge",
        "Runbook: https://example.com/cube-license-monitor/docs/runbooks/pair-page.md",
    ):
        assert words in text, text
    assert page["payload"]["severity"] == "critical"
    assert page["links"][0]["href"].endswith("/pair-page.md")


async def told(receiver: Receiver) -> None:
    """One page a pair and one a router; what stops no calls is a ticket."""
    await receiver.wait(
        lambda: set(subjects(receiver.pages("trigger"))) == {"edge", *TITLES}, "no pages"
    )
    pages = {about(one): one for one in receiver.pages("trigger")}
    check_words(pages["edge"])
    for subject, title in TITLES.items():
        assert re.fullmatch(title, pages[subject]["payload"]["summary"])
    await receiver.wait(lambda: bool(receiver.of("/ticket")), "no ticket")


async def worse(receiver: Receiver, monitors: list[Monitor]) -> None:
    """The next rung is an incident of its own; the one before it ends."""
    for one in monitors:
        await one.show(status("cube-3", 20 * HOUR, acked=False))
    await receiver.wait(lambda: len(keys(receiver, "cube-3")) == 2, "the worse rung is silent")
    first = keys(receiver, "cube-3")[0]
    await receiver.wait(lambda: first in ended(receiver), "the rung before it stands")


async def better(receiver: Receiver, monitors: list[Monitor]) -> None:
    for one in monitors:
        await one.show(*saved())
    (key,) = keys(receiver, "edge")
    await receiver.wait(lambda: key in ended(receiver), "the pair's page stands")


async def dead(receiver: Receiver, monitors: list[Monitor]) -> None:
    """Somebody is told that nobody watches, and nothing is called resolved for it."""
    before = len(receiver.pages("resolve"))
    for one in monitors:
        await one.stop()
    await receiver.wait(lambda: NOBODY in kinds(receiver), "nobody is told that none is left")
    beats = len(receiver.of("/beat"))
    await receiver.wait(lambda: len(receiver.of("/beat")) > beats + 2, "no heartbeat")
    assert len(receiver.pages("resolve")) == before


NOBODY = "CubeMonitorAbsent"


def kinds(receiver: Receiver) -> set[str]:
    return {one["payload"]["class"] for one in receiver.pages("trigger")}


def test_one_page_a_pair_from_two_monitors_resolved_once(
    tmp_path: Path, receiver: Receiver
) -> None:
    async def story() -> None:
        async with two_monitors(tmp_path) as (monitors, ports):
            for one in monitors:
                await one.show(*doomed())
            async with engines(tmp_path, ports, receiver):
                await told(receiver)
                await worse(receiver, monitors)
                await better(receiver, monitors)
                await dead(receiver, monitors)

    asyncio.run(story())
    opened = Counter(one["dedup_key"] for one in receiver.pages("trigger"))
    assert set(opened.values()) == {1}, receiver.summary()
    assert subjects(receiver.pages("trigger")) == {
        "edge": 1, "cube-3": 2, "cube-5": 1, "cube-6": 1, "": 1,
    }  # fmt: skip
    assert subjects(receiver.pages("resolve")) == {"edge": 1, "cube-3": 1}
    tickets = [one["attachments"][0]["title"] for one in receiver.of("/ticket")]
    assert all("cube-4" in one for one in tickets if "Monitor" not in one), tickets
    assert any("Calls do not stop" in one for one in tickets), tickets
