"""SNMP agents of the virtual fleet, what they send by themselves, and how a monitor asks them."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from monitor.domain.instants import DAY, HOUR
from monitor.lab.cube import Cube
from monitor.lab.fleet import Fleet
from monitor.lab.present import free_port
from monitor.lab.snmp_agent import Access, Agent
from monitor.lab.snmp_objects import Gauge, Manner, Ticks, Value, objects

_UPTIME: Final = "1.3.6.1.2.1.1.3.0"
_LICENCE: Final = "1.3.6.1.4.1.9.9.831"
_REQUIRED, _RECEIVED = 47, 45
"""Notifications: an acknowledgement will be required; one was received."""
_TICK: Final = 1.0
_UP_SECONDS: Final = 37 * DAY + HOUR + 0.3
_LEGS: Final = {"cube-nyc-1": 2}
_WITHOUT_TABLE: Final = frozenset({"cube-ams-1"})
_SLOW: Final = {"cube-del-1": 0.7}
"""Seconds an agent takes to answer."""
_ALL: Final = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpLab:
    """Where the agents listen, and the secrets they and the monitor share."""

    ports: Mapping[str, int]
    trap_port: int
    directory: Path
    agents: Mapping[str, Agent] = field(repr=False)

    def collectors(self) -> list[dict[str, object]]:
        """The two collectors of an operator of this fleet."""
        user = {
            "user": "monitor",
            "auth": "sha256", "auth_secret": {"file": str(self.directory / "snmp-auth")},
            "priv": "aes128", "priv_secret": {"file": str(self.directory / "snmp-priv")},
        }  # fmt: skip
        community = {"file": str(self.directory / "snmp-community")}
        return [
            {
                "kind": "snmp",
                "credentials": {
                    "v3": {"version": "3", "v3": user}, "v2c": {"community": community},
                },
                "spread": 5.0,
                "interval": 120.0,
                "retry_longest": 10.0,
            },
            {
                "kind": "snmp_trap", "port": self.trap_port,
                "communities": [community], "users": [user],
            },
        ]  # fmt: skip

    def device(self, cube: Cube) -> dict[str, object]:
        """What is said of a device: odd ones are asked by version 2c, even ones by version 3."""
        if cube.name not in self.ports:
            return {}
        credential = "v2c" if int(cube.serial[-1]) % 2 else "v3"
        return {
            "snmp": {"host": "127.0.0.1", "port": self.ports[cube.name], "credential": credential},
            "aliases": [f"PID:{cube.platform},SN:{cube.serial}"],
            "legs": _LEGS.get(cube.name, 1),
        }

    def answer(self, cube: Cube) -> None:
        """Let it answer: its seconds of now come after those of its past."""
        if cube.name in self.agents:
            self.agents[cube.name].lose(0)

    async def notify(self, fleet: Fleet) -> None:
        """What routers say when a monitor comes to be: how their reporting stands."""
        for cube in fleet.cubes:
            agent = self.agents.get(cube.name)
            deadline = cube.reporting(fleet.now).deadline
            if agent is not None and deadline is not None:
                left: dict[str, Value] = {
                    f"{_LICENCE}.0.12.2.0": Gauge(max(0, deadline - fleet.now) // DAY),
                }
                said = _said_by(cube, fleet, fleet.now) | left
                await self._notify(cube, _REQUIRED, said, "inform")

    async def tell_acknowledgements(self, fleet: Fleet) -> None:
        """What routers say when a report of theirs is acknowledged; until cancelled.

        Traps, for those of which the past is not told yet hear no answer to an inform.
        """
        told_until = time.time()
        while True:
            await asyncio.sleep(_TICK)
            now = time.time()
            for cube in fleet.cubes:
                if cube.name in self.agents and cube.is_acknowledged(told_until, now):
                    await self._notify(cube, _RECEIVED, _said_by(cube, fleet, now), "trap")
            told_until = now

    async def _notify(
        self, cube: Cube, number: int, said: Mapping[str, Value], manner: str
    ) -> None:
        to = ("127.0.0.1", self.trap_port)
        await self.agents[cube.name].notify(to, f"{_LICENCE}.1.{number}", said, "v3", manner)


@contextlib.asynccontextmanager
async def snmp_lab(fleet: Fleet, directory: Path) -> AsyncIterator[SnmpLab]:
    """Agents of all CUBEs that are not silent; their secrets are written into the directory."""
    access = Access(
        community=secrets.token_urlsafe(12),
        auth_secret=secrets.token_urlsafe(16),
        priv_secret=secrets.token_urlsafe(16),
    )
    for name, secret in (
        ("community", access.community), ("auth", access.auth_secret), ("priv", access.priv_secret),
    ):  # fmt: skip
        file = directory / f"snmp-{name}"
        file.touch(mode=0o600)
        file.write_text(secret)
    agents = {
        cube.name: Agent(cube.name, partial(objects, cube, _manner(cube, fleet.now)), access,
                         time.time)
        for cube in fleet.cubes
        if cube.silent_since is None
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        for name, agent in agents.items():
            await agent.listen()
            stack.callback(agent.close)
            agent.delay = _SLOW.get(name, 0.0)
            agent.lose(_ALL)
        ports = {name: agent.port for name, agent in agents.items()}
        # Chosen last: none of the agents can have taken it.
        yield SnmpLab(ports=ports, trap_port=free_port(), directory=directory, agents=agents)


def _said_by(cube: Cube, fleet: Fleet, now: float) -> dict[str, Value]:
    """Who says it, and how long it has been up."""
    return {
        _UPTIME: Ticks(int((now - fleet.now + _UP_SECONDS) * 100)),
        f"{_LICENCE}.0.2.0": f"PID:{cube.platform},SN:{cube.serial}",
    }


def _manner(cube: Cube, now: int) -> Manner:
    return Manner(
        legs=_LEGS.get(cube.name, 1),
        voice_table=cube.name not in _WITHOUT_TABLE,
        starts=(now - _UP_SECONDS,),
    )
