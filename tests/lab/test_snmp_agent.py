"""The agent of a virtual CUBE against net-snmp, and its notifications against our receiver."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from monitor.collect.snmp import SnmpNotifications, SnmpTrapConfig, SnmpUser
from monitor.collect.snmp.login import Authentication, Privacy
from monitor.instrument import Instruments
from monitor.lab.fleet import virtual_fleet
from monitor.lab.snmp_agent import Access, Agent
from monitor.lab.snmp_objects import Manner, Ticks, Value, calls_at, objects
from monitor.secret import SecretRef
from monitor.wire import SnmpReport

DEADLINE = 20.0
CUBE = virtual_fleet(int(time.time())).cubes[0]
SIGNED, SEALED = "authsecret1", "privsecret1"
V3 = ("-v3", "-lauthPriv", "-umonitor", "-aSHA-256", f"-A{SIGNED}", "-xAES", f"-X{SEALED}")
UPTIME = "1.3.6.1.2.1.1.3.0"
SWITCHOVER = "1.3.6.1.4.1.9.9.176.2.0.1"


class Reports:
    """As much of an intake as SNMP needs."""

    def __init__(self) -> None:
        self.kept: list[SnmpReport] = []
        self.came = asyncio.Event()

    async def snmp(self, reports: Sequence[SnmpReport]) -> None:
        self.kept += reports
        self.came.set()


@asynccontextmanager
async def agent(manner: Manner | None = None) -> AsyncIterator[Agent]:
    access = Access(community="lab", auth_secret=SIGNED, priv_secret=SEALED)
    its = manner or Manner(starts=(time.time() - 3600,))
    one = Agent(CUBE.name, lambda now: objects(CUBE, its, now), access, time.time)
    await one.listen()
    try:
        yield one
    finally:
        one.close()


async def net_snmp(directory: Path, *arguments: str) -> list[str]:
    state = {"SNMP_PERSISTENT_DIR": str(directory), "SNMPCONFPATH": str(directory), "MIBS": ""}
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | state,
    )
    async with asyncio.timeout(DEADLINE):
        output, _ = await process.communicate()
    return [line for line in output.decode().splitlines() if not line.startswith("Created")]


@pytest.mark.engine("snmpget")
@pytest.mark.parametrize("manner", [("-v2c", "-clab"), V3], ids=["v2c", "v3"])
def test_net_snmp_reads_a_virtual_cube(tmp_path: Path, manner: tuple[str, ...]) -> None:
    async def play() -> None:
        async with agent() as one:
            to = (*manner, "-On", "-Oq", f"127.0.0.1:{one.port}")
            name, none = await net_snmp(
                tmp_path, "snmpget", *to, "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.99.0"
            )
            assert name == f'.1.3.6.1.2.1.1.5.0 "{CUBE.name}"'
            assert "No Such Instance" in none
            table = "1.3.6.1.4.1.9.9.63.1.4.3.3.1.3.1"
            now = int(time.time())
            rows = await net_snmp(tmp_path, "snmpbulkwalk", *to, "-Cr25", table)
            assert [row.split()[0] for row in rows] == [f".{table}.{n}" for n in range(1, 61)]
            told = {int(row.split()[1]) for row in rows}
            around = {calls_at(CUBE, second) for second in range(now - 70, now + 10)}
            assert told <= around

    asyncio.run(play())


@pytest.mark.engine("snmpget")
def test_an_unknown_community_gets_no_answer(tmp_path: Path) -> None:
    async def play() -> None:
        async with agent() as one:
            to = ("-v2c", "-cguess", "-t0.5", "-r0", f"127.0.0.1:{one.port}")
            [said] = await net_snmp(tmp_path, "snmpget", *to, UPTIME)
            assert said.startswith("Timeout")

    asyncio.run(play())


@pytest.mark.parametrize("manner", [(), ("inform",), ("v3",), ("v3", "inform")])
def test_its_notifications_arrive(monkeypatch: pytest.MonkeyPatch, manner: tuple[str, ...]) -> None:
    for name, secret in (("C", "lab"), ("A", SIGNED), ("P", SEALED)):
        monkeypatch.setenv(name, secret)
    user = SnmpUser(
        user="monitor", auth=Authentication.SHA256, auth_secret=SecretRef(env="A"),
        priv=Privacy.AES128, priv_secret=SecretRef(env="P"),
    )  # fmt: skip
    config = SnmpTrapConfig(port=0, communities=(SecretRef(env="C"),), users=(user,))

    async def play() -> None:
        intake: Any = Reports()
        receiver = SnmpNotifications(config, Instruments(CollectorRegistry()))
        receiving = asyncio.create_task(receiver.run(intake))
        await receiver.listening.wait()
        said: dict[str, Value] = {
            UPTIME: Ticks(77), "1.3.6.1.4.1.9.9.176.1.1.8.0": 5, "1.3.6.1.4.1.9.9.831.0.2.0": "x",
        }  # fmt: skip
        async with agent() as one, asyncio.timeout(DEADLINE):
            assert await one.notify(("127.0.0.1", receiver.port), SWITCHOVER, said, *manner) == ""
            await intake.came.wait()
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving
        [report] = intake.kept
        assert report.notification == SWITCHOVER
        assert report.authenticated is ("v3" in manner)
        assert dict(report.varbinds)["1.3.6.1.4.1.9.9.831.0.2.0"] == b"x"

    asyncio.run(play())
