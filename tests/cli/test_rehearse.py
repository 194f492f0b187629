"""`cubemon rehearse` and `cubemon device` against a monitor that really runs."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.app.service import Service
from monitor.cli import main
from monitor.config.model import Config
from monitor.wire import ShowCapture

NOW = 1_767_571_200.0  # 2026-01-05T00:00:00Z


def output(name: str, role: str, trust: str, deadline: str) -> str:
    peer = {"ACTIVE": "STANDBY", "STANDBY": "ACTIVE"}[role]
    hot = {"ACTIVE": "ACTIVE", "STANDBY": "STANDBY HOT"}
    return f"""\
{name}#show cube status
CUBE-Version : 14.1
SW-Version : 17.3.3, Platform C8300-1N1S-4T2X
HA-Type : hot-standby-chassis-to-chassis

{name}#show license status
Utility:
  Status: DISABLED

Account Information:
  Smart Account: Example
  Virtual Account: Voice Edge

Policy:
  Policy in use: Installed On Jun 19 00:00:00 2025 UTC
  Policy name: Voice Policy
  Reporting ACK required: yes (Customer Policy)

Usage Reporting:
  Last ACK received: Dec 30 00:00:00 2025 UTC
  Next ACK deadline: {deadline}
  Reporting push interval: 30  days
  Next ACK push check: <none>
  Next report push: Jan 20 00:00:00 2026 UTC
  Last report push: Dec 29 00:00:00 2025 UTC

Trust Code Installed: {trust}

{name}#show redundancy application group 1
Group ID:1
Group Name:voice-b2bha

My Role: {role}
Peer Role: {peer}
Peer Presence: Yes
Peer Comm: Yes

RF Domain: btob-one
         RF state: {hot[role]}
         Peer RF state: {hot[peer]}

{name}#show license usage
CUBE_T_RED (CUBE_T_RED):
  Description: CUBE_T_RED
  Count: 20
  Version: 1.0
  Status: IN USE
  Export status: NOT RESTRICTED
"""


GOOD = "Jun 19 00:00:00 2025 UTC"
FAR = "Apr 05 00:00:00 2026 UTC"


class Running:
    """A service in a thread of its own, with a clock that stands still."""

    def __init__(self, directory: Path) -> None:
        config = {
            "store": {"directory": str(directory)},
            "collect": [],
            "http": {"port": 0},
            "devices": [{"name": "cube-1"}, {"name": "cube-2"}],
            "pairs": [{"name": "edge", "members": ["cube-1", "cube-2"]}],
        }
        self._loop = asyncio.new_event_loop()
        self._service = Service(Config.model_validate(config), lambda: NOW)
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        self._loop.run_until_complete(self._service.run(self._stop))

    def __enter__(self) -> "Running":
        self._thread.start()
        ready = asyncio.run_coroutine_threadsafe(self._service.ready.wait(), self._loop)
        ready.result(timeout=20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=60)
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._service.port}"

    def read(self, name: str, text: str, holds: Callable[[], bool]) -> None:
        """Bring output in; returns when the snapshot shows what came of it."""
        capture = ShowCapture(device=name, received=NOW, text=text)

        async def bring() -> None:
            await self._service.pipeline.show([capture])
            async with asyncio.timeout(20):
                while not holds():  # noqa: ASYNC110 - the snapshot announces nothing
                    await asyncio.sleep(0.01)

        asyncio.run_coroutine_threadsafe(bring(), self._loop).result(timeout=30)

    def lives(self, verdict: str) -> bool:
        pairs = self._service.pipeline.snapshot.pairs
        return any(pair.rehearsal.lives == verdict for pair in pairs)

    def knows(self, name: str) -> bool:
        states = self._service.pipeline.snapshot.devices
        return any(one.device.id == name and bool(one.facts) for one in states)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as service:
        service.read(
            "cube-1", output("cube-1", "ACTIVE", GOOD, FAR), lambda: service.knows("cube-1")
        )
        yield service


def test_a_pair_that_lives(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    text = output("cube-2", "STANDBY", GOOD, FAR)
    running.read("cube-2", text, lambda: running.lives("fine"))
    assert main(["rehearse", "edge", "--url", running.url]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("edge: if cube-2 takes over now, calls go on\n")
    assert "  CUBE_T_RED or CUBE_T_ENH: 20 (reported)\n" in shown
    assert "page: none\n" in shown


def test_a_pair_that_would_stop_calls(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    text = output("cube-2", "STANDBY", "<none>", "Jan 10 00:00:00 2026 UTC")
    running.read("cube-2", text, lambda: running.lives("fails"))
    assert main(["rehearse", "CUBE-2", "--url", running.url]) == 2
    shown = capsys.readouterr().out
    assert "CALLS STOP" in shown
    assert "trust       FAILS" in shown
    assert "page: push_planned_too_late / 14d: " in shown
    assert "next: Get an ID token" in shown
    assert main(["rehearse", "edge", "--url", running.url, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["standby"] == "cube-2"


def test_a_standby_licensed_otherwise(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    text = output("cube-2", "STANDBY", GOOD, FAR).replace("Voice Edge", "Voice Lab")
    running.read("cube-2", text, lambda: running.lives("differs"))
    assert main(["rehearse", "edge", "--url", running.url]) == 1
    assert "account     differs" in capsys.readouterr().out


def test_a_pair_that_nobody_knows_and_a_monitor_that_is_not_there(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rehearse", "edgy", "--url", running.url]) == 3
    assert "nearest: edge" in capsys.readouterr().err
    assert main(["rehearse", "edge", "--url", "http://127.0.0.1:9"]) == 3
    with pytest.raises(SystemExit) as ended:
        main(["rehearse"])
    assert ended.value.code == 3


def test_a_device_is_retired_and_reinstated(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--url", running.url, "--by", "ann"]
    assert main(["device", "retire", "cube-1", *where, "--reason", "site closed"]) == 0
    assert capsys.readouterr().out.startswith("ann: retire cube-1 (site closed)")
    assert main(["device", "retire", "cube-1", *where]) == 2
    assert "retired already" in capsys.readouterr().err
    assert main(["device", "reinstate", "cube-1", *where]) == 0


@pytest.mark.parametrize(
    "words",
    [["rename", "cube-1"], ["retire", "cube-1", "cube-2"], ["merge", "cube-1", "cube-1"]],
)
def test_orders_that_make_no_sense_are_refused(running: Running, words: list[str]) -> None:
    assert main(["device", *words, "--url", running.url]) == 2


def test_an_unknown_operation_and_a_monitor_that_is_not_there() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["device", "explode", "cube-1"])
    assert ended.value.code == 2
    assert main(["device", "retire", "cube-1", "--url", "http://127.0.0.1:9"]) == 3
