"""A virtual CUBE behind a real gNMI server on loopback, and our collector against it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from monitor.collect.gnmi import GnmiCollector, GnmiConfig, GnmiTarget
from monitor.domain.facts import Fact, FactName
from monitor.instrument import Instruments
from monitor.lab.fleet import virtual_fleet
from monitor.lab.gnmi_certificates import Authority, Identity
from monitor.lab.gnmi_server import Behaviour, GnmiServer
from monitor.lab.gnmi_tree import YangCube
from monitor.parse.gnmi import Reader
from monitor.wire import (
    ReadingLines,
    Receipt,
    SyslogBatch,
    TelemetryNotification,
)

NOW = 1_700_000_000
PASSWORD = "lab-Password-1"  # noqa: S105 - of the lab alone
DEADLINE = 30.0


class Store:
    """An intake that reads notifications as the pipeline does; `stall` makes it never commit."""

    def __init__(self) -> None:
        self.notifications: list[TelemetryNotification] = []
        self.facts: dict[tuple[FactName, str], Fact] = {}
        self.calls: list[tuple[int, int]] = []
        self.unknown = 0
        self._readers: dict[str, Reader] = {}
        self._changed = asyncio.Event()
        self._open = asyncio.Event()
        self._open.set()

    def stall(self) -> None:
        self._open.clear()

    def go_on(self) -> None:
        self._open.set()

    def syslog(self, batch: SyslogBatch) -> bool:
        raise AssertionError(batch)

    async def room(self) -> None:
        raise AssertionError

    async def show(self, captures: Any) -> None:
        raise AssertionError(captures)

    async def readings(self, lines: ReadingLines) -> Receipt:
        raise AssertionError(lines)

    async def snmp(self, reports: Any) -> None:
        raise AssertionError(reports)

    async def cssm(self, inventories: Any) -> Receipt:
        raise AssertionError(inventories)

    async def telemetry(self, notifications: Any) -> None:
        await self._open.wait()
        for one in notifications:
            self.notifications.append(one)
            reader = self._readers.setdefault(one.device, Reader(one.device, one.source))
            read = reader.read(one)
            self.facts.update(((fact.name, fact.key), fact) for fact in read.facts)
            self.calls += read.calls
            self.unknown += sum(read.unknown.values())
        self._changed.set()

    def value(self, name: FactName, key: str = "") -> object:
        fact = self.facts.get((name, key))
        return "nothing said" if fact is None else fact.value

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


class Steps:
    """Pauses that last until the test takes the next step."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self._waiting: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        over = asyncio.Event()
        await self._waiting.put(over)
        await over.wait()

    async def step(self) -> None:
        async with asyncio.timeout(DEADLINE):
            (await self._waiting.get()).set()


class Clock:
    """The lab's time; a sleep is noted and lasts until the test takes a step."""

    def __init__(self) -> None:
        self.at = float(NOW)
        self.steps = Steps()

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            await self.steps.pause(seconds)
        self.at += seconds


@dataclass
class Bench:
    """One CUBE, its server, our collector, all on the lab's time."""

    directory: Path
    authority: Authority = field(default_factory=Authority)
    clock: Clock = field(default_factory=Clock)
    device: Steps = field(default_factory=Steps)
    host: str = "127.0.0.1"
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.store = Store()
        self.instruments = Instruments(self.registry)
        self.cube = YangCube(cube=virtual_fleet(NOW).cubes[0], clock=self.clock.now)
        (self.directory / "ca.pem").write_bytes(self.authority.certificate)
        (self.directory / "password").write_text(PASSWORD)

    def use(self, release: str, platform: str = "C8000V") -> None:
        self.cube.cube = replace(self.cube.cube, release=release, platform=platform)

    def server(self, **changes: Any) -> GnmiServer:
        behaviour = Behaviour(password=PASSWORD, pause=self.device.pause)
        return GnmiServer(self.cube, replace(behaviour, **changes), self.host)

    def target(self, server: GnmiServer, **changes: Any) -> GnmiTarget:
        tls = {} if changes.get("plaintext") else {"tls": {"ca": str(self.directory / "ca.pem")}}
        return GnmiTarget.model_validate(
            {"host": self.host, "port": server.port, "credential": "lab", **tls, **changes}
        )

    def config(self, **changes: Any) -> GnmiConfig:
        login = {"user": "monitor", "password": {"file": str(self.directory / "password")}}
        made = GnmiConfig.model_validate({"credentials": {"lab": login}, "spread": 0})
        # Unchecked: some tests need times shorter than an operator may choose.
        return made.model_copy(update=changes)

    def collector(self, target: GnmiTarget, **changes: Any) -> GnmiCollector:
        return GnmiCollector(
            config=self.config(**changes),
            targets={"cube-1": target},
            instruments=self.instruments,
            clock=self.clock,
            chance=lambda: 0.0,
        )

    @asynccontextmanager
    async def running(self, collector: GnmiCollector) -> AsyncIterator[None]:
        task = asyncio.create_task(collector.run(self.store))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                async with asyncio.timeout(DEADLINE):
                    await task

    @asynccontextmanager
    async def hearing(
        self, server: GnmiServer, identity: Identity | None = None, **config: Any
    ) -> AsyncIterator[GnmiServer]:
        """The server serving over TLS, and the collector hearing it."""
        issued = identity or self.authority.issue("cube.lab")
        async with (
            server.serving(issued),
            self.running(self.collector(self.target(server), **config)),
        ):
            yield server

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the loop run until `condition` is true, for at most DEADLINE."""
        loop = asyncio.get_running_loop()
        last = loop.time() + DEADLINE
        while not condition():
            assert loop.time() < last, "the deadline passed"
            await asyncio.sleep(0)

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"cube_monitor_{name}", labels) or 0.0


@pytest.fixture
def new_bench(tmp_path: Path) -> Callable[[], Bench]:
    """Build it inside the running loop."""
    return lambda: Bench(tmp_path)
