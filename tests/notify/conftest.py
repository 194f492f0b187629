"""A receiver on loopback that keeps what it is told, and a monitor that has something to tell."""

import asyncio
import http.server
import json
import os
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from monitor.app.build import Parts, build
from monitor.app.notifier import notifier
from monitor.config import Config
from monitor.domain.instants import DAY, instant
from monitor.pipeline.notifying import Notifier
from monitor.wire import ShowCapture

SECRET = "a secret of the receiver"  # noqa: S105 - of a test
DEADLINE = instant("2026-01-15T00:00:00Z")
START = DEADLINE - 20 * DAY


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--page-kills", type=int, default=6, help="kills of the notifier's crash test")


@dataclass
class Told:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers with the next of `answers`, then 200; counts pages by their key."""

    url: str = ""
    told: list[Told] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, told: Told) -> int:
        with self.changed:
            status = self.answers.pop(0) if self.answers else 200
            if status < 300:  # what was refused was not taken
                self.told.append(told)
            self.changed.notify_all()
            return status

    def wait(self, enough: Callable[["Receiver"], bool], seconds: float = 20.0) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: enough(self), seconds), self.summary()

    def summary(self) -> list[tuple[str, str, str]]:
        return [(one.json["action"], one.json["key"], one.json["title"]) for one in self.told]

    def keys(self, action: str = "trigger") -> Counter[str]:
        return Counter(one.json["key"] for one in self.told if one.json["action"] == action)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = kept.take(Told(self.path, dict(self.headers.items()), body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CUBEMON_TEST_SECRET", SECRET)
    assert os.environ["CUBEMON_TEST_SECRET"] == SECRET
    return "CUBEMON_TEST_SECRET"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.pipeline.sending._EVERY", 0.02)
    monkeypatch.setattr("monitor.pipeline.sending._FIRST_PAUSE", 0.01)
    monkeypatch.setattr("monitor.pipeline.sending._LONGEST_PAUSE", 0.05)
    monkeypatch.setattr("monitor.pipeline.notifying._EVERY", 0.02)


def status(device: str, *, release: str = "17.3.2", deadline: str = "Jan 15 00:00:00 2026 UTC",
           acked: str = "Dec 16 00:00:00 2025 UTC") -> ShowCapture:  # fmt: skip
    text = f"""{device}#show cube status
CUBE-Version : 14.1
SW-Version : {release}, Platform C8300-1N1S-4T2X
HA-Type : none

{device}#show license status
Utility:
  Status: DISABLED

Smart Licensing Using Policy:
  Status: ENABLED

Account Information:
  Smart Account: Example Voice As of Dec 16 00:00:00 2025 UTC
  Virtual Account: Voice Edge

Transport:
  Type: Smart
  URL: https://smartreceiver.cisco.com/licservice/license

Policy:
  Policy in use: Installed On Jun 19 00:00:00 2025 UTC
  Policy name: Voice Policy
  Reporting ACK required: yes (Customer Policy)

Usage Reporting:
  Last ACK received: {acked}
  Next ACK deadline: {deadline}
  Reporting push interval: 30  days
  Next ACK push check: <none>
  Next report push: Jan 14 00:00:00 2026 UTC
  Last report push: Jan 10 12:00:00 2026 UTC
  Last report file write: <none>

Trust Code Installed: Jun 19 00:00:00 2025 UTC
"""
    return ShowCapture(device=device, received=0.0, text=text)


@dataclass
class Monitor:
    """A monitor without collectors and with a clock of its own."""

    parts: Parts
    notifier: Notifier
    clock: list[float]

    async def show(self, *captures: ShowCapture) -> None:
        at = self.clock[0]
        await self.parts.pipeline.show(
            [ShowCapture(device=one.device, received=at, text=one.text) for one in captures]
        )
        await self.judge()

    async def at(self, now: float) -> None:
        self.clock[0] = now
        await self.judge()

    async def judge(self) -> None:
        self.parts.pipeline.judge_now(self.clock[0])
        await self.parts.rooms.writer.idle()

    async def sent(self, seconds: float = 20.0) -> None:
        """Wait until all is planned and nothing waits in any channel."""
        async with asyncio.timeout(seconds):
            await self.planned()
            while any(one.waiting or one.error for one in self.notifier.channels()):  # noqa: ASYNC110 - of another thread
                await asyncio.sleep(0.005)
            # The last one has left the queue; its sender's own count follows on the loop.
            await self.planned()

    async def planned(self) -> None:
        """Wait until all that is committed has been planned for."""
        before = self.notifier.rounds
        while self.notifier.rounds < before + 2:  # noqa: ASYNC110 - it says so nowhere else
            await asyncio.sleep(0.002)


Start = Callable[..., Any]


@pytest.fixture
def monitor(tmp_path: Path) -> Start:
    """`async with monitor(notify={...}) as running:` on a directory of its own."""

    @asynccontextmanager
    async def start(
        notify: Mapping[str, Any] | None,
        *,
        now: float = START,
        name: str = "data",
        devices: int = 1,
        **config: Any,
    ) -> AsyncIterator[Monitor]:
        settings = Config.model_validate(
            {
                "collect": [],
                "store": {"directory": str(tmp_path / name)},
                "devices": [{"name": f"cube-{number + 1}"} for number in range(devices)],
                "notify": notify,
            }
            | config
        )
        clock = [now]
        parts = build(settings, lambda: clock[0], group_seconds=0)
        told = notifier(parts, lambda: clock[0])
        loops = [
            asyncio.create_task(one)
            for one in (parts.rooms.writer.run(), parts.pipeline.read(), *told.loops())
        ]
        try:
            yield Monitor(parts, told, clock)
        finally:
            for loop in loops:
                loop.cancel()
            ends = await asyncio.gather(*loops, return_exceptions=True)
            parts.rooms.writer.close()
            parts.store.close()
            broken = [one for one in ends if not isinstance(one, asyncio.CancelledError)]
            assert broken == [None] * len(broken)

    return start


@pytest.fixture
def capture() -> Callable[..., ShowCapture]:
    return status
