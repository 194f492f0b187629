"""A whole monitor hears a virtual CUBE over gNMI and RESTCONF, down to its store."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from monitor.app.build import Parts, build, collectors
from monitor.config import Config
from monitor.domain.facts import FactName
from monitor.domain.tags import CALLS
from monitor.lab.fleet import virtual_fleet
from monitor.lab.gnmi_certificates import Authority
from monitor.lab.gnmi_server import Behaviour, GnmiServer
from monitor.lab.gnmi_tree import YangCube
from monitor.lab.restconf import RestconfServer

PASSWORD = "lab-Password-1"  # noqa: S105 - of the lab alone
DEADLINE = 30.0


def _configuration(directory: Path, gnmi: int, restconf: int) -> Config:
    (directory / "password").write_text(PASSWORD)
    login = {"user": "monitor", "password": {"file": str(directory / "password")}}
    target = {"host": "127.0.0.1", "credential": "lab", "tls": {"ca": str(directory / "ca.pem")}}
    return Config.model_validate(
        {
            "collect": [
                {"kind": "gnmi", "spread": 0, "credentials": {"lab": login}},
                {"kind": "restconf", "spread": 0, "credentials": {"lab": login}},
            ],
            "store": {"directory": str(directory / "data")},
            "devices": [
                {"name": "cube-lon-1", "gnmi": {**target, "port": gnmi}},
                {"name": "cube-lon-2", "restconf": {**target, "port": restconf}},
            ],
        }
    )


def test_facts_and_readings_reach_the_store(tmp_path: Path) -> None:
    async def hear() -> None:
        authority, fleet = Authority(), virtual_fleet(int(time.time()))
        (tmp_path / "ca.pem").write_bytes(authority.certificate)
        first, second = (YangCube(cube=one, clock=time.time) for one in fleet.cubes[:2])
        gnmi = GnmiServer(first, Behaviour(password=PASSWORD))
        restconf = RestconfServer(cube=second, password=PASSWORD)
        identity = authority.issue("cube.lab")
        async with gnmi.serving(identity), restconf.serving(identity, tmp_path):
            parts = build(_configuration(tmp_path, gnmi.port, restconf.port), time.time)
            await _heard(parts)
        for cube, source in ((first, "gnmi"), (second, "restconf")):
            sheet = parts.rooms.judge.sheet(cube.cube.name)
            said = {key.name: fact.value for key, fact in sheet.items() if key.source == source}
            assert said[FactName.ACK_DEADLINE] == cube.cube.cycle.state(time.time()).deadline
            assert said[FactName.RELEASE] == cube.cube.release

    asyncio.run(hear())


async def _heard(parts: Parts) -> None:
    tasks = [asyncio.create_task(parts.rooms.writer.run())]
    tasks += [asyncio.create_task(one.run(parts.pipeline)) for one in collectors(parts).values()]

    def told(device: str, source: str) -> bool:
        readings = {(one.device, one.tag, one.source) for one in parts.store.latest_readings()}
        known = {(key.name, key.source) for key in parts.rooms.judge.sheet(device)}
        return (device, CALLS, source) in readings and (FactName.RELEASE, source) in known

    try:
        await _until(lambda: told("cube-lon-1", "gnmi") and told("cube-lon-2", "restconf"))
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        parts.rooms.writer.close()
        parts.store.close()


async def _until(condition: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    last = loop.time() + DEADLINE
    while not condition():
        assert loop.time() < last, "the deadline passed"
        await asyncio.sleep(0)
