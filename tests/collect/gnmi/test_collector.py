"""The collector against the lab's server: what comes, what falls back, what is tried again."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc  # type: ignore[import-untyped]  # ships no types
import pytest

from monitor.collect.gnmi import GnmiTarget
from monitor.collect.gnmi.config import Manner, PathConfig
from monitor.collect.gnmi.queue import Frame
from monitor.collect.gnmi.subscriber import Subscriber
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


def test_a_wrong_password_is_refused_and_not_tried_again_soon(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        server = bench.server(password="another")  # noqa: S106 - of the lab alone
        async with bench.hearing(server):
            await bench.clock.steps.step()
        assert bench.clock.steps.pauses[0] == 900
        assert bench.count("gnmi_stream_ends_total", code="unauthenticated") >= 1

    asyncio.run(hear())


def test_a_refused_credential_is_not_tried_on_the_whole_fleet(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        server = bench.server(password="another")  # noqa: S106 - of the lab alone
        async with server.serving(bench.authority.issue("cube.lab")):
            collector = bench.collector(bench.target(server))
            hub = collector._hub
            first = Subscriber("cube-1", bench.target(server), hub)
            second = Subscriber("cube-2", bench.target(server), hub)
            assert (await first.hear()).code == "unauthenticated"
            assert (await second.hear()).code == "credential_resting"
            assert server.calls == ["Capabilities"]
            bench.clock.at += 901
            assert (await second.hear()).code == "unauthenticated"

    asyncio.run(hear())


def test_a_wrong_certificate_is_refused_before_the_password_is_shown(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        stranger = type(bench.authority)("Somebody Else").issue("cube.lab")
        server = bench.server()
        async with bench.hearing(server, stranger):
            await bench.clock.steps.step()
        assert server.calls == []
        assert bench.count("gnmi_stream_ends_total", code="certificate_refused") >= 1

    asyncio.run(hear())


def test_a_certificate_of_another_name_needs_that_name_said(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        identity = bench.authority.issue("cube.lab", loopback=False)
        async with bench.server().serving(identity) as server:
            refused = bench.collector(bench.target(server))
            async with bench.running(refused):
                await bench.clock.steps.step()
            assert server.calls == []
            tls = {"ca": str(bench.directory / "ca.pem"), "server_name": "cube.lab"}
            async with bench.running(bench.collector(bench.target(server, tls=tls))):
                await bench.store.until(lambda: bool(bench.store.calls))

    asyncio.run(hear())


def test_a_device_may_want_our_certificate(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        serving = bench.server().serving(
            bench.authority.issue("cube.lab"), client_authority=bench.authority.certificate
        )
        certificate, key = bench.authority.issue("monitor").write(bench.directory, "ours")
        async with serving as server:
            async with bench.running(bench.collector(bench.target(server))):
                await bench.clock.steps.step()
            assert server.calls == []
            tls = {
                "ca": str(bench.directory / "ca.pem"),
                "cert": str(certificate),
                "key": {"file": str(key)},
            }
            async with bench.running(bench.collector(bench.target(server, tls=tls))):
                await bench.store.until(lambda: bool(bench.store.calls))

    asyncio.run(hear())


def test_plaintext_is_said_and_counts_as_unauthenticated(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        async with bench.server().serving() as server:
            target = bench.target(server, plaintext=True)
            async with bench.running(bench.collector(target)):
                await bench.store.until(lambda: bool(bench.store.calls))
        assert not any(fact.authenticated for fact in bench.store.facts.values())

    asyncio.run(hear())


def test_a_stream_that_breaks_is_opened_again_with_growing_pauses(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        server = bench.server()
        async with server.serving(bench.authority.issue("cube.lab")):
            collector = bench.collector(bench.target(server))
        async with bench.running(collector):  # nobody listens any more
            for _ in range(4):
                await bench.clock.steps.step()
        assert bench.clock.steps.pauses[:4] == [2.5, 5.0, 10.0, 20.0]
        assert bench.count("gnmi_stream_ends_total", code="unavailable") >= 4

    asyncio.run(hear())


def test_every_status_is_an_end_and_then_a_new_beginning(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        codes = [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK]
        for code in codes:
            server = bench.server(aborts=code)
            async with server.serving(bench.authority.issue("cube.lab")):
                hub = bench.collector(bench.target(server))._hub
                subscriber = Subscriber("cube-1", bench.target(server), hub)
                for _ in range(2):
                    end = await subscriber.hear()
                    assert end.code == code.name.lower()
                    assert str(end) == f"{end.code}: asthe test wants"
                    bench.clock.at += 901
            assert server.calls.count("Subscribe") == 2

    asyncio.run(hear())


def test_too_many_pings_make_us_ping_less(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        async with bench.server().serving(bench.authority.issue("cube.lab")) as server:
            collector = bench.collector(bench.target(server), keepalive=0.05)
            async with bench.running(collector):
                await bench.clock.steps.step()
                await bench.clock.steps.step()
        assert bench.count("gnmi_stream_ends_total", code="too_many_pings") >= 1

    asyncio.run(hear())


def test_a_silent_stream_is_given_up(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        async with bench.server().serving(bench.authority.issue("cube.lab")) as server:
            collector = bench.collector(
                bench.target(server), stale=0.2, interval=0.05, calls_interval=0.05
            )
            async with bench.running(collector):
                await bench.clock.steps.step()
        assert bench.count("gnmi_stream_ends_total", code="stale") >= 1

    asyncio.run(hear())


def test_a_message_over_the_cap_ends_the_stream(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        async with bench.hearing(bench.server(), message_cap=4096):
            await bench.store.until(lambda: bool(bench.store.calls))
            bench.cube.cube.calls["X" * 9000] = bench.cube.cube.calls["CUBE_T_STD"]
            bench.cube.cube.meters["X" * 9000] = bench.cube.cube.meters["CUBE_T_STD"]
            await bench.device.step()
            await bench.clock.steps.step()
        assert bench.count("gnmi_stream_ends_total", code="resource_exhausted") >= 1

    asyncio.run(hear())


def test_what_a_stalled_store_cannot_take_is_dropped_and_counted(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        budget = 1 << 16
        async with bench.server().serving(bench.authority.issue("cube.lab")) as server:
            collector = bench.collector(bench.target(server), queue_bytes=budget)
            async with bench.running(collector):
                await bench.store.until(lambda: bool(bench.store.calls))
                bench.store.stall()
                for _ in range(60):
                    bench.clock.at += 10
                    await bench.device.step()
                    assert collector.queue.bytes <= budget
                await bench.until(lambda: bool(collector.queue.dropped))
                bench.store.go_on()
                for _ in range(3):
                    await bench.device.step()
                await bench.store.until(lambda: any(n.lost for n in bench.store.notifications))
                sent = 1 + 60 + 3  # the first, and the samples; and one sync
                await bench.until(
                    lambda: len(bench.store.notifications) + collector.queue.dropped == sent + 1
                )
        dropped = bench.count("telemetry_dropped_total", device="cube-1")
        assert dropped == collector.queue.dropped > 0
        assert sum(n.lost for n in bench.store.notifications) == dropped
        assert len(bench.store.notifications) + dropped == sent + 1

    asyncio.run(hear())


def test_a_poll_whose_answer_never_ends_is_read_and_the_next_one_sent(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        server = bench.server(syncs=False)
        async with server.serving(bench.authority.issue("cube.lab")):
            config = {"manner": Manner.POLL, "connect_timeout": 0.5}
            async with bench.running(bench.collector(bench.target(server), **config)):
                await bench.clock.steps.step()
                await bench.store.until(lambda: len(bench.store.calls) >= 2)
        assert [one.begins for one in bench.store.notifications[:2]] == [True, True]
        assert not any(one.synced for one in bench.store.notifications)
        assert server.calls == ["Capabilities", "Subscribe"]

    asyncio.run(hear())


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("password", None, "credential_unreadable"),
        ("password", "p\u00e4ssword", "credential_unusable"),
        ("password", "pass\tword", "credential_unusable"),
        ("ca.pem", None, "tls_files_unreadable"),
        ("ca.pem", "no certificate", "unavailable"),
    ],
)
def test_our_own_files_may_be_wrong(
    new_bench: NewBench, file: str, content: str | None, code: str
) -> None:
    async def hear() -> None:
        bench = new_bench()
        server = bench.server()
        async with server.serving(bench.authority.issue("cube.lab")):
            target = bench.target(server)
            (bench.directory / file).unlink()
            if content is not None:
                (bench.directory / file).write_text(content)
            end = await Subscriber("cube-1", target, bench.collector(target)._hub).hear()
        assert (end.code, server.calls) == (code, [])
        assert content is None or content not in str(end)

    asyncio.run(hear())


def test_what_is_no_message_is_counted_as_lost(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        collector = bench.collector(GnmiTarget(host="127.0.0.1", port=1, credential=None))
        frame = Frame(device="cube-1", received=1.0, payload=b"\xff", authenticated=True)
        async with bench.running(collector):
            collector.queue.offer(frame)
            await bench.store.until(lambda: bool(bench.store.notifications))
        assert bench.store.notifications[0].lost == 1
        labels = {"source": "gnmi", "result": "malformed"}
        assert bench.count("telemetry_notifications_total", **labels) == 1

    asyncio.run(hear())
