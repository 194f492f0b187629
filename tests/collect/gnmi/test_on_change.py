"""Paths that are sent on change: where a device says so, and where it turns out not to."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from pygnmi.spec.v080 import gnmi_pb2  # type: ignore[import-untyped]  # ships no types

from monitor.collect.gnmi.config import Mode, PathConfig
from monitor.collect.gnmi.on_change import covers, offered
from monitor.domain.facts import FactName
from monitor.domain.yang import DEFAULTS, Purpose, path_of

NewBench = Callable[[], Any]
HA, USAGE = (
    next(one for one in DEFAULTS if one.purpose is it) for it in (Purpose.HA, Purpose.USAGE)
)


def entry(xpath: str, supported: Any) -> dict[str, Any]:
    return {"xpath": xpath, "on-change-supported": supported}


def modes(subscription: Any) -> dict[str, tuple[int, int, int]]:
    """Last element -> mode, sample and heartbeat interval in seconds."""
    return {
        one.path.elem[-1].name: (
            one.mode, one.sample_interval // 10**9, one.heartbeat_interval // 10**9,
        )
        for one in subscription.subscription
    }  # fmt: skip


SAMPLED, CHANGING = (gnmi_pb2.SAMPLE, 60, 0), (gnmi_pb2.ON_CHANGE, 0, 60)


def test_what_a_device_says_it_sends_on_change_is_asked_for_so(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        bench.cube.tells_on_change, bench.cube.on_change = True, frozenset({"ha-oper-data"})
        async with bench.hearing(bench.server()) as server:
            store = bench.store
            await store.until(lambda: store.value(FactName.HA_STATE) == "active")
            asked = modes(server.subscriptions[0])
            assert (asked["ha-infra"], asked["usage"]) == (CHANGING, SAMPLED)
            bench.cube.fail_over()
            bench.clock.at += 1
            await bench.device.step()
            await store.until(lambda: store.value(FactName.HA_STATE) == "standby_hot")
            # Nothing changes: what was said is said again with the heartbeat only.
            heard = _told_of_redundancy(bench)
            bench.clock.at += 30
            await bench.device.step()
            await store.until(lambda: len(store.calls) >= 3)
            assert _told_of_redundancy(bench) == heard
            bench.clock.at += 31
            await bench.device.step()
            await store.until(lambda: _told_of_redundancy(bench) == heard + 1)
        assert server.calls == ["Capabilities", "Get", "Subscribe"]

    asyncio.run(hear())


def _told_of_redundancy(bench: Any) -> int:
    return sum(
        "ha-oper-data" in str(path) for one in bench.store.notifications for path, _ in one.updates
    )


def test_a_device_that_says_nothing_of_changes_is_sampled(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        bench.cube.on_change = frozenset({"ha-oper-data"})
        async with bench.hearing(bench.server()) as server:
            await bench.store.until(lambda: bool(bench.store.calls))
        assert set(modes(server.subscriptions[0]).values()) == {SAMPLED, (gnmi_pb2.SAMPLE, 10, 0)}
        assert "Get" not in server.calls

    asyncio.run(hear())


def test_a_path_that_is_refused_on_change_is_sampled_from_then_on(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        bench.cube.on_change = frozenset({"ha-oper-data"})
        paths = tuple(PathConfig(path=one, mode=Mode.ON_CHANGE) for one in ("ha", "usage", "trust"))
        server = bench.server()
        async with bench.hearing(server, paths=paths):
            await bench.clock.steps.step()
            await bench.store.until(lambda: bench.store.value(FactName.HA_STATE) == "active")
            asked = modes(server.subscriptions[-1])
        assert asked == {"ha-infra": CHANGING, "usage": SAMPLED, "trust-code": SAMPLED}
        assert bench.clock.steps.pauses[0] == 2.5
        # The whole, each path by itself, and what is left.
        assert server.calls.count("Subscribe") == 1 + 3 + 1
        assert bench.count("gnmi_stream_ends_total", code="invalid_argument") == 1

    asyncio.run(hear())


def test_a_device_that_promises_too_much_is_sampled(new_bench: NewBench) -> None:
    async def hear() -> None:
        bench = new_bench()
        bench.cube.tells_on_change, bench.cube.on_change = True, frozenset({"ha-oper-data"})
        server = bench.server(keeps_its_word=False)
        async with bench.hearing(server):
            await bench.clock.steps.step()
            await bench.store.until(lambda: bench.store.value(FactName.HA_STATE) == "active")
        first, last = server.subscriptions[0], server.subscriptions[-1]
        assert (modes(first)["ha-infra"], modes(last)["ha-infra"]) == (CHANGING, SAMPLED)
        assert server.calls.count("Get") == 1

    asyncio.run(hear())


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([{"mdt-capability": [entry("/ha-ios-xe-oper:ha-oper-data", "true")]}], True),
        ([{"a": {"b": [{"c": [entry("/ha-ios-xe-oper:ha-oper-data/ha-infra", ["x"])]}]}}], True),
        ([entry("/Cisco-IOS-XE-ha-oper:ha-oper-data", True)], True),
        ([entry("/ha-ios-xe-oper:ha-oper-data", "not-supported")], False),
        ([entry("/ha-ios-xe-oper:ha-oper-data", False)], False),
        ([entry("/ha-ios-xe-oper:ha-oper-data", [])], False),
        ([entry("/ha-ios-xe-oper:ha-oper-data/ha-infra/below", "true")], False),
        ([entry("/other:ha-oper-data", "true")], False),
        ([{"xpath": 7, "on-change-supported": "true"}], False),
        ([{"xpath": "/ha-ios-xe-oper:ha-oper-data"}], False),
        ([None, "text", 5], False),
    ],
)
def test_offers_are_found_wherever_they_stand(told: list[Any], expected: bool) -> None:
    offers = offered(json.dumps(one).encode() for one in told)
    assert covers(offers, HA) is expected
    assert not covers(offers, USAGE)
    assert not covers(offers, path_of("/Some-module:a/b"))


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_offers_nothing(text: bytes) -> None:
    assert offered([text]) == frozenset()
