"""A monitor that runs and is told to take another configuration into use."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from monitor.app import Service
from monitor.config import load

LINE = "<133>{number}: Nov 22 2026 10:00:00.000 UTC: %CUBE-5-LICENSE_INFO: no {number}"

EVENTS = 'cube_monitor_committed_total{record="event"}'
JUDGED = 'cube_monitor_judged_total{scope="device"}'


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait, at most so long, until it holds."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - what is asked is on the other side of a socket
            await asyncio.sleep(0.01)


class House:
    """A configuration file that can be written again."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "cubemon.yml"
        self.directory = directory
        self.udp, self.tcp = free_port(), free_port()
        self.data: dict[str, Any] = {
            "store": {"directory": str(directory / "data")},
            "http": {"port": 0},
            "learn_at_most": 5,
            "collect": [
                {"kind": "syslog_udp", "port": self.udp},
                {"kind": "syslog_tcp", "port": self.tcp},
            ],
            "devices": [{"name": "berlin", "addresses": ["192.0.2.1"]}],
        }
        self.write()

    def write(self, **changed: Any) -> None:
        self.data |= changed
        self.file.write_text(yaml.safe_dump(self.data))


class Running:
    def __init__(self, service: Service, client: httpx.AsyncClient) -> None:
        self.service = service
        self.client = client

    async def reload(self) -> httpx.Response:
        return await self.client.post("/-/reload")

    async def changed(self) -> list[str]:
        answered = await self.reload()
        assert answered.status_code == 200, answered.text
        found = answered.json()["changed"]
        assert isinstance(found, list)
        return found

    async def devices(self) -> list[str]:
        # What is shown follows within a tenth of a second.
        fleet = (await self.client.get("/api/v1/devices")).json()
        return [one["id"] for one in fleet["devices"]]

    async def shows(self, devices: list[str]) -> None:
        async def shown() -> bool:
            return await self.devices() == devices

        await until(shown)

    async def reaches(self, name: str, least: float) -> None:
        async def reached() -> bool:
            return await self.metric(name) >= least

        await until(reached, 30)

    async def metric(self, name: str) -> float:
        text = (await self.client.get("/metrics")).text
        return sum(
            float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)
        )


@asynccontextmanager
async def running(house: House, token: str = "") -> AsyncIterator[Running]:
    service = Service(load(house.file), source=lambda: load(house.file))
    stop = asyncio.Event()
    task = asyncio.create_task(service.run(stop))
    waiting = asyncio.create_task(service.ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{service.port}",
            timeout=30,
            headers={"authorization": f"Bearer {token}"} if token else {},
        ) as client:
            yield Running(service, client)
    finally:
        stop.set()
        await task
