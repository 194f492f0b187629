"""One task for each device that is watched, while devices come and go."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

Watch = Callable[[str], Coroutine[Any, Any, None]]


class Roster:
    """Runs a watch for each device until the device leaves; what one raises ends them all."""

    def __init__(self) -> None:
        self._begin: Callable[[str], asyncio.Task[None]] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._over = asyncio.Event()

    async def run(self, devices: Iterable[str], watch: Watch) -> None:
        """Watch these, and those that join, until cancelled or the last watch ends by itself."""
        try:
            async with asyncio.TaskGroup() as group:
                self._over = asyncio.Event()
                self._begin = lambda device: group.create_task(watch(device))
                for device in tuple(devices):
                    self.join(device)
                await self._over.wait()
        finally:
            self._begin = None
            self._tasks.clear()

    def join(self, device: str) -> None:
        """Watch one more; while nothing runs, nothing happens: `run` is told of all."""
        if self._begin is not None:
            task = self._tasks[device] = self._begin(device)
            task.add_done_callback(lambda done: self._ended(device, done))

    async def leave(self, devices: Iterable[str]) -> None:
        """Stop watching these; returns when they have ended."""
        ending = [self._tasks.pop(device) for device in devices if device in self._tasks]
        for task in ending:
            task.cancel()
        if ending:
            await asyncio.wait(ending)

    def _ended(self, device: str, task: asyncio.Task[None]) -> None:
        # One that was told to leave is not among them any more.
        if self._tasks.get(device) is task:
            del self._tasks[device]
            if not self._tasks:
                self._over.set()
