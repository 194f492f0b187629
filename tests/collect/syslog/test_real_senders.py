"""What rsyslog and util-linux logger really send, on loopback."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.collect.syslog.tcp import SyslogTcpConfig
from monitor.collect.syslog.udp import SyslogUdpConfig

if TYPE_CHECKING:
    from tests.collect.conftest import Bench, Inbox

DEADLINE = 20.0
TEXT = "%CUBE-5-LICENSE_INFO: Requesting for 3 CUBE Enhanced trunk licenses"

_RELAY = """
global(workDirectory="{directory}")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{directory}/in" RateLimit.Interval="0" UseSpecialParser="off")
template(name="received" type="string" string="%rawmsg%")
action(type="omfwd" target="127.0.0.1" port="{port}" {transport} template="received"
       action.resumeRetryCount="-1" action.resumeInterval="1"
       queue.type="LinkedList" queue.size="100000" queue.timeoutEnqueue="20000")
"""


class Relay:
    """A rsyslogd that forwards what is written to its socket."""

    def __init__(self, directory: Path) -> None:
        self._socket = str(directory / "in")

    def send(self, first: int, after: int) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.connect(self._socket)
            for number in range(first, after):
                sock.send(f"<189>{number}: Apr  3 15:11:54.207: {TEXT}".encode())


RunRelay = Callable[[str, int], Relay]


@pytest.fixture
def run_relay(tmp_path: Path) -> Iterator[RunRelay]:
    with contextlib.ExitStack() as running:

        def run(transport: str, port: int) -> Relay:
            config = tmp_path / "rsyslog.conf"
            config.write_text(_RELAY.format(directory=tmp_path, port=port, transport=transport))
            program = shutil.which("rsyslogd") or "/usr/sbin/rsyslogd"
            process = subprocess.Popen([program, "-n", "-iNONE", "-f", str(config)])
            running.callback(process.wait, DEADLINE)
            running.callback(process.terminate)
            last = time.monotonic() + DEADLINE
            while not (tmp_path / "in").exists():
                assert process.poll() is None
                assert time.monotonic() < last
            return Relay(tmp_path)

        yield run


def number_of(message: bytes) -> int:
    return int(message[5 : message.index(b":")])


@pytest.mark.engine("rsyslogd")
def test_rsyslog_over_udp(bench: "Bench", new_inbox: "type[Inbox]", run_relay: RunRelay) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogUdpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            relay = run_relay('protocol="udp"', collector.port)
            await asyncio.to_thread(relay.send, 0, 2000)
            await inbox.until_messages(2000)
        return inbox

    inbox = asyncio.run(story())

    assert [number_of(message) for message in inbox.messages] == list(range(2000))
    assert inbox.frames[7] == (
        "127.0.0.1",
        f"<189>7: Apr  3 15:11:54.207: {TEXT}".encode(),
    )


@pytest.mark.engine("rsyslogd")
@pytest.mark.parametrize("framing", ["octet-counted", "traditional"])
def test_rsyslog_over_tcp_loses_nothing_over_a_restart(
    bench: "Bench",
    new_inbox: "type[Inbox]",
    run_relay: RunRelay,
    free_port: int,
    framing: str,
) -> None:
    before, total = 20_000, 30_000
    restarting = threading.Event()

    def send(relay: Relay) -> None:
        relay.send(0, before)
        restarting.wait()
        relay.send(before, total)

    async def story() -> "tuple[Inbox, int]":
        inbox = new_inbox()
        first = SyslogTcpConfig(port=free_port).build(bench.instruments)
        async with bench.running(first, inbox):
            relay = run_relay(f'protocol="tcp" TCP_Framing="{framing}"', free_port)
            sending = asyncio.create_task(asyncio.to_thread(send, relay))
            await inbox.until_messages(3000)
        at_restart = len(inbox.messages)
        restarting.set()
        second = SyslogTcpConfig(port=free_port).build(bench.instruments)
        async with bench.running(second, inbox):
            await inbox.until(lambda: len(set(inbox.messages)) == total)
            await sending
        return inbox, at_restart

    inbox, at_restart = asyncio.run(story())

    assert {number_of(message) for message in inbox.messages} == set(range(total))
    assert at_restart < total


@pytest.mark.engine("logger")
@pytest.mark.parametrize(
    "options",
    [["--udp"], ["--tcp"], ["--tcp", "--octet-count"], ["--tcp", "--octet-count", "--rfc3164"]],
    ids=" ".join,
)
def test_logger_is_understood(bench: "Bench", new_inbox: "type[Inbox]", options: list[str]) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        build = SyslogUdpConfig if "--udp" in options else SyslogTcpConfig
        collector = build(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            logger = await asyncio.create_subprocess_exec(
                "logger", "--server", "127.0.0.1", "--port", str(collector.port),
                "--priority", "local7.notice", *options,
                stdin=subprocess.PIPE,
            )  # fmt: skip
            await logger.communicate("".join(f"{n}: {TEXT}\n" for n in range(50)).encode())
            await inbox.until_messages(50)
        return inbox

    messages = asyncio.run(story()).messages

    assert len(messages) == 50
    for number, message in enumerate(messages):
        assert message.startswith(b"<189>")
        assert message.endswith(f"{number}: {TEXT}".encode())
