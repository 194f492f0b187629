"""The fleet as it lives on: command lines, syslog and readings over real sockets."""

import asyncio
import contextlib
import json
import logging
import socket
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

import asyncssh

from monitor.lab.arrangement import USER, Place
from monitor.lab.console import Console
from monitor.lab.cube import Cube
from monitor.lab.fleet import Fleet
from monitor.lab.history import SOURCE, seconds_between
from monitor.lab.voices import RELAY, Voices

_TICK: Final = 1.0
_TIMEOUT: Final = 10.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consoles:
    """Where each CUBE's command line listens, and the host key they share."""

    ports: dict[str, int]
    key: asyncssh.SSHKey
    opens: asyncio.Event
    """When it is set, all of them answer: nothing of now is heard before the past of the pairs."""

    def known_hosts(self) -> str:
        """What an operator would have in `known_hosts`."""
        public = self.key.export_public_key().decode().strip()
        return "".join(f"[127.0.0.1]:{port} {public}\n" for port in self.ports.values())


def free_port() -> int:
    """A port that nobody used a moment ago, neither for TCP nor for UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port


@contextlib.asynccontextmanager
async def consoles(fleet: Fleet, password: str) -> AsyncIterator[Consoles]:
    """Command lines of all CUBEs; a silent one has a port at which nobody answers."""
    key, opens = asyncssh.generate_private_key("ssh-ed25519"), asyncio.Event()
    async with AsyncExitStack() as stack:
        ports = {}
        for cube in fleet.cubes:
            if cube.silent_since is None:
                console = _console(cube, password, opens)
                acceptor = await stack.enter_async_context(await console.listen(key))
                ports[cube.name] = acceptor.get_port()
            else:
                ports[cube.name] = free_port()
        yield Consoles(ports=ports, key=key, opens=opens)


def _console(cube: Cube, password: str, opens: asyncio.Event) -> Console:
    return Console(
        host_name=cube.name,
        answer=lambda command: cube.answer(command, time.time()),
        user=USER,
        password=password,
        opens=opens,
    )


@dataclass(slots=True, kw_only=True)
class Present:
    """Sends what happens now, about once a second."""

    fleet: Fleet
    place: Place
    voices: Voices
    sent_until: dict[str, int] = field(default_factory=dict)
    """CUBE -> the second from which its readings are still to be sent; absent ones wait."""
    posted: asyncio.Event = field(default_factory=asyncio.Event)
    """Readings of the present were sent and committed."""

    async def run(self) -> None:
        """Until cancelled."""
        spoken_until = float(self.fleet.now)
        syslog = ("127.0.0.1", self.place.syslog_port)
        _, tcp = await asyncio.open_connection(*syslog)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, contextlib.closing(tcp):
            udp.connect(syslog)
            while True:
                now = time.time()
                for spoken in self.voices.between(spoken_until, now):
                    # The relay speaks TCP with octet counting (RFC 6587), the routers UDP.
                    if spoken.address == RELAY:
                        tcp.write(b"%d %b" % (len(spoken.frame), spoken.frame))
                    else:
                        udp.send(spoken.frame)
                await tcp.drain()
                spoken_until = now
                await self._post(int(now))
                await asyncio.sleep(_TICK)

    async def _post(self, now: int) -> None:
        due = {cube.name: self._lines(cube, now) for cube in self.fleet.cubes}
        lines = [line for its in due.values() for line in its]
        if not lines:
            return
        try:
            await asyncio.to_thread(_send, self.place.url, "".join(lines).encode())
        except OSError as error:
            # Nothing is lost: the same seconds are sent again with the next ones.
            logger.warning("readings could not be sent: %s", error)
            return
        self.sent_until.update({name: now for name, its in due.items() if its})
        self.posted.set()

    def _lines(self, cube: Cube, now: int) -> list[str]:
        start = self.sent_until.get(cube.name)
        if start is None or not cube.speaks(now):
            return []
        return [
            _line(cube.name, tag, begun + number, int(count))
            for begun, over in cube.stints(start, now)
            for tag in cube.calls
            for number, count in enumerate(seconds_between(cube, tag, begun, over))
        ]


def _line(device: str, tag: str, second: int, count: int) -> str:
    reading = {"device": device, "tag": tag, "source": SOURCE, "time": second, "count": count}
    return json.dumps(reading) + "\n"


def _send(url: str, payload: bytes) -> None:
    request = urllib.request.Request(  # noqa: S310 - our own http URL
        f"{url}/api/v1/readings",
        data=payload,
        headers={"Content-Type": "application/x-ndjson"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT):  # noqa: S310 - our own http URL
        pass
