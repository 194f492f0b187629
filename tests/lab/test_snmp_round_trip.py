"""From the calls of a virtual CUBE over SNMP to stored readings, every second right."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from monitor.app import Parts, build
from monitor.collect.snmp import (
    SnmpConfig,
    SnmpCredential,
    SnmpPoller,
    SnmpTarget,
    SnmpUser,
    VisitResult,
)
from monitor.collect.snmp.login import Authentication, Privacy
from monitor.collect.snmp.session import Session
from monitor.config import Config
from monitor.domain.facts import FactName
from monitor.evaluate.evidence import sheet_of
from monitor.evaluate.usage import in_use
from monitor.lab.cube import Cube
from monitor.lab.fleet import virtual_fleet
from monitor.lab.snmp_agent import Access, Agent
from monitor.lab.snmp_objects import Manner, calls_at, objects
from monitor.secret import SecretRef

NOW = 1_795_428_000
CUBE = virtual_fleet(NOW).cubes[1]
SIGNED, SEALED = "authsecret1", "privsecret1"


@dataclass(slots=True)
class Time:
    """A clock that goes only where it is told to."""

    at: float = NOW + 0.4

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass(slots=True, kw_only=True)
class Line:
    """A monitor and the agent of one CUBE; `manner` and `wait` change how it answers."""

    parts: Parts
    poller: SnmpPoller
    session: Session
    agent: Agent
    time: Time
    manners: list[Manner]
    waits: list[float]

    async def poll(self, at: float) -> VisitResult:
        self.time.at = at
        result = await self.poller.visit(CUBE.name, self.session, self.parts.pipeline)
        await self.parts.pipeline.drain()
        return result

    def stored(self, source: str = "snmp") -> dict[int, int]:
        """Second -> calls."""
        seconds: dict[int, int] = {}
        for some in self.parts.store.readings(device=CUBE.name, tag="CALLS", source=source):
            seconds.update(zip(some.seconds, some.counts, strict=True))
        return seconds

    def facts(self) -> Mapping[tuple[FactName, str], Any]:
        return {(one.name, one.key): one.value for one in self.parts.store.facts()}

    def events(self) -> list[Mapping[str, Any]]:
        records = self.parts.store.events(device=CUBE.name)
        return [event for record in records for event in record.events]


@asynccontextmanager
async def line(
    directory: Path, *, cube: Cube = CUBE, version: str = "2c", **manner: Any
) -> AsyncIterator[Line]:
    """A line to an agent that was started at NOW - 500.3, where not told otherwise."""
    time, waits = Time(), [0.0]
    manners = [Manner(**{"starts": (NOW - 500.3,), **manner})]

    def answer(_: float) -> Mapping[Any, Any]:
        time.at += waits[0]
        return objects(cube, manners[0], time.at)

    access = Access(community="lab", auth_secret=SIGNED, priv_secret=SEALED)
    agent = Agent(cube.name, answer, access, time.now)
    await agent.listen()
    config = Config.model_validate(
        {"store": {"directory": str(directory)}, "devices": [{"name": cube.name}], "collect": []}
    )
    parts = build(config, time.now, group_seconds=0)
    poller = SnmpPoller(
        config=SnmpConfig(credentials={"lab": _credential(version)}, timeout=2, retries=0),
        targets={cube.name: SnmpTarget(host="127.0.0.1", port=agent.port, credential="lab")},
        instruments=parts.instruments,
        clock=time,
        chance=lambda: 0.0,
    )
    writing = asyncio.create_task(parts.rooms.writer.run())
    with Session() as session:
        try:
            yield Line(
                parts=parts, poller=poller, session=session, agent=agent, time=time,
                manners=manners, waits=waits,
            )  # fmt: skip
        finally:
            writing.cancel()
            agent.close()
            parts.rooms.writer.close()
            parts.store.close()


def _credential(version: str) -> SnmpCredential:
    if version == "2c":
        return SnmpCredential(community=SecretRef(env="LAB_COMMUNITY"))
    user = SnmpUser(
        user="monitor", auth=Authentication.SHA256, auth_secret=SecretRef(env="LAB_AUTH"),
        priv=Privacy.AES128, priv_secret=SecretRef(env="LAB_PRIV"),
    )  # fmt: skip
    return SnmpCredential.model_validate({"version": "3", "v3": user})


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_COMMUNITY", "lab")
    monkeypatch.setenv("LAB_AUTH", SIGNED)
    monkeypatch.setenv("LAB_PRIV", SEALED)


def _true(seconds: Mapping[int, int], legs: int = 1) -> bool:
    return all(count == legs * calls_at(CUBE, second) for second, count in seconds.items())


@pytest.mark.parametrize("version", ["2c", "3"])
def test_every_second_is_stored_and_right(tmp_path: Path, version: str) -> None:
    async def play() -> None:
        async with line(tmp_path, version=version) as one:
            for number in range(6):
                assert await one.poll(NOW + 40 * number + 0.37 * number) is VisitResult.OK
            seconds = one.stored()
            assert sorted(seconds) == list(range(min(seconds), max(seconds) + 1))
            assert len(seconds) >= 60 + 5 * 40
            assert _true(seconds)
            assert len(set(seconds.values())) > 3
            assert one.events() == []

    asyncio.run(play())


def test_a_slow_agent_tells_the_same_seconds(tmp_path: Path) -> None:
    async def play() -> None:
        async with line(tmp_path) as one:
            for number in range(8):
                one.waits[0] = (0.0, 0.9, 0.3, 0.7)[number % 4]
                assert await one.poll(NOW + 40 * number + 0.21 * number) is VisitResult.OK
            seconds = one.stored()
            assert sorted(seconds) == list(range(min(seconds), max(seconds) + 1))
            assert _true(seconds)

    asyncio.run(play())


def test_a_lost_poll_leaves_no_gap_where_the_next_comes_in_time(tmp_path: Path) -> None:
    async def play() -> None:
        async with line(tmp_path) as one:
            await one.poll(NOW)
            one.agent.lose(1)
            assert await one.poll(NOW + 40) is VisitResult.TIMEOUT
            assert await one.poll(NOW + 55) is VisitResult.OK
            seconds = one.stored()
            assert sorted(seconds) == list(range(min(seconds), max(seconds) + 1))
            assert _true(seconds)
            assert one.events() == []

    asyncio.run(play())


def test_polls_lost_for_too_long_leave_a_gap_that_is_said(tmp_path: Path) -> None:
    async def play() -> None:
        async with line(tmp_path) as one:
            await one.poll(NOW)
            await one.poll(NOW + 100)
            seconds = one.stored()
            [gap] = one.events()
            missing = set(range(min(seconds), max(seconds))) - set(seconds)
            assert missing == set(range(gap["start"], gap["start"] + gap["seconds"]))
            assert (gap["kind"], gap["cause"], gap["seconds"]) == ("calls_gap", "not_polled", 40)
            assert _true(seconds)

    asyncio.run(play())


def test_a_restart_ends_the_table_and_is_said(tmp_path: Path) -> None:
    async def play() -> None:
        starts = (NOW - 500.3, NOW + 60.2)
        async with line(tmp_path, starts=starts) as one:
            await one.poll(NOW)
            await one.poll(NOW + 40)
            await one.poll(NOW + 80)
            await one.poll(NOW + 120)
            seconds = one.stored()
            restarted, gap = one.events()
            assert (restarted["kind"], restarted["booted"]) == ("restarted", NOW + 60)
            assert gap["cause"] == "restart"
            missing = set(range(min(seconds), max(seconds))) - set(seconds)
            assert missing == set(range(gap["start"], gap["start"] + gap["seconds"]))
            assert NOW + 60 not in missing
            assert _true(seconds)

    asyncio.run(play())


def test_legs_are_stored_as_they_are_counted(tmp_path: Path) -> None:
    async def play() -> None:
        async with line(tmp_path, legs=2) as one:
            await one.poll(NOW)
            assert _true(one.stored(), legs=2)

    asyncio.run(play())


def test_without_a_table_connections_are_kept_apart(tmp_path: Path) -> None:
    async def play() -> None:
        async with line(tmp_path, voice_table=False) as one:
            await one.poll(NOW)
            await one.poll(NOW + 40)
            assert one.stored() == {}
            gauge = one.stored("snmp_gauge")
            assert sorted(gauge) == [NOW, NOW + 40]
            assert _true(gauge)

    asyncio.run(play())


def test_a_switchover_is_told_by_the_next_poll_of_the_state(tmp_path: Path) -> None:
    async def play() -> None:
        async with line(tmp_path, switched_at=NOW + 100) as one:
            await one.poll(NOW)
            assert one.facts()[FactName.HA_STATE, ""] == "active"
            assert one.facts()[FactName.HA_PEER_STATE, ""] == "standby_hot"
            await one.poll(NOW + 1000)
            assert one.facts()[FactName.HA_STATE, ""] == "standby_hot"

    asyncio.run(play())


def _in_use(one: Line) -> Mapping[str, int]:
    return in_use(sheet_of(one.parts.store.facts()))


def test_an_entitlement_that_is_gone_is_not_in_use(tmp_path: Path) -> None:
    async def play() -> None:
        async with line(tmp_path, version="3") as one:
            tags = sorted(CUBE.usage(NOW))
            await one.poll(NOW)
            assert _in_use(one) == CUBE.usage(NOW)
            one.manners[0] = replace(one.manners[0], vanished=frozenset(tags[:1]))
            await one.poll(NOW + 1000)
            rest = {tag: CUBE.usage(NOW + 1000)[tag] for tag in tags[1:]}
            assert _in_use(one) == {tags[0]: 0, **rest}
            one.manners[0] = replace(one.manners[0], vanished=frozenset(tags))
            await one.poll(NOW + 2000)
            assert _in_use(one) == dict.fromkeys(tags, 0)
            one.manners[0] = replace(one.manners[0], vanished=frozenset())
            await one.poll(NOW + 3000)
            assert _in_use(one) == CUBE.usage(NOW + 3000)

    asyncio.run(play())


def test_a_walk_that_breaks_off_says_nothing_of_what_it_did_not_reach(tmp_path: Path) -> None:
    async def play() -> None:
        async with line(tmp_path) as one:
            await one.poll(NOW)
            before = _in_use(one)
            one.manners[0] = replace(one.manners[0], vanished=frozenset(before))
            one.agent.lose(1, after=2)
            assert await one.poll(NOW + 1000) is VisitResult.TIMEOUT
            assert _in_use(one) == before

    asyncio.run(play())


def test_the_state_of_a_cube_is_read(tmp_path: Path) -> None:
    async def play() -> None:
        async with line(tmp_path) as one:
            await one.poll(NOW)
            facts, cycle = one.facts(), CUBE.cycle.state(NOW)
            assert facts[FactName.RELEASE, ""] == CUBE.release
            assert facts[FactName.UDI, ""] == f"PID:{CUBE.platform},SN:{CUBE.serial}"
            assert facts[FactName.BOOTED, ""] == pytest.approx(NOW - 500, abs=1)
            usage = {key: value for (name, key), value in facts.items() if name == "usage_count"}
            assert usage == CUBE.usage(NOW)
            assert cycle.deadline is not None
            assert 0 <= cycle.deadline - facts[FactName.ACK_DEADLINE, ""] < 86_400
            assert (FactName.REGISTRATION, "") not in facts

    asyncio.run(play())
