"""Open TCP connections: their caps, their time-outs and their end."""

import asyncio
import contextlib
import logging
import socket
from collections import Counter
from dataclasses import dataclass
from typing import Final, cast

from monitor.collect.syslog.framing import Decoder, Framing
from monitor.collect.syslog.listening import plain_address
from monitor.collect.syslog.outbox import Outbox
from monitor.instrument import Instruments
from monitor.wire import Intake

logger = logging.getLogger(__name__)

_TRANSPORT: Final = "tcp"
_KEEPALIVE: Final = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    # A dead peer (a firewall that forgot the session, a router without power) goes in two minutes.
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4),
)
_QUIET_SECONDS: Final = 1.0
"""After the half-close a connection without a byte for so long has nothing more to say."""
_TICK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one listener bears; times in seconds."""

    connections: int
    per_source: int
    longest: int
    idle: float
    unfinished: float


class Connections:
    """All connections of one listener and the outbox they share."""

    def __init__(self, limits: Limits, instruments: Instruments, intake: Intake) -> None:
        self.limits = limits
        self.outbox = Outbox(intake, self._stop_reading, self._read_on)
        self.cut = instruments.syslog_cut.labels(transport=_TRANSPORT)
        self._gauge = instruments.connections
        self._refused = instruments.connections_refused
        self._open: set[Connection] = set()
        self._per_source: Counter[str] = Counter()
        self._ending = False
        self._none_open = asyncio.Event()
        self._none_open.set()

    def admit(self, connection: "Connection") -> bool:
        """Take a new connection in, unless a cap is reached (counted)."""
        if len(self._open) >= self.limits.connections:
            self.refuse("too_many")
            return False
        if self._per_source[connection.source] >= self.limits.per_source:
            self.refuse("too_many_from_source")
            return False
        self._open.add(connection)
        self._per_source[connection.source] += 1
        self._note()
        if self.outbox.full:
            connection.transport.pause_reading()
        if self._ending:
            connection.half_close()
        return True

    def leave(self, connection: "Connection") -> None:
        """Forget a connection that has ended; unknown ones were never admitted."""
        if connection not in self._open:
            return
        self._open.remove(connection)
        self._per_source[connection.source] -= 1
        if not self._per_source[connection.source]:
            # Sources come and go; an entry of zero would stay for ever.
            del self._per_source[connection.source]
        self._note()

    def refuse(self, reason: str) -> None:
        """Count a connection closed by a cap or time-out."""
        self._refused.labels(reason=reason).inc()

    def sweep(self, now: float) -> None:
        """Close what is idle, or has left a message unfinished, for too long at loop time `now`."""
        if self.outbox.full:
            # We are the ones who do not read.
            self._excuse(now)
            return
        for connection in tuple(self._open):
            if connection.overdue(now, self.limits.unfinished):
                self.refuse("unfinished")
                connection.close()
            elif now - connection.heard > self.limits.idle:
                self.refuse("idle")
                connection.close()

    async def end(self, seconds: float) -> int:
        """Half-close all and read them to their end, at most so long; messages lost come back."""
        self._ending = True
        for connection in self._open:
            connection.half_close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ended()
        for connection in tuple(self._open):
            connection.close()
        self.outbox.flush()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.outbox.empty()
        return len(self.outbox)

    async def _ended(self) -> None:
        while self._open:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._none_open.wait()
            self._close_quiet(asyncio.get_running_loop().time())

    def _close_quiet(self, now: float) -> None:
        if self.outbox.full:
            self._excuse(now)
        for connection in tuple(self._open):
            if now - max(connection.heard, connection.half_closed) > _QUIET_SECONDS:
                connection.close()

    def _stop_reading(self) -> None:
        for connection in self._open:
            connection.transport.pause_reading()

    def _read_on(self) -> None:
        self._excuse(asyncio.get_running_loop().time())
        for connection in self._open:
            connection.transport.resume_reading()

    def _excuse(self, now: float) -> None:
        for connection in self._open:
            connection.excuse(now)

    def _note(self) -> None:
        self._gauge.set(len(self._open))
        if self._open:
            self._none_open.clear()
        else:
            self._none_open.set()


class Connection(asyncio.Protocol):
    """One sender. Works on any transport, so that TLS needs no other class."""

    transport: asyncio.Transport
    source: str

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._decoder = Decoder(longest=connections.limits.longest)
        self._loop = asyncio.get_running_loop()
        self._cut_seen = 0
        self._begun: float | None = None
        self.heard = self._loop.time()
        """Loop time of the last bytes."""
        self.half_closed = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the sender in, or turn it away at a cap."""
        self.transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("",)
        self.source = plain_address(str(peer[0]))
        _keep_alive(transport.get_extra_info("socket"))
        if not self._connections.admit(self):
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Hand on the messages that `data` completes."""
        self.heard = self._loop.time()
        messages = self._decoder.feed(data)
        if not self._decoder.unfinished:
            self._begun = None
        elif messages or self._begun is None:
            self._begun = self.heard
        self._hand_on(messages)
        if self._decoder.framing is Framing.BROKEN:
            logger.warning("syslog from %s over TCP: no valid octet count, closed", self.source)
            self._connections.refuse("framing")
            self.close()

    def eof_received(self) -> None:
        """The sender has finished; an unfinished last message counts too."""
        self._hand_on(self._decoder.end())

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone, in whatever manner."""
        del error
        self._hand_on(self._decoder.end())
        self._connections.leave(self)

    def overdue(self, now: float, seconds: float) -> bool:
        """True where a message has been unfinished for more than `seconds`."""
        return self._begun is not None and now - self._begun > seconds

    def excuse(self, now: float) -> None:
        """Start the time-outs anew: the sender was kept waiting by us."""
        self.heard = now
        self._begun = None if self._begun is None else now

    def half_close(self) -> None:
        """Tell the sender that we are going; reading goes on."""
        self.half_closed = self._loop.time()
        if self.transport.can_write_eof() and not self.transport.is_closing():
            # The peer may have gone in this moment; connection_lost follows.
            with contextlib.suppress(OSError):
                self.transport.write_eof()

    def close(self) -> None:
        """End the connection and hand on what was unfinished."""
        self._hand_on(self._decoder.end())
        self.transport.close()

    def _hand_on(self, messages: list[bytes]) -> None:
        if self._decoder.cut > self._cut_seen:
            self._connections.cut.inc(self._decoder.cut - self._cut_seen)
            self._cut_seen = self._decoder.cut
        self._connections.outbox.add(self.source, messages)


def _keep_alive(sock: socket.socket | None) -> None:
    if sock is None:
        return
    # A connection that was reset between accept and here refuses options.
    with contextlib.suppress(OSError):
        for level, option, value in _KEEPALIVE:
            sock.setsockopt(level, option, value)
