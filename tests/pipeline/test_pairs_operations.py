"""Who is who: operators' decisions, new serial numbers, and both over a restart."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.app.build import Parts, build
from monitor.config.model import Config
from monitor.domain.operation import Operation, Order
from monitor.domain.records import EventRecord
from monitor.errors import OperationError
from monitor.pipeline.identity import Speaker
from monitor.store.embedded import EmbeddedStoreConfig
from monitor.wire import ShowCapture, SyslogBatch

START = 1_767_571_200.0  # 2026-01-05T00:00:00Z
DAY = 86_400
OVERDUE = """\
cube-1#show cube status
CUBE-Version : 14.1
SW-Version : 17.3.3, Platform C8300-1N1S-4T2X
HA-Type : none

cube-1#show license status
Utility:
  Status: DISABLED

Usage Reporting:
  Last ACK received: Dec 01 00:00:00 2025 UTC
  Next ACK deadline: Jan 04 00:00:00 2026 UTC
  Reporting push interval: 30  days
  Next ACK push check: <none>
  Next report push: Jan 02 00:00:00 2026 UTC
  Last report push: Jan 02 00:00:00 2026 UTC

cube-1#show license udi
UDI: PID:C8300,SN:OLD1
"""
FRESH = (
    OVERDUE.replace("OLD1", "NEW2")
    .replace("Dec 01 00:00:00 2025 UTC", "<none>")
    .replace("Jan 04 00:00:00 2026", "Apr 04 00:00:00 2026")
    .replace("push: Jan 02 00:00:00 2026", "push: Mar 02 00:00:00 2026", 1)
    .replace("Last report push: Jan 02 00:00:00 2026 UTC", "Last report push: <none>")
)


class Monitor:
    """The parts with a clock that the test moves."""

    def __init__(self, directory: Path, config: dict[str, Any]) -> None:
        store = EmbeddedStoreConfig(directory=directory)
        self.config = Config.model_validate(config).model_copy(update={"store": store})
        self.now = START

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Parts]:
        parts = build(self.config, lambda: self.now, group_seconds=0)
        loops = [
            asyncio.create_task(parts.rooms.writer.run()),
            asyncio.create_task(parts.pipeline.read()),
        ]
        try:
            async with asyncio.timeout(30):
                yield parts
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            parts.rooms.writer.close()
            parts.store.close()

    def run(self, scene: Callable[[Parts], Coroutine[Any, Any, None]]) -> None:
        async def play() -> None:
            async with self.running() as parts:
                await scene(parts)

        asyncio.run(play())


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    return Monitor(
        tmp_path,
        {
            "devices": [
                {"name": "cube-1", "addresses": ["192.0.2.1"], "virtual_account": "Voice"},
                {"name": "cube-2", "addresses": ["192.0.2.2"]},
            ],
            "accounts": [{"name": "Voice", "purchased": {"CUBE_T_STD": 5}}],
        },
    )


async def show(parts: Parts, text: str, device: str = "cube-1") -> None:
    now = parts.rooms.clock()
    await parts.pipeline.show([ShowCapture(device=device, received=now, text=text)])


def found(parts: Parts) -> list[tuple[str, str]]:
    judged = parts.pipeline.judge_now(parts.rooms.clock())
    keys = [(one.finding.rule, one.finding.subject) for one in judged.findings]
    return [key for key in keys if key[0] == "ack_overdue"]


def order(operation: Operation, device: str, other: str = "") -> Order:
    return Order(operation=operation, device=device, other=other, by="ann", reason="RMA")


def audit(parts: Parts, source: str = "operator") -> list[EventRecord]:
    events = parts.store.events(device=None, since=None, limit=100)
    return [one for one in events if one.source == source]


def test_a_retired_device_is_not_judged_and_its_findings_are_closed_also_after_a_restart(
    monitor: Monitor,
) -> None:
    async def retire(parts: Parts) -> None:
        await show(parts, OVERDUE)
        assert found(parts) == [("ack_overdue", "cube-1")]
        done = await parts.operations.perform(order(Operation.RETIRE, "192.0.2.1"))
        assert done.startswith("ann: retire cube-1 (RMA); closed as retired: ")
        assert "ack_overdue/overdue" in done
        assert found(parts) == []
        with pytest.raises(OperationError, match="retired already"):
            await parts.operations.perform(order(Operation.RETIRE, "cube-1"))

    async def later(parts: Parts) -> None:
        assert found(parts) == []
        assert [one.id for one in parts.rooms.registry.retired] == ["cube-1"]
        (kept,) = audit(parts)
        assert (kept.device, kept.received) == ("cube-1", START)
        assert dict(kept.events[0])["by"] == "ann"
        await parts.operations.perform(order(Operation.REINSTATE, "cube-1"))
        assert found(parts) == [("ack_overdue", "cube-1")]
        with pytest.raises(OperationError, match="in use"):
            await parts.operations.perform(order(Operation.REINSTATE, "cube-1"))

    monitor.run(retire)
    monitor.run(later)


def test_a_renamed_device_keeps_its_id_and_is_found_by_both_names(monitor: Monitor) -> None:
    async def rename(parts: Parts) -> None:
        await parts.operations.perform(order(Operation.RENAME, "cube-1", "edge-9"))
        with pytest.raises(OperationError, match="name of 'cube-1'"):
            await parts.operations.perform(order(Operation.RENAME, "cube-2", "EDGE-9"))
        with pytest.raises(OperationError, match="printable"):
            await parts.operations.perform(order(Operation.RENAME, "cube-2", " "))

    async def later(parts: Parts) -> None:
        device = parts.rooms.registry.find(Speaker(address="198.51.100.1", origin="edge-9"))
        assert device is not None
        assert (device.id, device.title, device.virtual_account) == ("cube-1", "edge-9", "Voice")

    monitor.run(rename)
    monitor.run(later)


def test_merged_names_are_one_device_with_the_facts_of_both(monitor: Monitor) -> None:
    asked = "%CUBE-5-LICENSE_INFO: Requesting for 9 CUBE Standard trunk licenses"
    line = f"<189>7: Jan  5 2026 00:00:00.000 UTC: {asked}"

    async def merge(parts: Parts) -> None:
        heard = SyslogBatch(
            transport="udp", received=monitor.now, frames=[("192.0.2.77", line.encode())]
        )
        parts.pipeline.syslog(heard)
        await parts.pipeline.drain()
        await parts.operations.perform(order(Operation.MERGE, "192.0.2.77", "cube-1"))
        with pytest.raises(OperationError, match="replaced by 'cube-1' already"):
            await parts.operations.perform(order(Operation.MERGE, "192.0.2.77", "cube-1"))

    async def later(parts: Parts) -> None:
        device = parts.rooms.registry.find(Speaker(address="192.0.2.77"))
        assert device is not None
        assert device.id == "cube-1"
        (account, _) = parts.pipeline.judge_now(monitor.now).accounts
        assert [(one.in_use, one.devices) for one in account.balances] == [(9, ("cube-1",))]

    monitor.run(merge)
    monitor.run(later)


def test_a_replacement_has_the_names_and_not_the_history(monitor: Monitor) -> None:
    async def replaced(parts: Parts) -> None:
        await show(parts, OVERDUE)
        await parts.operations.perform(order(Operation.REPLACED_BY, "cube-1", "cube-9"))
        assert found(parts) == []
        with pytest.raises(OperationError, match="'cube-9' has the names of 'cube-1' now"):
            await parts.operations.perform(order(Operation.REINSTATE, "cube-1"))

    async def later(parts: Parts) -> None:
        heard = parts.rooms.registry.find(Speaker(address="192.0.2.1"))
        assert heard is not None
        assert (heard.id, heard.virtual_account) == ("cube-9", "Voice")
        assert found(parts) == []

    monitor.run(replaced)
    monitor.run(later)


def test_unknown_and_retired_devices_are_refused(monitor: Monitor) -> None:
    async def scene(parts: Parts) -> None:
        with pytest.raises(OperationError, match="no device is called 'nobody'"):
            await parts.operations.perform(order(Operation.RETIRE, "nobody"))
        await parts.operations.perform(order(Operation.RETIRE, "cube-2"))
        with pytest.raises(OperationError, match="reinstate it first"):
            await parts.operations.perform(order(Operation.MERGE, "cube-1", "cube-2"))
        with pytest.raises(OperationError, match="one device"):
            await parts.operations.perform(order(Operation.REPLACED_BY, "cube-1", "cube-1"))

    monitor.run(scene)


def test_a_new_serial_number_is_another_router(monitor: Monitor) -> None:
    async def swap(parts: Parts) -> None:
        await show(parts, OVERDUE)
        assert found(parts) == [("ack_overdue", "cube-1")]
        monitor.now += DAY
        await show(parts, FRESH)
        assert found(parts) == []
        (event,) = audit(parts, "monitor")
        assert "PID:C8300,SN:NEW2 instead of PID:C8300,SN:OLD1" in event.text
        assert "closed as retired: ack_overdue/overdue" in event.text

    async def later(parts: Parts) -> None:
        assert [(one.id, one.replaced_by) for one in parts.rooms.registry.retired] == [
            ("cube-1 (SN OLD1)", "cube-1")
        ]
        assert found(parts) == []
        (state,) = [
            one
            for one in parts.pipeline.judge_now(monitor.now).devices
            if one.device.id == "cube-1"
        ]
        assert state.cycle.last_ack is not None
        assert state.cycle.last_ack.value is None
        monitor.now += DAY
        await show(parts, FRESH)
        assert len(audit(parts, "monitor")) == 1

    monitor.run(swap)
    monitor.run(later)


ALONE = "cube-1#show license udi\nUDI: PID:C8300,SN:OLD1\n"
LISTED = f"{ALONE}HA UDI List:\n    Active:PID:C8300,SN:OLD1\n    Standby:PID:C8300,SN:NEW2\n"


def test_the_serial_number_of_one_declared_no_more_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def life(name: str, address: str, *texts: str) -> list[EventRecord]:
        its = {"devices": [{"name": name, "addresses": [address]}]}
        told: list[EventRecord] = []

        async def scene(parts: Parts) -> None:
            for text in texts:
                await show(parts, text, name)
            told.extend(one for one in audit(parts, "monitor") if "declared no more" in one.text)

        Monitor(tmp_path, its).run(scene)
        return told

    assert life("cube-1", "192.0.2.1", OVERDUE) == []
    (told,) = life("oslo", "192.0.2.9", OVERDUE, OVERDUE)
    assert told.device == "oslo"
    assert "`cubemon device rename cube-1 oslo`" in told.text
    assert "oslo has the serial number of cube-1" in caplog.text
    assert len(life("oslo", "192.0.2.9", OVERDUE)) == 1


@pytest.mark.parametrize("first", [ALONE, LISTED], ids=["another device", "in its own list"])
def test_the_serial_number_of_a_peer_is_no_new_router(monitor: Monitor, first: str) -> None:
    async def scene(parts: Parts) -> None:
        await show(parts, first)
        if "List" not in first:
            await show(parts, "cube-2#show license udi\nUDI: PID:C8300,SN:NEW2\n", "cube-2")
        monitor.now += DAY
        await show(parts, "cube-1#show license udi\nUDI: PID:C8300,SN:NEW2\n")
        assert audit(parts, "monitor") == []
        assert parts.rooms.registry.retired == ()

    monitor.run(scene)


def test_a_device_that_is_declared_no_more_stays_away_unless_it_is_retired(
    tmp_path: Path,
) -> None:
    both = {"devices": [{"name": "cube-1"}, {"name": "cube-2"}]}

    async def decide(parts: Parts) -> None:
        await parts.operations.perform(order(Operation.RENAME, "cube-1", "edge-1"))
        await parts.operations.perform(order(Operation.RETIRE, "cube-2"))

    async def later(parts: Parts) -> None:
        assert sorted(parts.rooms.registry.devices) == ["cube-2"]

    Monitor(tmp_path, both).run(decide)
    Monitor(tmp_path, {}).run(later)
