"""A recording intake, and collectors run against it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry

from monitor.collect.syslog.tcp import SyslogTcp
from monitor.collect.syslog.udp import SyslogUdp
from monitor.instrument import Instruments
from monitor.wire import (
    CssmInventory,
    ReadingLines,
    Receipt,
    ShowCapture,
    SnmpReport,
    SyslogBatch,
    TelemetryNotification,
)

DEADLINE = 20.0


class Inbox:
    """Keeps what collectors hand on; `close` makes it full, `open` makes room."""

    def __init__(self) -> None:
        self.batches: list[SyslogBatch] = []
        self.chunks: list[ReadingLines] = []
        self.receipts: list[Receipt] = []
        """Answers to give, in order; then everything is accepted."""
        self.reports: list[SnmpReport] = []
        self.notifications: list[TelemetryNotification] = []
        self.turned_away = 0
        self.waiting_for_room = asyncio.Event()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def frames(self) -> list[tuple[str, bytes]]:
        return [frame for batch in self.batches for frame in batch.frames]

    @property
    def messages(self) -> list[bytes]:
        return [message for _, message in self.frames]

    def close(self) -> None:
        self._room.clear()

    def open(self) -> None:
        self._room.set()

    def syslog(self, batch: SyslogBatch) -> bool:
        if not self._room.is_set():
            self.turned_away += 1
            return False
        self.batches.append(batch)
        self._changed.set()
        return True

    async def room(self) -> None:
        self.waiting_for_room.set()
        await self._room.wait()

    async def cssm(self, inventories: Sequence[CssmInventory]) -> Receipt:
        raise AssertionError(inventories)

    async def telemetry(self, notifications: Sequence[TelemetryNotification]) -> None:
        await self._room.wait()
        self.notifications.extend(notifications)
        self._changed.set()

    async def show(self, captures: Sequence[ShowCapture]) -> None:
        raise AssertionError(captures)

    async def readings(self, lines: ReadingLines) -> Receipt:
        await self._room.wait()
        self.chunks.append(lines)
        self._changed.set()
        return self.receipts.pop(0) if self.receipts else Receipt(accepted=1)

    async def snmp(self, reports: Sequence[SnmpReport]) -> None:
        await self._room.wait()
        self.reports.extend(reports)
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something handed on makes `condition` true."""
        async with asyncio.timeout(DEADLINE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def until_messages(self, count: int) -> list[bytes]:
        await self.until(lambda: sum(len(batch.frames) for batch in self.batches) >= count)
        return self.messages


class Bench:
    """Instruments, and the life of a collector under test."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.instruments = Instruments(self.registry)

    def value(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"cube_monitor_{name}", labels) or 0.0

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the loop run until `condition` is true, for at most DEADLINE."""
        loop = asyncio.get_running_loop()
        last = loop.time() + DEADLINE
        while not condition():
            assert loop.time() < last, "the deadline passed"
            await asyncio.sleep(0)

    async def until_value(self, name: str, expected: float, **labels: str) -> None:
        await self.until(lambda: self.value(name, **labels) == expected)

    @asynccontextmanager
    async def running(
        self, collector: SyslogTcp | SyslogUdp, inbox: Inbox
    ) -> AsyncIterator["asyncio.Task[None]"]:
        """Run until the block ends, then cancel, as a stop of the service does."""
        task = asyncio.create_task(collector.run(inbox))
        listening = asyncio.create_task(collector.listening.wait())
        await asyncio.wait({task, listening}, timeout=DEADLINE, return_when="FIRST_COMPLETED")
        listening.cancel()
        if task.done():
            await task
        try:
            yield task
        finally:
            task.cancel()
            async with asyncio.timeout(DEADLINE):
                with contextlib.suppress(asyncio.CancelledError):
                    await task


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def new_inbox() -> type[Inbox]:
    """Build it inside the running loop."""
    return Inbox


@pytest.fixture
def free_port() -> int:
    """A port free for UDP and TCP a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def ipv6() -> str:
    """The loopback address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    return "::1"
