"""The fleet behind gNMI and RESTCONF, as the demo arranges it."""

import asyncio
import stat
import time
from pathlib import Path

from monitor.config import Config
from monitor.lab.fleet import virtual_fleet
from monitor.lab.gnmi_fleet import yang_lab


def test_every_cube_that_speaks_is_reached_one_way(tmp_path: Path) -> None:
    async def arrange() -> None:
        fleet = virtual_fleet(int(time.time()))
        async with yang_lab(fleet, tmp_path, "lab-Password-1") as lab:
            config = Config.model_validate(
                {
                    "collect": lab.collectors(),
                    "devices": [{"name": one.name, **lab.device(one)} for one in fleet.cubes],
                }
            )
        reached = {one.name for one in config.devices if one.gnmi or one.restconf}
        assert reached == {one.name for one in fleet.cubes if one.speaks(fleet.now)}
        assert not any(one.gnmi and one.restconf for one in config.devices)
        ways = {one.name: one.restconf is not None for one in config.devices}
        assert (ways["cube-ber-1"], ways["cube-lon-1"]) == (True, False)
        assert stat.S_IMODE((tmp_path / "yang-password").stat().st_mode) == 0o600

    asyncio.run(arrange())
