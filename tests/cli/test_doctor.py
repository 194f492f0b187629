"""`cubemon doctor` against a monitor that really runs."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.app.service import Service
from monitor.cli import main
from monitor.config.model import Config
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.tags import AGGREGATE, CALLS
from monitor.wire import ShowCapture

NOW = 1_767_571_200.0  # 2026-01-05T00:00:00Z
OUTPUT = """\
cube-1#show cube status
CUBE-Version : 14.1
SW-Version : 17.3.3, Platform C8300-1N1S-4T2X
HA-Type : none

cube-1#show license status
Utility:
  Status: DISABLED

Usage Reporting:
  Last ACK received: Dec 30 00:00:00 2025 BST
  Next ACK deadline: Mar 06 00:00:00 2026 BST
  Next report push: Jan 20 00:00:00 2026 BST
  Last report push: Dec 29 00:00:00 2025 BST
"""


class Running:
    """A service in a thread of its own, with a clock that stands still."""

    def __init__(self, directory: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._service = Service(configuration(directory), lambda: NOW)
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

    def fill(self) -> None:
        """Bring output and readings in; returns when the snapshot shows what came of it."""

        async def bring() -> None:
            pipeline = self._service.pipeline
            await pipeline.columns(calls_and_sessions())
            capture = ShowCapture(device="cube-1", received=NOW - 60, text=OUTPUT, live=True)
            await pipeline.show([capture])
            async with asyncio.timeout(20):
                while not any(one.facts for one in pipeline.snapshot.devices):  # noqa: ASYNC110 - the snapshot announces nothing
                    await asyncio.sleep(0.01)

        asyncio.run_coroutine_threadsafe(bring(), self._loop).result(timeout=30)


def configuration(directory: Path) -> Config:
    return Config.model_validate(
        {
            "collect": [{"kind": "syslog_udp", "port": 0}],
            "store": {"directory": str(directory)},
            "http": {"port": 0},
            "devices": [
                {"name": "cube-1", "addresses": ["192.0.2.1"]},
                {"name": "cube-2", "calls": "aggregate"},
                {"name": "cube-3"},
            ],
        }
    )


def calls_and_sessions() -> ReadingColumns:
    columns = ReadingColumns(
        series=(Series("cube-2", CALLS, "snmp"), Series("cube-2", AGGREGATE, "http"))
    )
    for which, count in ((0, 40), (1, 20)):
        for second in range(60):
            columns.which.append(which)
            columns.seconds.append(int(NOW) - 120 + second)
            columns.counts.append(count)
    return columns


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Running(tmp_path_factory.mktemp("doctor")) as running:
        running.fill()
        yield running.url


def doctor(capsys: pytest.CaptureFixture[str], url: str, *words: str) -> tuple[int, str]:
    code = main(["doctor", "--url", url, *words])
    return code, capsys.readouterr().out


def test_one_device_in_words(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = doctor(capsys, url, "192.0.2.1")
    lines = [line.strip() for line in text.splitlines()]
    assert code == 1
    assert lines[0] == "cube-1: C8300-1N1S-4T2X, 17.3.3: something to do"
    assert "cli       heard, not configured (1 min ago)" in lines
    assert "syslog    never heard" in lines
    assert 'timezones: {BST: "+HH:MM"}' in lines
    assert "logging host MONITOR-ADDRESS transport udp port 5514" in lines
    assert "restconf" in lines
    assert "gnxi" not in lines


def test_legs_are_found_in_the_readings(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = doctor(capsys, url, "cube-2")
    assert code == 1
    assert "call table (snmp): legs (2.00 to a session of http, 60 compared)" in text
    assert "legs: 2" in text


def test_the_fleet_as_json(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = doctor(capsys, url, "--json")
    told = json.loads(text)["doctor"]
    assert code == 1
    assert [one["device"] for one in told] == ["cube-1", "cube-2", "cube-3"]
    assert told[0]["unresolved_zones"] == ["BST"]
    assert told[1]["calibrations"] == [
        {"source": "snmp", "counting": "legs", "against": "http", "compared": 60, "ratio": 2.0}
    ]
    assert {one["state"] for one in told[2]["sources"]} == {"not configured", "never heard"}


def test_unknown_names_and_monitors(
    url: str, capsys: pytest.CaptureFixture[str], unused: str
) -> None:
    assert doctor(capsys, url, "cube-9")[0] == 2
    assert doctor(capsys, unused, "--timeout", "2")[0] == 3


@pytest.fixture
def unused() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
