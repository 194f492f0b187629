"""Schedule, queue, plan and messages by themselves."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from monitor.collect.gnmi import GnmiConfig, GnmiTarget, check_targets, messages
from monitor.collect.gnmi.config import Encoding, Mode, PathConfig
from monitor.collect.gnmi.messages import Capabilities
from monitor.collect.gnmi.plan import plan
from monitor.collect.gnmi.queue import OVERHEAD, Frame, FrameQueue
from monitor.collect.gnmi.schedule import (
    Pace,
    first_wait,
    slower_keepalive,
    stale_after,
    wait_after_end,
    wait_after_refusal,
)
from monitor.domain.yang import LICENSE, VOICE, About, Origin
from monitor.errors import ConfigError, ParseError
from monitor.instrument import Instruments, TelemetryInstruments


def _instruments() -> TelemetryInstruments:
    return Instruments(CollectorRegistry()).telemetry


def _frame(device: str, size: int = 100, *, begins: bool = False) -> Frame:
    return Frame(
        device=device,
        received=0.0,
        payload=bytes(size - OVERHEAD) if size > OVERHEAD else b"",
        authenticated=True,
        begins=begins,
    )


@given(st.integers(1, 1_000_000), st.floats(0, 1, exclude_max=True))
def test_pauses_grow_to_a_cap_and_never_beyond(failures: int, chance: float) -> None:
    pace = Pace()
    wait = wait_after_end(pace, failures, chance)
    assert pace.retry_first / 2 <= wait <= pace.retry_longest
    assert wait <= wait_after_end(pace, failures + 1, chance)
    assert pace.refused_first <= wait_after_refusal(pace, failures, chance) <= 1.25 * 86_400
    assert 0 <= first_wait(pace, chance) < pace.spread


def test_pings_become_rarer_to_a_cap() -> None:
    assert slower_keepalive(300) == 600
    assert slower_keepalive(7000) == 7200
    assert (stale_after(60, 90), stale_after(10, 90)) == (180, 90)


def test_what_finds_no_room_is_dropped_counted_and_told_with_the_next() -> None:
    async def fill() -> None:
        queue = FrameQueue(10 * 1000, _instruments())
        for device in "abcdefghij":
            assert queue.offer(_frame(device, 1000))
        assert not queue.offer(_frame("k", 1000, begins=True))
        assert not queue.offer(_frame("k", 1000))
        assert (queue.bytes, queue.dropped) == (10_000, 2)
        taken = await queue.take(3000)
        assert [frame.device for frame in taken] == ["a", "b", "c"]
        assert queue.bytes == 10_000
        queue.settle(taken)
        assert queue.offer(_frame("k", 1000))
        assert queue.bytes == 8000
        last = (await queue.take(1 << 20))[-1]
        assert (last.device, last.lost, last.begins) == ("k", 2, True)

    asyncio.run(fill())


def test_one_device_does_not_crowd_out_the_others() -> None:
    queue = FrameQueue(80_000, _instruments())
    accepted = sum(queue.offer(_frame("noisy", 1000)) for _ in range(100))
    assert accepted == 10
    assert queue.offer(_frame("quiet", 1000))


CAPABILITIES = Capabilities(
    models={LICENSE: "2021-03-01"}, encodings=frozenset({Encoding.PROTO}), version="0.7.0"
)
TARGET = GnmiTarget(host="192.0.2.1", credential=None)


def test_without_capabilities_release_and_platform_decide() -> None:
    config = GnmiConfig()
    about = About(release="17.3.2", platform="ASR1001-X")
    chosen = plan(config, TARGET, capabilities=None, about=about)
    last = {one.elements[-1] for one in chosen.wanted}
    assert not last & {"rum-ack", "ack-required", "trust-code", "sip-call-legs", "ha-infra"}
    assert "usage" in last
    assert chosen.encoding is Encoding.JSON_IETF


def test_a_device_without_models_that_are_known_is_asked_nothing() -> None:
    capabilities = Capabilities(models={"x": ""}, encodings=frozenset(), version="")
    assert plan(GnmiConfig(), TARGET, capabilities=capabilities, about=About()).wanted == ()


def test_the_encoding_is_what_is_offered_or_said() -> None:
    chosen = plan(GnmiConfig(), TARGET, capabilities=CAPABILITIES, about=About())
    assert chosen.encoding is Encoding.PROTO
    said = TARGET.model_copy(update={"encoding": Encoding.JSON})
    assert plan(GnmiConfig(), said, capabilities=CAPABILITIES, about=About()).encoding == "json"


@pytest.mark.parametrize(
    ("origin", "first", "said"),
    [
        (Origin.RFC7951, f"{VOICE}:voice-oper-data", "rfc7951"),
        (Origin.LEGACY, "voice-ios-xe-oper:voice-oper-data", "legacy"),
        (Origin.OPENCONFIG, "voice-oper-data", "openconfig"),
        (Origin.NONE, f"{VOICE}:voice-oper-data", ""),
    ],
)
def test_paths_are_written_as_the_origin_wants(origin: Origin, first: str, said: str) -> None:
    config = GnmiConfig(origin=origin, paths=(PathConfig(path="calls"),))
    (wanted,) = plan(config, TARGET, capabilities=None, about=About()).wanted
    assert (wanted.elements[0], wanted.origin, wanted.interval) == (first, said, 10)


def test_a_usage_list_that_is_not_sampled_proves_nothing_by_silence() -> None:
    paths = (PathConfig(path="usage", mode=Mode.ON_CHANGE),)
    config = GnmiConfig(paths=paths)
    assert plan(config, TARGET, capabilities=None, about=About()).sample_seconds == 0


def test_paths_intervals_and_ways_are_checked() -> None:
    with pytest.raises(ValidationError, match="write /module:name"):
        PathConfig(path="licensing")
    with pytest.raises(ValidationError, match="either `tls` or `plaintext"):
        GnmiTarget.model_validate({"host": "h", "plaintext": True, "tls": {"ca": "x"}})
    with pytest.raises(ValidationError, match="both `cert` and `key`"):
        GnmiTarget.model_validate({"host": "h", "tls": {"cert": "x"}})
    assert GnmiTarget(host="h").address == "h:9339"
    assert GnmiTarget(host="2001:db8::1", plaintext=True).address == "[2001:db8::1]:50052"
    own = PathConfig(path="/Some-module:a/b").yang()
    assert own.named(Origin.LEGACY) == ("a", "b")


def test_an_unknown_credential_is_named() -> None:
    with pytest.raises(ConfigError, match="no gNMI credential named 'default'"):
        check_targets(GnmiConfig(), {"cube-1": GnmiTarget(host="h")})


@pytest.mark.parametrize("payload", [b"\xff", b"\x0a\xff", b"garbage"])
def test_what_is_no_message_is_refused(payload: bytes) -> None:
    for read in (messages.subscribed, messages.got):
        with pytest.raises(ParseError):
            list(read(payload))
    with pytest.raises(ParseError):
        messages.capabilities(payload)
    assert not messages.is_sync(payload)
    assert messages.is_sync(messages.SYNC)
