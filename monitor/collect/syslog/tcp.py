"""Syslog over TCP (RFC 6587): octet counting and lines, told apart per connection."""

import asyncio
import logging
import resource
import socket
from typing import Final, Literal

from pydantic import BaseModel, Field

from monitor.collect.syslog.connections import Connection, Connections, Limits
from monitor.collect.syslog.listening import open_socket, refused
from monitor.instrument import Instruments
from monitor.wire import Intake

logger = logging.getLogger(__name__)

_BACKLOG: Final = 512
_LONGEST_SWEEP: Final = 1.0
_OTHER_FILES: Final = 256
"""File descriptors for everything that is not one of our connections."""
_ACCEPT_TURNS: Final = 8


class SyslogTcpConfig(BaseModel, extra="forbid", frozen=True):
    """One TCP port. Longer messages are cut to `max_line` bytes and counted."""

    kind: Literal["syslog_tcp"] = "syslog_tcp"
    host: str = "127.0.0.1"
    port: int = Field(default=5514, ge=0, le=65535)
    max_connections: int = Field(default=4000, ge=1, le=100_000)
    max_per_source: int = Field(default=1000, ge=1, le=100_000)
    max_line: int = Field(default=8192, ge=480, le=1 << 20)
    idle_seconds: float = Field(default=86_400.0, gt=0)
    """Long on purpose: a quiet router is no fault, and keepalive finds the dead ones."""
    unfinished_seconds: float = Field(default=30.0, gt=0)
    """How long a message may stay unfinished before its connection is closed."""
    drain_seconds: float = Field(default=3.0, ge=0, le=60)
    """How long connections are read on after a stop was asked for."""

    def build(self, instruments: Instruments) -> "SyslogTcp":
        """The collector of this configuration."""
        return SyslogTcp(self, instruments)


class SyslogTcp:
    """Collector of syslog over TCP."""

    def __init__(self, config: SyslogTcpConfig, instruments: Instruments) -> None:
        self._config = config
        self._instruments = instruments
        self.listening = asyncio.Event()
        self.port = config.port
        """The port in use; differs from the configured one where that is 0."""

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled, then half-close and read every connection to its end.

        Raises CollectError where the port cannot be had. While it drains, the intake must still be
        read.
        """
        connections = Connections(self._limits(), self._instruments, intake)
        server = await self._listen(connections)
        async with asyncio.TaskGroup() as tasks:
            relay = tasks.create_task(connections.outbox.run())
            try:
                await self._watch(connections)
            finally:
                self.listening.clear()
                await self._end(server, connections)
                relay.cancel()

    async def _listen(self, connections: Connections) -> asyncio.Server:
        config = self._config
        sock = open_socket(config.host, config.port, socket.SOCK_STREAM)
        self.port = int(sock.getsockname()[1])
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                lambda: Connection(connections), sock=sock, backlog=_BACKLOG
            )
        except OSError as error:
            sock.close()
            raise refused(error, config.host, config.port, socket.SOCK_STREAM) from error
        logger.info("listening for syslog on TCP %s port %d", config.host, self.port)
        self.listening.set()
        return server

    async def _watch(self, connections: Connections) -> None:
        config = self._config
        pause = min(_LONGEST_SWEEP, config.unfinished_seconds / 4, config.idle_seconds / 4)
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(pause)
            connections.sweep(loop.time())

    async def _end(self, server: asyncio.Server, connections: Connections) -> None:
        # Connections that the kernel has accepted may hold messages already: take them in first.
        for _ in range(_ACCEPT_TURNS):
            await asyncio.sleep(0)
        server.close()
        lost = await connections.end(self._config.drain_seconds)
        self._instruments.syslog_dropped.labels(transport="tcp", reason="shutdown").inc(lost)

    def _limits(self) -> Limits:
        config = self._config
        return Limits(
            connections=_file_limit(config.max_connections),
            per_source=config.max_per_source,
            longest=config.max_line,
            idle=config.idle_seconds,
            unfinished=config.unfinished_seconds,
        )


def _file_limit(connections: int) -> int:
    """Connections that the process may open, after asking for as many as are wanted."""
    wanted = connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < wanted:
            logger.warning("only %d open files are allowed (LimitNOFILE); TCP takes fewer", soft)
            return max(1, soft - _OTHER_FILES)
    return connections
