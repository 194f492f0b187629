"""How streams of the lab's server end and begin again, and what a full queue drops."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc  # type: ignore[import-untyped]  # ships no types

from monitor.collect.gnmi import GnmiTarget
from monitor.collect.gnmi.queue import Frame
from monitor.collect.gnmi.subscriber import Subscriber

NewBench = Callable[[], Any]


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
            meters = bench.cube.cube.meters(bench.cube.clock())
            meters["X" * 9000] = meters["CUBE_T_STD"]
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
