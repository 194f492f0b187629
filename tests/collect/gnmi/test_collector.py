"""The collector against the lab's server: what comes, what falls back, what is tried again."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from monitor.collect.gnmi.config import Manner, PathConfig
from monitor.domain.facts import FactName
from monitor.lab.gnmi_style import Style

NewBench = Callable[[], Any]

STYLES = [
    Style(),
    Style(leaves=True),
    Style(named="prefix", origin="legacy"),
    Style(named="none", origin="openconfig"),
    Style(in_prefix=True, origin="rfc7951"),
    Style(leaves=True, in_prefix=True, named="none"),
]


def _everything_came(bench: Any) -> bool:
    names = {name for name, _ in bench.store.facts}
    return bool(bench.store.calls) and names >= {
        FactName.ACK_DEADLINE,
        FactName.LAST_ACK,
        FactName.ACK_REQUIRED,
        FactName.USAGE_COUNT,
        FactName.TRUST_CODE,
        FactName.TRANSPORT,
        FactName.HA_STATE,
        FactName.UDI,
        FactName.RELEASE,
        FactName.RG_ROLE,
    }


@pytest.mark.parametrize("encoding", ["json_ietf", "json", "proto"])
@pytest.mark.parametrize("style", STYLES, ids=str)
def test_every_encoding_and_origin_gives_the_same_facts(
    new_bench: NewBench, style: Style, encoding: str
) -> None:
    async def hear() -> None:
        bench = new_bench()
        bench.use("17.15.1a")
        async with bench.server(style=style).serving(bench.authority.issue("cube.lab")) as server:
            origin = style.origin or "rfc7951"
            target = bench.target(server, origin=origin, encoding=encoding)
            async with bench.running(bench.collector(target)):
                await bench.store.until(lambda: _everything_came(bench))
            cycle = bench.cube.cube.cycle.state(bench.clock.now())
            store = bench.store
            assert store.value(FactName.ACK_DEADLINE) == cycle.deadline
            assert store.value(FactName.LAST_ACK) == cycle.last_ack
            assert store.value(FactName.TRUST_CODE) == cycle.trusted_since
            assert store.value(FactName.ACK_REQUIRED) is True
            assert store.value(FactName.TRANSPORT) == "smart"
            assert store.value(FactName.HA_STATE) == "active"
            assert store.value(FactName.HA_PEER_STATE) == "standby_hot"
            assert store.value(FactName.RG_ROLE) == "active"
            assert store.value(FactName.RELEASE) == "17.15.1a"
            assert store.value(FactName.UDI) == f"PID:C8000V,SN:{bench.cube.cube.serial}"
            assert store.value(FactName.USAGE_COUNT, "CUBE_T_STD") == _used(bench)
            assert store.unknown == 0
            assert all(fact.authenticated for fact in store.facts.values())

    asyncio.run(hear())


def test_a_device_is_heard_over_ipv6_too(new_bench: NewBench, ipv6: str) -> None:
    async def hear() -> None:
        bench = new_bench()
        bench.host = ipv6
        async with bench.hearing(bench.server()):
            await bench.store.until(lambda: bench.store.value(FactName.RELEASE) == "17.9.4a")

    asyncio.run(hear())


def _used(bench: Any) -> int:
    count: int = bench.cube.cube.usage(bench.clock.now())["CUBE_T_STD"]
    return count


def test_paths_follow_the_models_a_device_tells(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        bench.use("17.3.2")
        bench.cube.voice = False
        async with bench.hearing(bench.server()) as server:
            await bench.store.until(lambda: (FactName.RELEASE, "") in bench.store.facts)
            asked = [
                [e.name for e in one.path.elem][-1] for one in server.subscriptions[0].subscription
            ]
        assert asked == [
            "usage",
            "authorization",
            "transport-type",
            "ha-infra",
            "device-inventory",
            "software-version",
        ]
        assert bench.store.value(FactName.ACK_DEADLINE) == "nothing said"
        assert bench.store.calls == []

    asyncio.run(hear())


def test_a_vanished_entry_is_0_once_the_stream_is_synced(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        async with bench.hearing(bench.server()):
            await bench.store.until(lambda: any(n.synced for n in bench.store.notifications))
            assert bench.store.value(FactName.USAGE_COUNT, "CUBE_T_STD") == _used(bench)
            bench.cube.vanished.add("CUBE_T_STD")
            for _ in range(4):
                bench.clock.at += 60
                await bench.device.step()
            await bench.store.until(
                lambda: bench.store.value(FactName.USAGE_COUNT, "CUBE_T_STD") == 0
            )

    asyncio.run(hear())


def test_a_server_that_never_syncs_is_heard_but_concludes_nothing(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        server = bench.server(syncs=False)
        async with bench.hearing(server):
            await bench.store.until(lambda: bool(bench.store.calls))
            bench.cube.vanished.add("CUBE_T_STD")
            bench.cube.fail_over()
            for _ in range(4):
                bench.clock.at += 60
                await bench.device.step()
            await bench.store.until(lambda: len(bench.store.calls) >= 5)
        assert bench.store.value(FactName.HA_STATE) == "standby_hot"
        assert bench.store.value(FactName.USAGE_COUNT, "CUBE_T_STD") == _used(bench)

    asyncio.run(hear())


def test_an_rf_switchover_is_told(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        async with bench.hearing(bench.server()):
            await bench.store.until(lambda: bench.store.value(FactName.HA_STATE) == "active")
            bench.cube.fail_over()
            bench.clock.at += 10
            await bench.device.step()
            await bench.store.until(lambda: bench.store.value(FactName.HA_STATE) == "standby_hot")
        assert "active unit failed" in bench.store.facts[FactName.HA_STATE, ""].text

    asyncio.run(hear())


@pytest.mark.parametrize(
    ("lacks", "asked"),
    [
        ({"streams": False}, ["Capabilities", "Subscribe", "Capabilities", "Subscribe"]),
        ({"streams": False, "polls": False}, ["Subscribe", "Capabilities", "Get"]),
        ({"capable": False}, ["Capabilities", "Subscribe"]),
    ],
)
def test_what_a_device_does_not_offer_is_replaced(
    new_bench: NewBench, lacks: dict[str, bool], asked: list[str]
) -> None:
    async def hear() -> None:
        bench = new_bench()
        bench.use("17.15.1a")
        async with bench.hearing(bench.server(**lacks)) as server:
            for _ in range(1 - lacks.get("streams", True) + 1 - lacks.get("polls", True)):
                await bench.clock.steps.step()
            await bench.store.until(lambda: _everything_came(bench))
            await bench.store.until(lambda: bench.store.notifications[-1].synced)
        text = " ".join(server.calls)
        assert " ".join(asked) in text

    asyncio.run(hear())


def test_paths_that_a_device_refuses_are_left_out(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        paths = (
            PathConfig(path="ack"),
            PathConfig(path="/Cisco-IOS-XE-fantasy-oper:fantasy/leaf"),
        )
        async with bench.hearing(bench.server(capable=False), paths=paths) as server:
            await bench.clock.steps.step()
            await bench.store.until(lambda: (FactName.ACK_DEADLINE, "") in bench.store.facts)
            assert len(server.subscriptions[0].subscription) == 2
            assert len(server.subscriptions[1].subscription) == 1
        assert bench.clock.steps.pauses == [2.5]

    asyncio.run(hear())


def test_a_poll_whose_answer_never_ends_is_read_and_the_next_one_sent(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        server = bench.server(syncs=False)
        async with server.serving(bench.authority.issue("cube.lab")):
            config = {"manner": Manner.POLL, "connect_timeout": 3}
            async with bench.running(bench.collector(bench.target(server), **config)):
                await bench.clock.steps.step()
                await bench.store.until(lambda: len(bench.store.calls) >= 2)
        assert [one.begins for one in bench.store.notifications[:2]] == [True, True]
        assert not any(one.synced for one in bench.store.notifications)
        assert server.calls == ["Capabilities", "Subscribe"]

    asyncio.run(hear())
