"""Reloads under load lose nothing that was sent meanwhile."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.house import EVENTS, LINE, House, running, until


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


class Load:
    """A sender over UDP and one over TCP that number their lines."""

    def __init__(self, house: House) -> None:
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.connect(("127.0.0.1", house.udp))
        self._house = house
        self._numbers: Iterator[int] = iter(range(1, 10**9))
        self.sent = 0
        self.over = asyncio.Event()

    async def goes_on(self, to: int) -> None:
        async def gone() -> bool:
            return self.sent > to

        await until(gone)

    async def run(self) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self._house.tcp)
        while not self.over.is_set():
            for _ in range(20):
                self._udp.send(LINE.format(number=next(self._numbers)).encode())
                writer.write(LINE.format(number=next(self._numbers)).encode() + b"\n")
                self.sent += 2
            await writer.drain()
            await asyncio.sleep(0.005)
        writer.close()
        await writer.wait_closed()
        self._udp.close()


def test_reloads_under_load_lose_nothing(house: House) -> None:
    async def scene() -> tuple[int, float]:
        house.write(devices=[{"name": "home", "addresses": ["127.0.0.1"]}])
        async with running(house) as monitor:
            load_ = Load(house)
            sending = asyncio.create_task(load_.run())
            for number in range(20):
                before = load_.sent
                others = [{"name": f"cube-{number}-{at}"} for at in range(number % 5)]
                home = {"name": "home", "addresses": ["127.0.0.1"], "release": f"17.{number}.1"}
                house.write(devices=[*others, home], relays=[f"192.0.2.{number}"])
                assert "devices" in await monitor.changed()
                await load_.goes_on(before + 100)
            load_.over.set()
            await sending
            await monitor.reaches(EVENTS, load_.sent)
            committed = await monitor.metric(EVENTS)
            assert await monitor.metric("cube_monitor_unattributed_total") == 0
            assert await monitor.metric("cube_monitor_syslog_dropped_total") == 0
            return load_.sent, committed

    sent, committed = asyncio.run(scene())
    assert sent >= 2_000
    assert committed == sent
