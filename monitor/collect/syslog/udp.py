"""Syslog over UDP (RFC 5426): empty the socket in few, large reads.

A wake-up costs far more than a datagram, so after a read the next one waits a few milliseconds; the
kernel's buffer holds what comes in between. A socket that stays silent so long wakes us again.
"""

import asyncio
import contextlib
import logging
import socket
import struct
import time
from typing import Final, Literal

from pydantic import BaseModel, Field

from monitor.collect.syslog.listening import open_socket, plain_address
from monitor.errors import CollectError
from monitor.instrument import Instruments
from monitor.wire import Intake, SyslogBatch

logger = logging.getLogger(__name__)

_TRANSPORT: Final = "udp"
_MOST_PER_READ: Final = 1024
"""After so many datagrams the loop gets its turn."""
_PAUSE_SECONDS: Final = 0.005
_BYTES_PER_DATAGRAM: Final = 1024
"""Receive buffer that a usual syslog datagram takes in the kernel, rounded up (measured: 830)."""
_WATCH_SECONDS: Final = 1.0
_DRAIN_SECONDS: Final = 2.0

# Linux, not in Python's socket module: asm-generic/socket.h, linux/sock_diag.h (SK_MEMINFO_DROPS).
_SO_RCVBUFFORCE: Final = 33
_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("=9I")
_MEMINFO_DROPS: Final = 8
_WRAP: Final = 1 << 32


class SyslogUdpConfig(BaseModel, extra="forbid", frozen=True):
    """One UDP port. `receive_buffer` is in bytes as asked of the kernel, which may grant less."""

    kind: Literal["syslog_udp"] = "syslog_udp"
    host: str = "127.0.0.1"
    port: int = Field(default=5514, ge=0, le=65535)
    receive_buffer: int = Field(default=32 << 20, ge=1 << 12, le=1 << 30)
    max_message: int = Field(default=8192, ge=480, le=65_507)
    """Longer datagrams are cut to this many bytes and counted."""

    def build(self, instruments: Instruments) -> "SyslogUdp":
        """The collector of this configuration."""
        return SyslogUdp(self, instruments)


class SyslogUdp:
    """Collector of syslog datagrams."""

    def __init__(self, config: SyslogUdpConfig, instruments: Instruments) -> None:
        self._config = config
        self._instruments = instruments
        self.listening = asyncio.Event()
        self.port = config.port
        """The port in use; differs from the configured one where that is 0."""

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled, then hand on what the socket still holds.

        Raises CollectError where the port cannot be had or the socket fails.
        """
        config = self._config
        with open_socket(config.host, config.port, socket.SOCK_DGRAM) as sock:
            receiver = _Receiver(sock, config, self._instruments, intake)
            self.port = int(sock.getsockname()[1])
            logger.info("listening for syslog on UDP %s port %d", config.host, self.port)
            self.listening.set()
            try:
                await receiver.watch()
            finally:
                self.listening.clear()
                await receiver.drain()


class _Receiver:
    """Empties one socket into the intake."""

    def __init__(
        self,
        sock: socket.socket,
        config: SyslogUdpConfig,
        instruments: Instruments,
        intake: Intake,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._intake = intake
        self._longest = config.max_message
        self._mapped = sock.family == socket.AF_INET6
        self._failed: asyncio.Future[None] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._drops_seen = 0
        self._dropped = instruments.syslog_dropped.labels(transport=_TRANSPORT, reason="queue_full")
        self._cut = instruments.syslog_cut.labels(transport=_TRANSPORT)
        self._kernel_drops = instruments.kernel_drops.labels(transport=_TRANSPORT)
        granted = _grow_buffer(sock, config.receive_buffer)
        instruments.receive_buffer.labels(transport=_TRANSPORT).set(granted)
        # A pause is safe only while what came during the last one filled little of the buffer.
        self._calm = min(granted // _BYTES_PER_DATAGRAM // 8, _MOST_PER_READ - 1)

    async def watch(self) -> None:
        """Receive until cancelled; raises CollectError when the socket fails."""
        self._loop.add_reader(self._sock, self._readable)
        while not self._failed.done():
            await asyncio.wait([self._failed], timeout=_WATCH_SECONDS)
            self._count_kernel_drops()
        await self._failed

    async def drain(self) -> None:
        """Hand on what the socket holds, waiting for room, for a bounded time."""
        self._loop.remove_reader(self._sock)
        if self._timer is not None:
            self._timer.cancel()
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while batch := self._read():
                    while not self._intake.syslog(batch):
                        await self._intake.room()
                    await asyncio.sleep(0)
        self._count_kernel_drops()

    def _readable(self) -> None:
        try:
            batch = self._read()
        except OSError as error:
            self._fail(error)
            return
        count = len(batch.frames) if batch else 0
        if batch and not self._intake.syslog(batch):
            self._dropped.inc(count)
        self._schedule(count)

    def _schedule(self, count: int) -> None:
        if 0 < count <= self._calm:
            if self._timer is None:
                self._loop.remove_reader(self._sock)
            self._timer = self._loop.call_later(_PAUSE_SECONDS, self._readable)
        elif self._timer is not None:
            self._timer = None
            self._loop.add_reader(self._sock, self._readable)

    def _read(self) -> SyslogBatch | None:
        received = time.time()
        frames: list[tuple[str, bytes]] = []
        receive = self._sock.recvfrom
        # One byte more than is kept tells a datagram that was cut from one that just fits.
        size = self._longest + 1
        with contextlib.suppress(BlockingIOError):
            for _ in range(_MOST_PER_READ):
                payload, sender = receive(size)
                frames.append((sender[0], payload))
        if not frames:
            return None
        return SyslogBatch(transport=_TRANSPORT, received=received, frames=self._tidied(frames))

    def _tidied(self, frames: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        longest = self._longest
        if self._mapped:
            frames = [(plain_address(sender), payload) for sender, payload in frames]
        too_long = sum(len(payload) > longest for _, payload in frames)
        if too_long:
            self._cut.inc(too_long)
            frames = [(sender, payload[:longest]) for sender, payload in frames]
        return frames

    def _fail(self, error: OSError) -> None:
        self._loop.remove_reader(self._sock)
        if not self._failed.done():
            self._failed.set_exception(CollectError(f"UDP socket failed: {error.strerror}"))

    def _count_kernel_drops(self) -> None:
        drops = _kernel_drops(self._sock)
        # The kernel's counter has 32 bits.
        self._kernel_drops.inc((drops - self._drops_seen) % _WRAP)
        self._drops_seen = drops


def _grow_buffer(sock: socket.socket, wanted: int) -> int:
    """Ask for a receive buffer; the bytes granted, which the kernel reports doubled."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, wanted)
    except PermissionError:
        # Without CAP_NET_ADMIN the kernel grants at most net.core.rmem_max.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def _kernel_drops(sock: socket.socket) -> int:
    """Datagrams the kernel dropped for want of buffer since the socket was opened."""
    answer = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
    return int(_MEMINFO.unpack(answer)[_MEMINFO_DROPS])
