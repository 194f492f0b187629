"""SNMP through the pipeline: who sent it, what is stored, log messages that come twice."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from monitor.app import Parts, build
from monitor.config import Config
from monitor.domain.facts import FactName
from monitor.domain.records import EventRecord
from monitor.wire import SnmpReport, SnmpValue, SyslogBatch

NOW = 1_795_428_000.0
LICENCE = "1.3.6.1.4.1.9.9.831.0"
UDI = f"{LICENCE}.2.0"
UPTIME = "1.3.6.1.2.1.1.3.0"
ACK_MISSING = "1.3.6.1.4.1.9.9.831.1.44"
LOG = "1.3.6.1.4.1.9.9.41.2.0.1"
ENTRY = "1.3.6.1.4.1.9.9.41.1.2.3.1"
ADDRESS = "192.0.2.1"
SAID = "Requesting for 3 CUBE Standard trunk licenses"


@asynccontextmanager
async def monitor(directory: Path) -> AsyncIterator[Parts]:
    config = Config.model_validate(
        {
            "store": {"directory": str(directory)},
            "devices": [
                {"name": "cube-1", "addresses": [ADDRESS], "release": "16.12.4"},
                {"name": "cube-2", "aliases": ["PID:C8000V,SN:9LAB2"]},
            ],
            "relays": ["192.0.2.99"],
        }
    )
    parts = build(config, lambda: NOW, group_seconds=0)
    tasks = [asyncio.create_task(one) for one in (parts.rooms.writer.run(), parts.pipeline.read())]
    try:
        yield parts
    finally:
        for task in tasks:
            task.cancel()
        parts.rooms.writer.close()
        parts.store.close()


def trap(
    oid: str, said: Mapping[str, SnmpValue], *, address: str = ADDRESS, at: float = NOW,
    authenticated: bool = False,
) -> SnmpReport:  # fmt: skip
    return SnmpReport(
        device="", address=address, asked=at, received=at, authenticated=authenticated,
        notification=oid, varbinds=list(said.items()), raw=b"datagram",
    )  # fmt: skip


def log(text: str = SAID, *, at: float = NOW) -> SnmpReport:
    row: dict[str, SnmpValue] = {
        f"{ENTRY}.2.9": b"CUBE",
        f"{ENTRY}.3.9": 6,
        f"{ENTRY}.4.9": b"LICENSE_INFO",
    }
    return trap(LOG, {**row, f"{ENTRY}.5.9": text.encode()}, at=at)


def syslog(text: str = SAID, *, at: float = NOW) -> SyslogBatch:
    line = f"<189>42: *Nov 22 18:00:00.207: %CUBE-5-LICENSE_INFO: {text}"
    return SyslogBatch(transport="udp", received=at, frames=[(ADDRESS, line.encode())])


def events(parts: Parts) -> list[EventRecord]:
    return list(parts.store.events())


def facts(parts: Parts) -> dict[tuple[str, FactName, str], Any]:
    return {(one.subject, one.name, one.source): one.value for one in parts.store.facts()}


def test_a_notification_becomes_an_event_and_facts(tmp_path: Path) -> None:
    async def play() -> None:
        async with monitor(tmp_path) as parts:
            said = {UPTIME: 42, f"{LICENCE}.12.1.0": 31}
            await parts.pipeline.snmp([trap(ACK_MISSING, said)])
            [event] = events(parts)
            assert (event.device, event.source, event.counter) == ("cube-1", "trap", 42)
            assert event.mnemonic == "ciscoSlaSmartAgentNotifyRUMACKNotReceived"
            assert list(event.events) == [{"kind": "not_acknowledged", "days": 31}]
            assert event.raw == b"datagram"
            assert facts(parts)["cube-1", FactName.DAYS_WITHOUT_ACK, "trap"] == 31

    asyncio.run(play())


def test_one_sent_twice_is_kept_once_and_two_are_kept(tmp_path: Path) -> None:
    async def play() -> None:
        async with monitor(tmp_path) as parts:
            for ticks in (42, 42, 43):
                await parts.pipeline.snmp([trap(ACK_MISSING, {UPTIME: ticks})])
            assert [event.counter for event in events(parts)] == [42, 43]

    asyncio.run(play())


def test_the_sender_is_known_by_udi_or_address_or_learned(tmp_path: Path) -> None:
    async def play() -> None:
        async with monitor(tmp_path) as parts:
            named = {UDI: b"UDI: PID:C8000V, SN:9LAB2"}
            await parts.pipeline.snmp(
                [
                    trap(ACK_MISSING, named, address="192.0.2.50"),
                    trap(ACK_MISSING, {UDI: b"PID:X,SN:Y"}),
                    trap(ACK_MISSING, {}, address="192.0.2.60"),
                    trap(ACK_MISSING, {}, address="192.0.2.99"),
                ]
            )
            assert [event.device for event in events(parts)] == [
                "cube-2", "cube-1", "192.0.2.60", "",
            ]  # fmt: skip

    asyncio.run(play())


def test_evidence_is_as_good_as_its_version(tmp_path: Path) -> None:
    async def play() -> None:
        async with monitor(tmp_path) as parts:
            said = {f"{LICENCE}.12.1.0": 31}
            await parts.pipeline.snmp([trap(ACK_MISSING, said)])
            assert {one.authenticated for one in parts.store.facts()} == {False}
            await parts.pipeline.snmp([trap(ACK_MISSING, said, at=NOW + 1, authenticated=True)])
            assert {one.authenticated for one in parts.store.facts()} == {True}

    asyncio.run(play())


def test_a_log_message_is_read_like_syslog(tmp_path: Path) -> None:
    async def play() -> None:
        async with monitor(tmp_path) as parts:
            await parts.pipeline.snmp([log()])
            [event] = events(parts)
            assert (event.source, event.severity, event.text) == ("trap", 5, SAID)
            assert facts(parts)["cube-1", FactName.REQUESTED_COUNT, "trap"] == 3

    asyncio.run(play())


def test_a_message_that_comes_by_both_ways_is_kept_once(tmp_path: Path) -> None:
    async def play() -> None:
        async with monitor(tmp_path) as parts:
            for first in (True, False):
                text = f"{SAID} {'x' * 250}" if first else SAID
                if first:
                    parts.pipeline.syslog(syslog(text))
                    await parts.pipeline.drain()
                    await parts.pipeline.snmp([log(text[:255])])
                else:
                    await parts.pipeline.snmp([log(text, at=NOW + 5)])
                    parts.pipeline.syslog(syslog(text, at=NOW + 5))
                    await parts.pipeline.drain()
            assert [event.source for event in events(parts)] == ["syslog", "trap"]

    asyncio.run(play())


def test_a_message_that_comes_again_later_is_another(tmp_path: Path) -> None:
    async def play() -> None:
        async with monitor(tmp_path) as parts:
            await parts.pipeline.snmp([log()])
            parts.pipeline.syslog(syslog(at=NOW + 500))
            await parts.pipeline.drain()
            assert len(events(parts)) == 2

    asyncio.run(play())


def test_notifications_of_no_concern_are_passed_by(tmp_path: Path) -> None:
    async def play() -> None:
        async with monitor(tmp_path) as parts:
            await parts.pipeline.snmp([trap("1.3.6.1.6.3.1.1.5.3", {UPTIME: 1})])
            assert events(parts) == []

    asyncio.run(play())


def test_registration_counts_only_before_policy_mode(tmp_path: Path) -> None:
    async def play() -> None:
        async with monitor(tmp_path) as parts:
            for device in ("cube-1", "cube-2"):
                answer = SnmpReport(
                    device=device, address=ADDRESS, asked=NOW, received=NOW, authenticated=True,
                    varbinds=[(f"{LICENCE}.6.1.0", 1)],
                )  # fmt: skip
                await parts.pipeline.snmp([answer])
            told = facts(parts)
            assert told["cube-1", FactName.REGISTRATION, "snmp"] == "unregistered"
            assert ("cube-2", FactName.REGISTRATION, "snmp") not in told

    asyncio.run(play())
