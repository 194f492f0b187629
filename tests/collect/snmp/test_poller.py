"""The poller: a tarpit delays nobody, failures back off, what is absent is remembered."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from monitor.collect.snmp import SnmpConfig, SnmpCredential, SnmpPoller, SnmpTarget, VisitResult
from monitor.collect.snmp.plan import Memory, below
from monitor.collect.snmp.session import Session
from monitor.errors import ConfigError
from monitor.secret import SecretRef
from monitor.wire import Absent, LoginOutcome, SnmpValue

LICENCE = "1.3.6.1.4.1.9.9.831.0"
SECONDS = "1.3.6.1.4.1.9.9.63.1.4.3.3.1.3.1"
VALUES = {
    **{f"{SECONDS}.{row}": ("gauge", str(row)) for row in range(1, 61)},
    **{f"{LICENCE}.5.1.1.2.{row}": ("gauge", str(row)) for row in range(1, 8)},
    **{f"{LICENCE}.5.1.1.3.{row}": ("string", f"TAG_{row}") for row in range(1, 8)},
    **{f"{LICENCE}.5.1.1.5.{row}": ("integer", "15") for row in range(1, 8)},
    f"{LICENCE}.12.2.0": ("gauge", "30"),
}


@dataclass(slots=True)
class Time:
    """Moves on when somebody sleeps; whoever sleeps longest is woken last."""

    at: float = 1_795_428_000.0
    naps: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNITY", "public")


@pytest.fixture
def tarpit() -> Iterator[int]:
    """A port that takes everything and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        yield int(silent.getsockname()[1])


def poller(bench: Any, ports: dict[str, int], time: Time | None = None, **more: Any) -> SnmpPoller:
    credential = SnmpCredential(community=SecretRef(env="COMMUNITY"))
    config = {"timeout": 1.0, "retries": 0, "spread": 0.0, **more}
    return SnmpPoller(
        config=SnmpConfig(credentials={"default": credential}, **config),
        targets={name: SnmpTarget(host="127.0.0.1", port=port) for name, port in ports.items()},
        instruments=bench.instruments,
        clock=time,
        chance=lambda: 0.0,
    )


def polls(bench: Any, result: str) -> float:
    return float(bench.value("polls_total", manner="snmp", result=result))


@pytest.mark.engine("snmpd", "snmpget")
def test_a_tarpit_among_many_delays_nobody(
    start_snmpd: Any, bench: Any, new_inbox: Callable[[], Any], tarpit: int
) -> None:
    async def play() -> None:
        async with start_snmpd(VALUES) as agent:
            ports = {f"cube-{number}": agent.port for number in range(40)} | {"tarpit": tarpit}
            inbox = new_inbox()
            one = poller(bench, ports, timeout=60.0, budget=120.0, visits=8)
            running = asyncio.create_task(one.run(inbox))
            await inbox.until(lambda: len({report.device for report in inbox.reports}) == 40)
            running.cancel()
            await asyncio.wait({running})
        assert "tarpit" not in {report.device for report in inbox.reports}

    asyncio.run(play())


def test_failures_back_off_and_are_counted(
    bench: Any, new_inbox: Callable[[], Any], tarpit: int
) -> None:
    async def play() -> None:
        time = Time()
        one = poller(bench, {"tarpit": tarpit}, time, timeout=0.1, retry_first=5.0)
        with Session() as session:
            waits = []
            for _ in range(4):
                result = await one.visit("tarpit", session, new_inbox())
                assert result is VisitResult.TIMEOUT
                waits.append(one._wait(one._memory["tarpit"]))
        assert waits == [5.0, 10.0, 20.0, 40.0]
        assert polls(bench, "timeout") == 4

    asyncio.run(play())


def test_a_visit_ends_with_its_budget(
    bench: Any, new_inbox: Callable[[], Any], tarpit: int
) -> None:
    async def play() -> None:
        one = poller(bench, {"tarpit": tarpit}, timeout=60.0, budget=0.2)
        with Session() as session:
            assert await one.visit("tarpit", session, new_inbox()) is VisitResult.TIMEOUT

    asyncio.run(play())


@pytest.mark.engine("snmpd", "snmpget")
def test_calls_come_often_and_the_rest_seldom(
    start_snmpd: Any, bench: Any, new_inbox: Callable[[], Any]
) -> None:
    async def play() -> None:
        time, inbox = Time(), new_inbox()
        async with start_snmpd(VALUES) as agent:
            one = poller(bench, {"cube": agent.port}, time)
            with Session() as session:
                for _ in range(3):
                    assert await one.visit("cube", session, inbox) is VisitResult.OK
                    assert one._wait(one._memory["cube"]) == 40.0
                    time.at += 40
        calls = [report for report in inbox.reports if len(report.varbinds) == 61]
        state = [dict(report.varbinds) for report in inbox.reports if report not in calls]
        assert (len(calls), len(state)) == (3, 1)
        assert [state[0][f"{LICENCE}.5.1.1.3.{row}"] for row in range(1, 8)] == [
            b"TAG_%d" % row for row in range(1, 8)
        ]
        assert state[0][f"{LICENCE}.12.2.0"] == 30

    asyncio.run(play())


