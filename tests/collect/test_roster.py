import asyncio

import pytest

from monitor.collect.roster import Roster


class Watches:
    """Notes who is watched; a watch lasts until it is told to end."""

    def __init__(self) -> None:
        self.roster = Roster()
        self.begun: list[str] = []
        self.left: list[str] = []
        self.end: dict[str, asyncio.Event] = {}

    async def watch(self, device: str) -> None:
        self.begun.append(device)
        self.end[device] = asyncio.Event()
        try:
            await self.end[device].wait()
        finally:
            self.left.append(device)
        if device == "broken":
            raise RuntimeError(device)


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_devices_join_and_leave_while_others_go_on() -> None:
    async def scene() -> None:
        watches = Watches()
        running = asyncio.create_task(watches.roster.run(["a", "b"], watches.watch))
        await turns()
        watches.roster.join("c")
        await watches.roster.leave(["a", "nobody"])
        await turns()
        assert (watches.begun, watches.left) == (["a", "b", "c"], ["a"])
        await watches.roster.leave(["b", "c"])
        await turns()
        assert not running.done()  # nobody is left, but somebody may join
        watches.roster.join("d")
        await turns()
        assert watches.begun[-1] == "d"
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert watches.left == ["a", "b", "c", "d"]

    asyncio.run(scene())


def test_it_waits_for_the_first_device_and_ends_with_the_last_watch() -> None:
    async def scene() -> None:
        watches = Watches()
        running = asyncio.create_task(watches.roster.run([], watches.watch))
        await turns()
        assert not running.done()
        watches.roster.join("a")
        await turns()
        watches.end["a"].set()
        await asyncio.wait_for(running, 10)

    asyncio.run(scene())


def test_a_mistake_in_one_watch_ends_all() -> None:
    async def scene() -> None:
        watches = Watches()
        running = asyncio.create_task(watches.roster.run(["a", "broken"], watches.watch))
        await turns()
        watches.end["broken"].set()
        with pytest.raises(ExceptionGroup):
            await asyncio.wait_for(running, 10)
        assert set(watches.left) == {"a", "broken"}

    asyncio.run(scene())


def test_joining_before_it_runs_is_nothing() -> None:
    watches = Watches()
    watches.roster.join("a")
    assert watches.begun == []
