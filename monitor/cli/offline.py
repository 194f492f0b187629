"""A data directory that nobody uses, opened by a command that writes into it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor.app.build import Parts, build
from monitor.config import Config


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Parts]:
    """The parts with their writer at work; what was given to it is committed at the end.

    ConfigError where a monitor uses the directory.
    """
    parts = build(config, time.time)
    writer = parts.rooms.writer
    running = asyncio.create_task(writer.run())
    try:
        yield parts
        await writer.idle()
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        writer.close()
        parts.store.close()