@pytest.mark.engine("snmpd", "snmpget")
def test_what_is_absent_is_asked_for_again_after_a_day(
    start_snmpd: Any, bench: Any, new_inbox: Callable[[], Any]
) -> None:
    async def play() -> None:
        time, inbox = Time(), new_inbox()
        async with start_snmpd({f"{LICENCE}.12.2.0": ("gauge", "30")}) as agent:
            one = poller(bench, {"cube": agent.port}, time)
            memory = one._memory["cube"]
            with Session() as session:
                await one.visit("cube", session, inbox)
                assert not memory.has(SECONDS, time.at)
                # Its MIB is there: an empty table may fill.
                assert memory.has(f"{LICENCE}.5.1.1.2", time.at)
                assert not memory.has(f"{LICENCE}.12.1.0", time.at)
                assert memory.has(f"{LICENCE}.12.2.0", time.at)
                agent.serve(VALUES)
                time.at += 3600
                await one.visit("cube", session, inbox)
                assert not any(len(report.varbinds) == 61 for report in inbox.reports)
                time.at += 86_400
                await one.visit("cube", session, inbox)
                assert any(len(report.varbinds) == 61 for report in inbox.reports)

    asyncio.run(play())


@pytest.mark.engine("snmpd", "snmpget")
def test_a_table_whose_mib_is_not_there_is_asked_for_daily(
    start_snmpd: Any, bench: Any, new_inbox: Callable[[], Any]
) -> None:
    async def play() -> None:
        time, inbox = Time(), new_inbox()
        async with start_snmpd({f"{SECONDS}.1": ("gauge", "1")}) as agent:
            one = poller(bench, {"cube": agent.port}, time)
            with Session() as session:
                await one.visit("cube", session, inbox)
        assert not one._memory["cube"].has(f"{LICENCE}.5.1.1.2", time.at)
        assert one._memory["cube"].has(f"{LICENCE}.5.1.1.2", time.at + 86_400)

    asyncio.run(play())


def test_a_restart_asks_for_everything_again() -> None:
    memory = Memory(absent={"1.2": 1e9}, identity_due=1e9)
    memory.forget_after_restart(1000)
    assert memory.absent
    memory.forget_after_restart(10)
    assert (memory.absent, memory.identity_due) == ({}, 0.0)


def test_rows_beyond_the_table_are_left() -> None:
    varbinds: list[tuple[str, SnmpValue]] = [
        ("1.2.3.1", 5),
        ("1.2.30.1", 6),
        ("1.2.3.2", Absent.END_OF_MIB_VIEW),
    ]
    assert below(varbinds, ["1.2.3"]) == [("1.2.3.1", 5)]


def test_an_unreadable_secret_is_told_and_nothing_is_sent(
    bench: Any, new_inbox: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, tarpit: int
) -> None:
    monkeypatch.delenv("COMMUNITY")

    async def play() -> None:
        one = poller(bench, {"cube": tarpit})
        with Session() as session:
            result = await one.visit("cube", session, new_inbox())
        assert result is VisitResult.CREDENTIAL_UNREADABLE

    asyncio.run(play())


@pytest.mark.engine("snmpd", "snmpget")
def test_who_refuses_and_who_lets_us_in_is_told_by_name(
    bench: Any, start_snmpd: Any, new_inbox: Callable[[], Any]
) -> None:
    told: list[LoginOutcome] = []

    async def play() -> None:
        async with start_snmpd(VALUES) as agent:
            stranger = {"version": "3", "v3": {"user": "nobody"}}
            community = {"community": {"env": "COMMUNITY"}}
            credentials = {"strange": stranger, "default": community}
            one = SnmpPoller(
                config=SnmpConfig.model_validate({"credentials": credentials, "spread": 0.0}),
                targets={
                    name: SnmpTarget(host="127.0.0.1", port=agent.port, credential=name)
                    for name in credentials
                },
                instruments=bench.instruments,
            )
            one.logins = told.append
            with Session() as session:
                for name in credentials:
                    await one.visit(name, session, new_inbox())

    asyncio.run(play())
    assert [(login.credential, login.refused) for login in told] == [
        ("strange", True),
        ("default", False),
    ]


def test_a_target_must_name_a_known_credential(bench: Any) -> None:
    target = SnmpTarget(host="192.0.2.1", credential="other")
    with pytest.raises(ConfigError, match="'other'"):
        SnmpPoller(config=SnmpConfig(), targets={"a": target}, instruments=bench.instruments)
