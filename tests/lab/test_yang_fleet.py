"""The demo's gNMI and RESTCONF servers, heard by a monitor that is configured as they say."""

import asyncio
import contextlib
import time
from pathlib import Path

from monitor.app.build import Parts, build, collectors
from monitor.config import Config
from monitor.domain.facts import FactKey, FactName
from monitor.lab.fleet import virtual_fleet
from monitor.lab.yang_fleet import yang_lab

PASSWORD = "lab-Password-1"  # noqa: S105 - of the lab alone
HEARD = {
    "cube-lon-1": "gnmi", "cube-par-1": "gnmi", "cube-ber-1": "restconf", "cube-del-1": "restconf",
}  # fmt: skip


def test_every_server_is_heard(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(PASSWORD)

    async def hear() -> None:
        fleet = virtual_fleet(int(time.time()))
        async with yang_lab(fleet, tmp_path, PASSWORD, password) as lab:
            told = {
                "collect": [one | {"spread": 0} for one in lab.collectors()],
                "store": {"directory": str(tmp_path / "data")},
                "devices": [{"name": one.name} | lab.device(one) for one in fleet.cubes],
            }
            parts = build(Config.model_validate(told), time.time)
            await _heard(parts)

    asyncio.run(hear())


async def _heard(parts: Parts) -> None:
    tasks = [asyncio.create_task(parts.rooms.writer.run())]
    tasks += [asyncio.create_task(one.run(parts.pipeline)) for one in collectors(parts).values()]
    try:
        async with asyncio.timeout(30):
            while not all(_told(parts, *one) for one in HEARD.items()):  # noqa: ASYNC110 - the sheet announces nothing
                await asyncio.sleep(0.01)
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        parts.rooms.writer.close()
        parts.store.close()


def _told(parts: Parts, device: str, source: str) -> bool:
    sheet = parts.rooms.judge.sheet(device)
    return FactKey(device, FactName.RELEASE, "", source) in sheet
