"""Inventories through the pipeline: facts, receipts, dead letters, whose device is meant."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from monitor.app.build import Parts, build
from monitor.config import Config
from monitor.domain.facts import FactName
from monitor.domain.state import AccountState
from monitor.wire import CssmInventory, Receipt, ShowCapture

NOW = 1_780_000_000.0
UDI = "cube-1#show license udi\nUDI: PID:C8300-1N1S-4T2X,SN:FDO2403A0B1\n"


@asynccontextmanager
async def monitor(directory: Path, now: float = NOW, **config: object) -> AsyncIterator[Parts]:
    parts = build(
        Config.model_validate(
            {
                "store": {"directory": str(directory)},
                "devices": [{"name": "cube-1", "virtual_account": "EMEA"}, {"name": "cube-2"}],
                **config,
            }
        ),
        lambda: now,
        group_seconds=0,
    )
    running = asyncio.create_task(parts.rooms.writer.run())
    try:
        yield parts
        await parts.rooms.writer.idle()
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        parts.rooms.writer.close()
        parts.store.close()


async def bring(parts: Parts, payload: object, at: float = NOW) -> Receipt:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    inventory = CssmInventory(
        origin="test", received=NOW, effective=at, payload=text.encode(), account="EMEA"
    )
    return await parts.pipeline.cssm([inventory])


def accounts(parts: Parts) -> dict[str, AccountState]:
    return {one.account.name: one for one in parts.pipeline.judge_now(NOW).accounts}


def test_an_inventory_survives_a_restart_beside_the_configuration(tmp_path: Path) -> None:
    bought = {"accounts": [{"name": "EMEA", "purchased": {"CUBE_T_STD": 40}}]}

    async def scene() -> None:
        async with monitor(tmp_path, NOW, **bought) as parts:
            await parts.rooms.writer.idle()
            receipt = await bring(
                parts, "License,Purchased,In Use\nCUBE_T_STD,50,7\nA,b,1\n", NOW - 9
            )
            assert (receipt.accepted, receipt.refused) == (1, 1)
            assert receipt.refusals[0].line == 3
        for _ in range(2):
            async with monitor(tmp_path, NOW, **bought) as parts:
                (balance,) = accounts(parts)["EMEA"].balances
                assert (balance.purchased, balance.in_use) == (40, 7)
                statements = accounts(parts)["EMEA"].account.statements["CUBE_T_STD"]
                assert {one.purchased for one in statements} == {40, 50}
        # A command without a configuration takes nothing away.
        async with monitor(tmp_path) as parts:
            assert accounts(parts)["EMEA"].account.purchased == {"CUBE_T_STD": 40}
        async with monitor(tmp_path, NOW + 1, accounts=[]) as parts:
            assert accounts(parts)["EMEA"].account.purchased == {"CUBE_T_STD": 50}

    asyncio.run(scene())


def test_accounts_of_inventories_have_their_devices(tmp_path: Path) -> None:
    async def scene() -> None:
        async with monitor(tmp_path) as parts:
            assert list(accounts(parts)) == ["unassigned"]
            assert accounts(parts)["unassigned"].balances == ()
            await parts.pipeline.show(
                [
                    ShowCapture(
                        device=name, received=NOW, text=f"{name}#show license usage\n{USAGE}"
                    )
                    for name in ("cube-1", "cube-2")
                ]
            )
            (left,) = accounts(parts)["unassigned"].balances
            assert (left.in_use, left.purchased, left.devices) == (12, None, ("cube-1", "cube-2"))
            await bring(parts, "License,Purchased\nCUBE_T_STD,50\n")
            found = accounts(parts)
            assert list(found) == ["EMEA", "unassigned"]
            assert [one.balance for one in found["EMEA"].balances] == [44]
            assert [one.in_use for one in found["unassigned"].balances] == [6]

    asyncio.run(scene())


USAGE = "CUBE_T_STD (CUBE_T_STD):\n  Description: CUBE_T_STD\n  Count: 6\n  Status: IN USE\n"


def test_a_listed_device_is_ours_by_its_serial_number_first(tmp_path: Path) -> None:
    def entry(host: str, serial: str, count: int) -> dict[str, object]:
        return {
            "hostName": host,
            "virtualAccount": "EMEA",
            "sudi": {"udiPid": "C8300-1N1S-4T2X", "udiSerialNumber": serial} if serial else None,
            "licenseUsage": [{"license": "CUBE_T_STD", "quantity": count}],
        }

    async def scene() -> None:
        async with monitor(tmp_path) as parts:
            await parts.pipeline.show([ShowCapture(device="cube-1", received=NOW, text=UDI)])
            devices = [
                entry("moved", "FDO2403A0B1", 1),
                entry("cube-1", "FDO0000OTHER", 2),
                entry("cube-2", "", 3),
                entry("nobody", "", 4),
            ]
            await bring(parts, {"devices": devices})
            counts = {
                (device, fact.value)
                for device in ("cube-1", "cube-2")
                for fact in parts.rooms.judge.sheet(device).values()
                if fact.name is FactName.CSSM_COUNT
            }
            assert counts == {("cube-1", 1), ("cube-2", 3)}
            emea = accounts(parts)["EMEA"].account
            assert emea.unknown_devices == 2
            # What CSSM remembers of a device is no sign of life.
            seen = parts.rooms.judge.presence(parts.rooms.registry.devices["cube-2"], NOW)
            assert "cssm" not in seen

    asyncio.run(scene())


def test_a_name_of_the_configuration_stands_for_its_tag(tmp_path: Path) -> None:
    async def scene() -> None:
        async with monitor(tmp_path) as parts:
            await bring(parts, "License,Purchased\nOur Sessions,50\n")
            emea = accounts(parts)["EMEA"].account
            assert (dict(emea.purchased), list(emea.unmapped)) == ({}, ["Our Sessions"])
        named = {"license_names": {"our sessions": "CUBE_T_STD"}}
        async with monitor(tmp_path, NOW, **named) as parts:
            assert accounts(parts)["EMEA"].account.purchased == {"CUBE_T_STD": 50}

    asyncio.run(scene())


def test_what_cannot_be_read_is_kept_and_counted(tmp_path: Path) -> None:
    async def scene() -> None:
        async with monitor(tmp_path) as parts:
            receipt = await bring(parts, "what is this")
            assert (receipt.accepted, receipt.refused) == (0, 1)
            value = parts.registry.get_sample_value(
                "cube_monitor_cssm_inventories_total", {"result": "no_header_of_licences"}
            )
            assert value == 1

    asyncio.run(scene())


def test_an_acknowledged_report_is_noted_once_and_not_before_a_count_was_heard(
    tmp_path: Path,
) -> None:
    def status(ack: str, push: str) -> str:
        return (
            "cube-1#show license status\nUsage Reporting:\n"
            f"  Last ACK received: {ack}\n  Last report push: {push}\n"
        )

    async def scene() -> None:
        async with monitor(tmp_path) as parts:
            parts.rooms.registry.devices["cube-1"].zones["UTC"] = 0
            day = 86_400

            async def show(text: str, at: float) -> None:
                capture = ShowCapture(device="cube-1", received=at, text=text, live=True)
                await parts.pipeline.show([capture])

            def noted() -> list[object]:
                sheet = parts.rooms.judge.sheet("cube-1").values()
                return [one.value for one in sheet if one.name is FactName.ACKNOWLEDGED_COUNT]

            # 2026-05-28T20:26:40Z is NOW.
            await show(
                status("May 01 00:00:00 2026 UTC", "May 01 00:00:00 2026 UTC"), NOW - 20 * day
            )
            assert noted() == []
            await show(f"cube-1#show license usage\n{USAGE}", NOW - 20 * day)
            more = USAGE.replace("6", "9")
            text = status("May 20 00:00:00 2026 UTC", "May 19 00:00:00 2026 UTC")
            await show(f"{text}cube-1#show license usage\n{more}", NOW - day)
            assert noted() == [6]
            await show(text, NOW)
            assert noted() == [6]

    asyncio.run(scene())


def test_what_is_said_after_our_clock_was_set_back_counts_at_once(tmp_path: Path) -> None:
    def bought(count: int) -> dict[str, object]:
        return {"accounts": [{"name": "EMEA", "purchased": {"CUBE_T_STD": count}}]}

    async def scene() -> None:
        async with monitor(tmp_path, NOW + 86_400, **bought(40)):
            pass
        async with monitor(tmp_path, NOW, **bought(60)) as parts:
            await parts.rooms.writer.idle()
            parts.rooms.judge.learn(parts.store.facts())
            assert accounts(parts)["EMEA"].account.purchased == {"CUBE_T_STD": 60}
        async with monitor(tmp_path / "b", NOW) as parts:
            await bring(parts, "License,Purchased\nCUBE_T_STD,40\n", NOW + 86_400)
            await bring(parts, "License,Purchased\nCUBE_T_STD,60\n", NOW)
            assert accounts(parts)["EMEA"].account.purchased == {"CUBE_T_STD": 60}

    asyncio.run(scene())
