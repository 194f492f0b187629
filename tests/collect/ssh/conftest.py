"""Routers for the poller: real sshd processes with a stand-in command line, and a test bench."""

import asyncio
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import pytest
from prometheus_client import CollectorRegistry

from monitor.collect.ssh import Known, SshConfig, SshPoller, SshTarget
from monitor.instrument import Instruments
from monitor.wire import (
    CssmInventory,
    ReadingLines,
    Receipt,
    ShowCapture,
    SyslogBatch,
    TelemetryNotification,
)

IOS = Path(__file__).parent / "ios.py"


@dataclass
class Router:
    """A running sshd whose only command is the stand-in."""

    directory: Path
    port: int
    process: "subprocess.Popen[bytes]"
    host: str = "127.0.0.1"

    @property
    def known_host(self) -> str:
        key = (self.directory / "host_key.pub").read_text().split()
        return f"[{self.host}]:{self.port} {key[0]} {key[1]}\n"

    @property
    def typed(self) -> list[str]:
        transcript = self.directory / "typed.txt"
        return transcript.read_text().splitlines() if transcript.exists() else []

    def target(self, *, accept_first_key: bool = False) -> SshTarget:
        return SshTarget(
            host=self.host, port=self.port, credential="lab", accept_first_key=accept_first_key
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_key(path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    path.write_bytes(key.export_private_key())
    path.chmod(0o600)
    path.with_name(path.name + ".pub").write_bytes(key.export_public_key())


def start_sshd(directory: Path, authorized: Path, host: str = "127.0.0.1") -> Router:
    write_key(directory / "host_key")
    port = free_port()
    settings = [
        f"Port {port}",
        f"ListenAddress {host}",
        f"HostKey {directory / 'host_key'}",
        f"PidFile {directory / 'pid'}",
        f"AuthorizedKeysFile {authorized}",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "PrintMotd no",
        "PrintLastLog no",
        f"ForceCommand {sys.executable} {IOS} {directory}",
    ]
    (directory / "sshd_config").write_text("\n".join(settings) + "\n")
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin") or "sshd"
    if os.geteuid() == 0:
        # sshd run by root insists on this directory of its package's start script.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [sshd, "-D", "-e", "-f", str(directory / "sshd_config")], stderr=log
        )
    _await_port((host, port), process, directory / "log")
    return Router(directory, port, process, host)


def _await_port(at: tuple[str, int], process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(2000):
        assert process.poll() is None, log.read_text()
        with socket.socket(socket.AF_INET6 if ":" in at[0] else socket.AF_INET) as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(at) == 0:
                return
    pytest.fail(f"sshd does not listen: {log.read_text()}")


@pytest.fixture
def user_key(tmp_path: Path) -> Path:
    """A private key; its public half is authorised on every router."""
    write_key(tmp_path / "user_key")
    return tmp_path / "user_key"


@pytest.fixture
def router(tmp_path: Path, user_key: Path) -> Iterator[Callable[..., Router]]:
    """Start routers; words given are its behaviour."""
    started: list[Router] = []

    def start(host: str = "127.0.0.1", **behaviour: str) -> Router:
        directory = tmp_path / f"router{len(started)}"
        directory.mkdir()
        (directory / "behaviour.json").write_text(json.dumps(behaviour))
        started.append(start_sshd(directory, user_key.with_name("user_key.pub"), host))
        return started[-1]

    yield start
    for one in started:
        one.process.terminate()
        one.process.wait(10)


@dataclass
class Desk:
    """An intake that keeps captures, and tells when there are some."""

    captures: list[ShowCapture] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def syslog(self, batch: SyslogBatch) -> bool:
        raise AssertionError(batch)

    async def room(self) -> None:
        raise AssertionError

    async def readings(self, lines: ReadingLines) -> Receipt:
        raise AssertionError(lines)

    async def cssm(self, inventories: Sequence[CssmInventory]) -> Receipt:
        raise AssertionError(inventories)

    async def telemetry(self, notifications: Sequence[TelemetryNotification]) -> None:
        raise AssertionError(notifications)

    async def show(self, captures: Sequence[ShowCapture]) -> None:
        async with self.arrived:
            self.captures.extend(captures)
            self.arrived.notify_all()

    async def has(self, device: str) -> None:
        async with asyncio.timeout(60), self.arrived:
            await self.arrived.wait_for(lambda: any(c.device == device for c in self.captures))


@dataclass
class FakeClock:
    """A clock that stands; each sleep is noted and lasts until the test lets it end."""

    at: float = 1_600_000_000.0
    sleeps: list[float] = field(default_factory=list)
    _asleep: "asyncio.Queue[tuple[float, asyncio.Event]]" = field(default_factory=asyncio.Queue)

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        over = asyncio.Event()
        self._asleep.put_nowait((seconds, over))
        await over.wait()

    async def pass_one(self) -> float:
        async with asyncio.timeout(60):
            seconds, over = await self._asleep.get()
        self.at += seconds
        over.set()
        return seconds

    async def next_sleep(self) -> float:
        async with asyncio.timeout(60):
            return (await self._asleep.get())[0]


@dataclass
class Bench:
    """Builds pollers and reads their counters."""

    known_hosts: Path
    user_key: Path
    known: Known = field(default_factory=Known)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.instruments = Instruments(self.registry)

    def config(self, **settings: object) -> SshConfig:
        credential = {"user": getpass.getuser(), "key": {"file": str(self.user_key)}}
        given = {"credentials": {"lab": credential}, "known_hosts": str(self.known_hosts)}
        return SshConfig.model_validate(given | {"spread": 0.0} | settings)

    def poller(
        self, config: SshConfig, targets: dict[str, SshTarget], clock: FakeClock | None = None
    ) -> SshPoller:
        return SshPoller(
            config=config,
            targets=targets,
            instruments=self.instruments,
            known_of=lambda device: self.known,
            clock=clock,
            chance=lambda: 0.0,
        )

    def polls(self, result: str) -> float:
        labels = {"manner": "ssh", "result": result}
        return self.registry.get_sample_value("cube_monitor_polls_total", labels) or 0.0


@pytest.fixture
def bench(tmp_path: Path, user_key: Path) -> Bench:
    return Bench(tmp_path / "known_hosts", user_key)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
