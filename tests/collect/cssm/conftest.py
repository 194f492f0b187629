"""An intake that keeps inventories, and a clock that stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry

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


@dataclass
class Desk:
    """Takes inventories; nothing else."""

    inventories: list[CssmInventory] = field(default_factory=list)

    async def cssm(self, inventories: Sequence[CssmInventory]) -> Receipt:
        self.inventories.extend(inventories)
        return Receipt(accepted=len(inventories))

    def syslog(self, batch: SyslogBatch) -> bool:
        raise AssertionError(batch)

    async def room(self) -> None:
        raise AssertionError

    async def show(self, captures: Sequence[ShowCapture]) -> None:
        raise AssertionError(captures)

    async def readings(self, lines: ReadingLines) -> Receipt:
        raise AssertionError(lines)

    async def snmp(self, reports: Sequence[SnmpReport]) -> None:
        raise AssertionError(reports)

    async def telemetry(self, notifications: Sequence[TelemetryNotification]) -> None:
        raise AssertionError(notifications)


class EnoughError(Exception):
    """The clock was asked to sleep once more than a test wants."""


@dataclass
class StandingClock:
    """Time moves by sleeping only; the sleeps are kept."""

    at: float = 1_780_000_000.0
    slept: list[float] = field(default_factory=list)
    most: int = 1000

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) >= self.most:
            raise EnoughError
        self.at += seconds


@dataclass
class Scene:
    desk: Desk = field(default_factory=Desk)
    clock: StandingClock = field(default_factory=StandingClock)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.instruments = Instruments(self.registry)

    def calls(self, result: str) -> float:
        name = "cube_monitor_cssm_calls_total"
        return self.registry.get_sample_value(name, {"result": result}) or 0.0


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def enough() -> type[Exception]:
    return EnoughError


@pytest.fixture
def licence() -> Callable[..., dict[str, object]]:
    def one(name: str, account: str = "EMEA", quantity: int = 50) -> dict[str, object]:
        return {
            "license": name,
            "virtualAccount": account,
            "quantity": quantity,
            "inUse": 20,
            "status": "In Compliance",
        }

    return one
