"""What the service manager hears, by a socket that stands in its place."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.app.systemd import READY, STOPPING, ServiceManager


@pytest.fixture
def manager_socket(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(5)
        yield heard


def test_without_a_manager_nothing_is_said() -> None:
    manager = ServiceManager({})
    manager.tell(READY)
    assert manager.watchdog_seconds is None


def test_lines_are_one_datagram(manager_socket: socket.socket) -> None:
    ServiceManager({"NOTIFY_SOCKET": manager_socket.getsockname()}).tell(READY, "STATUS=listening")
    assert manager_socket.recv(100) == b"READY=1\nSTATUS=listening"


def test_an_abstract_socket_is_reached() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        name = f"cubemon-test-{os.getpid()}"
        heard.bind(f"\0{name}")
        heard.settimeout(5)
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).tell(STOPPING)
        assert heard.recv(100) == b"STOPPING=1"


def test_a_manager_that_is_gone_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell(READY)
    assert "does not hear" in caplog.text


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_meant_for_us(environment: dict[str, str], seconds: float | None) -> None:
    assert ServiceManager(environment).watchdog_seconds == seconds


async def _heard_with_age(manager_socket: socket.socket, ages: list[float]) -> int:
    manager_socket.setblocking(False)
    manager = ServiceManager(
        {"NOTIFY_SOCKET": manager_socket.getsockname(), "WATCHDOG_USEC": "2000"}
    )
    asked = asyncio.Event()

    def age() -> float:
        if len(ages) == 1:
            asked.set()
        return ages.pop(0) if ages else 1e9

    keeping = asyncio.create_task(manager.keep(age))
    async with asyncio.timeout(5):
        await asked.wait()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    count = 0
    while True:
        try:
            count += manager_socket.recv(100) == b"WATCHDOG=1"
        except BlockingIOError:
            return count


def test_alive_is_said_only_while_judging(manager_socket: socket.socket) -> None:
    assert asyncio.run(_heard_with_age(manager_socket, [0.0, 0.001, 5.0, 7.0])) == 2


def test_without_a_watchdog_keeping_ends_at_once(manager_socket: socket.socket) -> None:
    asyncio.run(ServiceManager({}).keep(lambda: 0.0))


def _said(heard: socket.socket, wanted: str) -> None:
    """Read until a datagram has a line; the socket's time-out bounds it."""
    while wanted not in heard.recv(200).decode().splitlines():
        pass


def test_a_service_tells_its_whole_life(manager_socket: socket.socket, tmp_path: Path) -> None:
    manager_socket.settimeout(30)
    file = tmp_path / "cubemon.yml"
    file.write_text(
        f"collect: [{{kind: syslog_udp, port: 0}}]\nstore: {{directory: {tmp_path / 'data'}}}\n"
        "http: {port: 0}\n"
    )
    environment = os.environ | {
        "NOTIFY_SOCKET": manager_socket.getsockname(),
        "WATCHDOG_USEC": "4000000",
    }
    command = [sys.executable, "-m", "monitor", "serve", "--config", str(file)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as service:
        try:
            _said(manager_socket, "READY=1")
            _said(manager_socket, "WATCHDOG=1")
            service.send_signal(signal.SIGHUP)
            _said(manager_socket, "RELOADING=1")
            _said(manager_socket, "READY=1")
        finally:
            service.terminate()
        _said(manager_socket, "STOPPING=1")
        assert service.wait(30) == 0
