"""Two monitors side by side, each with its store, in this process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from monitor.app import Service
from monitor.config import Config
from monitor.wire import ShowCapture
from tests.deploy.receiver import PATIENCE


class Monitor:
    """One of two monitors side by side."""

    def __init__(self, folder: Path) -> None:
        self._service = Service(
            Config.model_validate(
                {
                    "collect": [],
                    "store": {"directory": str(folder)},
                    "http": {"port": 0},
                    "learn_at_most": 0,
                    "devices": [{"name": f"cube-{number}"} for number in range(1, 7)],
                    "pairs": [{"name": "edge", "members": ["cube-1", "cube-2"]}],
                }
            )
        )
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> int:
        self._task = asyncio.create_task(self._service.run(self._stop))
        async with asyncio.timeout(PATIENCE):
            await self._service.ready.wait()
        return self._service.port

    async def show(self, *captures: ShowCapture) -> None:
        await self._service.pipeline.show(list(captures))

    async def stop(self) -> None:
        self._stop.set()
        if self._task is not None:
            await self._task


@contextlib.asynccontextmanager
async def two_monitors(folder: Path) -> AsyncIterator[tuple[list[Monitor], list[int]]]:
    monitors = [Monitor(folder / "left"), Monitor(folder / "right")]
    try:
        yield monitors, [await one.start() for one in monitors]
    finally:
        for one in monitors:
            await one.stop()
