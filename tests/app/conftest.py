from collections.abc import Sequence

import pytest

from monitor.wire import (
    CssmInventory,
    Intake,
    ReadingLines,
    Receipt,
    ShowCapture,
    SnmpReport,
    SyslogBatch,
    TelemetryNotification,
)


class Nowhere:
    """An intake that takes everything and keeps nothing."""

    def syslog(self, batch: SyslogBatch) -> bool:
        return bool(batch)

    async def room(self) -> None:
        return

    async def cssm(self, inventories: Sequence[CssmInventory]) -> Receipt:
        raise AssertionError(inventories)

    async def telemetry(self, notifications: Sequence[TelemetryNotification]) -> None:
        raise AssertionError(notifications)

    async def show(self, captures: Sequence[ShowCapture]) -> None:
        del captures

    async def snmp(self, reports: Sequence[SnmpReport]) -> None:
        raise AssertionError(reports)

    async def readings(self, lines: ReadingLines) -> Receipt:
        del lines
        return Receipt(accepted=0)


@pytest.fixture
def intake() -> Intake:
    return Nowhere()
