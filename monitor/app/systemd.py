"""What a service manager is told: ready, reloading, stopping, still judging (sd_notify(3))."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping
from typing import Final

logger = logging.getLogger(__name__)

READY: Final = "READY=1"
RELOADING: Final = "RELOADING=1"
"""With `MONOTONIC_USEC=`; followed by READY."""
STOPPING: Final = "STOPPING=1"
WATCHDOG: Final = "WATCHDOG=1"
_MICROSECONDS: Final = 1_000_000


class ServiceManager:
    """The service manager that started us; without one every call does nothing.

    `environment` has `NOTIFY_SOCKET` (a path, or `@name` for an abstract socket) and
    `WATCHDOG_USEC`/`WATCHDOG_PID` where it wants to hear from us regularly.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        self.watchdog_seconds = _watchdog(environment)
        """Told less often than this, the manager starts the service again; None: it does not."""

    def tell(self, *lines: str) -> None:
        """Send assignments as one datagram; a manager that is gone is only logged."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.sendto("\n".join(lines).encode(), socket.MSG_DONTWAIT, self._address)
        except OSError as error:
            logger.warning("the service manager does not hear: %s", error.strerror)

    async def keep(self, age: Callable[[], float]) -> None:
        """Say twice an interval that we are alive, as long as we judge; runs until cancelled.

        `age`: seconds since what is shown was worked out. Older than the interval, nothing is said.
        """
        interval = self.watchdog_seconds
        if interval is None:
            return
        while True:
            if age() < interval:
                self.tell(WATCHDOG)
            await asyncio.sleep(interval / 2)


def _watchdog(environment: Mapping[str, str]) -> float | None:
    pid, wanted = environment.get("WATCHDOG_PID", ""), environment.get("WATCHDOG_USEC", "")
    if not wanted.isascii() or not wanted.isdigit() or int(wanted) == 0:
        return None
    mine = pid in ("", str(os.getpid()))
    return int(wanted) / _MICROSECONDS if mine else None
