"""A switchover of a virtual CUBE: its traps while it goes on, its state over SNMP afterwards."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.app import Parts, build
from monitor.collect.snmp import SnmpNotifications, SnmpPoller, VisitResult
from monitor.collect.snmp.session import Session
from monitor.config import Config
from monitor.domain.facts import FactKind, FactName
from monitor.lab.fleet import virtual_fleet
from monitor.lab.snmp_agent import Access, Agent
from monitor.lab.snmp_objects import Manner, objects
from monitor.lab.snmp_switchover import tell_switchover

DEADLINE = 20.0
SIGNED, SEALED = "authsecret1", "privsecret1"
START = time.time()
CUBE = virtual_fleet(int(START)).cubes[1]


@dataclass(slots=True)
class Time:
    """Goes on only where it is told to."""

    at: float = START

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass(slots=True, kw_only=True)
class Stage:
    """A monitor that polls a CUBE with two processors and hears its traps."""

    parts: Parts
    agent: Agent
    time: Time
    poller: SnmpPoller
    session: Session
    receiver: SnmpNotifications

    async def poll(self) -> None:
        assert await self.poller.visit(CUBE.name, self.session, self.parts.pipeline) is (
            VisitResult.OK
        )
        await self.parts.pipeline.drain()

    def states(self) -> dict[tuple[str, str], tuple[Any, FactKind]]:
        """(source, name) -> what it says, and how well."""
        return {
            (one.source, one.name.value): (one.value, one.kind)
            for one in self.parts.store.facts()
            if one.name in {FactName.HA_STATE, FactName.HA_PEER_STATE}
        }

    def events(self) -> list[tuple[object, object]]:
        records = self.parts.store.events(device=CUBE.name)
        found = [event for record in records for event in record.events]
        return [(one["change"], one["role"]) for one in found if one["kind"] == "redundancy"]

    async def until_events(self, count: int) -> None:
        async with asyncio.timeout(DEADLINE):
            while len(self.events()) < count:
                await self.parts.pipeline.drain()
                await asyncio.sleep(0)


@asynccontextmanager
async def stage(directory: Path, secret: Path) -> AsyncIterator[Stage]:
    clock = Time()
    manner = Manner(starts=(START - 500.3,), switched_at=START + 100)
    access = Access(community="lab", auth_secret=SIGNED, priv_secret=SEALED)
    agent = Agent(CUBE.name, lambda _: objects(CUBE, manner, clock.at), access, clock.now)
    await agent.listen()
    user = {
        "user": "monitor",
        "auth": "sha256", "auth_secret": {"file": str(secret / "auth")},
        "priv": "aes128", "priv_secret": {"file": str(secret / "priv")},
    }  # fmt: skip
    config = Config.model_validate(
        {
            "store": {"directory": str(directory)},
            "collect": [
                {"kind": "snmp", "credentials": {"default": {"version": "3", "v3": user}}},
                {"kind": "snmp_trap", "port": 0, "users": [user]},
            ],
            "devices": [
                {
                    "name": CUBE.name,
                    "addresses": ["127.0.0.1"],
                    "snmp": {"host": "127.0.0.1", "port": agent.port},
                }
            ],
        }
    )
    polling, hearing = config.collect
    parts = build(config, clock.now, group_seconds=0)
    receiver = SnmpNotifications(hearing, parts.instruments)  # type: ignore[arg-type]  # a union
    poller = SnmpPoller(
        config=polling,  # type: ignore[arg-type]  # a union
        targets={CUBE.name: config.devices[0].snmp},  # type: ignore[dict-item]  # it has one
        instruments=parts.instruments, clock=clock, chance=lambda: 0.0,
    )  # fmt: skip
    tasks = [
        asyncio.create_task(one) for one in (parts.rooms.writer.run(), receiver.run(parts.pipeline))
    ]
    await receiver.listening.wait()
    with Session() as session:
        try:
            yield Stage(
                parts=parts, agent=agent, time=clock, poller=poller, session=session,
                receiver=receiver,
            )  # fmt: skip
        finally:
            for task in reversed(tasks):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            agent.close()
            parts.rooms.writer.close()
            parts.store.close()


@pytest.mark.parametrize("manner", [("v3",), ("v3", "inform")], ids=["traps", "informs"])
def test_a_switchover_is_told_as_it_goes_on_and_stands_after_the_next_poll(
    tmp_path: Path, manner: tuple[str, ...]
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "auth").write_text(SIGNED)
    (secrets / "priv").write_text(SEALED)

    async def play() -> None:
        async with stage(tmp_path / "data", secrets) as one:
            await one.poll()
            assert one.states() == {
                ("snmp", "ha_state"): ("active", FactKind.EXACT),
                ("snmp", "ha_peer_state"): ("standby_hot", FactKind.EXACT),
            }
            assert one.events() == []

            one.time.at = START + 100
            to = ("127.0.0.1", one.receiver.port)
            assert await tell_switchover(one.agent, to, 60_000, *manner) == [""] * 6
            await one.until_events(6)
            assert one.events() == [
                ("switchover", None),
                ("role_changed", "active_fast"),
                ("role_changed", "active_drain"),
                ("role_changed", "active_preconfig"),
                ("role_changed", "active_postconfig"),
                ("role_changed", "active"),
            ]
            # A trap is weaker proof than a poll; the poll of before stands until the next.
            assert one.states()["trap", "ha_state"] == ("active", FactKind.DERIVED)
            assert one.states()["trap", "ha_peer_state"] == ("disabled", FactKind.DERIVED)

            one.time.at = START + 1000
            await one.poll()
            assert one.states()["snmp", "ha_state"] == ("standby_hot", FactKind.EXACT)
            assert one.states()["snmp", "ha_peer_state"] == ("active", FactKind.EXACT)
            # A switchover within a box is no page.
            assert one.parts.pipeline.judge_now(one.time.at).findings == ()

    asyncio.run(play())
