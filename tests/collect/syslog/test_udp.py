"""Syslog over UDP, on real sockets."""

import asyncio
import contextlib
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from monitor.collect.syslog.udp import SyslogUdpConfig
from monitor.errors import CollectError

if TYPE_CHECKING:
    from tests.collect.conftest import Bench, Inbox

LINE = b"<189>4183: Apr  3 15:11:54.207: %CUBE-5-LICENSE_INFO: Requesting for 3 CUBE Enhanced"


def sender(family: socket.AddressFamily = socket.AF_INET) -> socket.socket:
    return socket.socket(family, socket.SOCK_DGRAM)


def send(port: int, *messages: bytes, host: str = "127.0.0.1") -> None:
    with sender(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
        for message in messages:
            sock.sendto(message, (host, port))


def test_datagrams_arrive_in_order_with_their_source(
    bench: "Bench", new_inbox: "type[Inbox]"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogUdpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            send(collector.port, *(b"%d" % number for number in range(100)))
            await inbox.until_messages(100)
        return inbox

    before = time.time()
    inbox = asyncio.run(story())

    assert inbox.frames == [("127.0.0.1", b"%d" % number) for number in range(100)]
    assert {batch.transport for batch in inbox.batches} == {"udp"}
    assert all(before <= batch.received <= time.time() for batch in inbox.batches)


def test_a_burst_comes_in_few_batches_and_without_loss(
    bench: "Bench", new_inbox: "type[Inbox]"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogUdpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            send(collector.port, *[LINE] * 3000)
            await inbox.until_messages(3000)
        return inbox

    inbox = asyncio.run(story())

    assert len(inbox.messages) == 3000
    assert len(inbox.batches) < 100
    assert bench.value("syslog_kernel_drops_total", transport="udp") == 0


def test_what_a_full_queue_turns_away_is_counted(bench: "Bench", new_inbox: "type[Inbox]") -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogUdpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            inbox.close()
            send(collector.port, *[LINE] * 50)
            await bench.until_value(
                "syslog_dropped_total", 50, transport="udp", reason="queue_full"
            )
            inbox.open()
            send(collector.port, b"after")
            await inbox.until_messages(1)
        return inbox

    inbox = asyncio.run(story())

    assert inbox.messages == [b"after"]


def test_kernel_drops_are_counted_to_the_last_one(bench: "Bench", new_inbox: "type[Inbox]") -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogUdpConfig(port=0, receive_buffer=4096).build(bench.instruments)
        async with bench.running(collector, inbox):
            # Nobody reads while this runs: the loop is ours.
            send(collector.port, *[LINE] * 1000)
        return inbox

    inbox = asyncio.run(story())

    dropped = bench.value("syslog_kernel_drops_total", transport="udp")
    assert dropped > 900
    assert len(inbox.messages) + dropped == 1000


def test_the_granted_buffer_is_told(bench: "Bench", new_inbox: "type[Inbox]") -> None:
    async def story() -> None:
        collector = SyslogUdpConfig(port=0, receive_buffer=100_000).build(bench.instruments)
        async with bench.running(collector, new_inbox()):
            pass

    asyncio.run(story())

    assert bench.value("syslog_receive_buffer_bytes", transport="udp") == 200_000


def test_long_datagrams_are_cut_and_counted(bench: "Bench", new_inbox: "type[Inbox]") -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogUdpConfig(port=0, max_message=1000).build(bench.instruments)
        async with bench.running(collector, inbox):
            send(collector.port, b"x" * 1000, b"y" * 1001, b"z" * 65_507, b"", b"\0\xff")
            await inbox.until_messages(5)
        return inbox

    inbox = asyncio.run(story())

    assert inbox.messages == [b"x" * 1000, b"y" * 1000, b"z" * 1000, b"", b"\0\xff"]
    assert bench.value("syslog_cut_total", transport="udp") == 2


def test_a_stop_hands_on_what_the_socket_holds(bench: "Bench", new_inbox: "type[Inbox]") -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogUdpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            send(collector.port, *[LINE] * 5000)
        return inbox

    inbox = asyncio.run(story())

    assert len(inbox.messages) == 5000


def test_a_stop_waits_for_room(bench: "Bench", new_inbox: "type[Inbox]") -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogUdpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox) as task:
            inbox.close()
            send(collector.port, LINE)
            task.cancel()
            await inbox.waiting_for_room.wait()
            inbox.open()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return inbox

    inbox = asyncio.run(story())

    assert inbox.messages == [LINE]


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6_takes_ipv4_too_and_tells_plain_addresses(
    bench: "Bench", new_inbox: "type[Inbox]"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogUdpConfig(host="::", port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            send(collector.port, b"four")
            await inbox.until_messages(1)
            send(collector.port, b"six", host="::1")
            await inbox.until_messages(2)
        return inbox

    inbox = asyncio.run(story())

    assert inbox.frames == [("127.0.0.1", b"four"), ("::1", b"six")]


def test_a_taken_port_says_what_to_do(bench: "Bench", new_inbox: "type[Inbox]") -> None:
    with sender() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        collector = SyslogUdpConfig(port=port).build(bench.instruments)

        with pytest.raises(CollectError, match=rf"UDP 127\.0\.0\.1 port {port}.*in use.*ss -lunp"):
            asyncio.run(collector.run(new_inbox()))


@pytest.mark.parametrize(
    ("host", "words"), [("192.0.2.1", "no such address"), ("no-such-host.invalid", "host")]
)
def test_a_wrong_host_says_what_to_do(
    bench: "Bench", new_inbox: "type[Inbox]", host: str, words: str
) -> None:
    collector = SyslogUdpConfig(host=host, port=0).build(bench.instruments)

    with pytest.raises(CollectError, match=words):
        asyncio.run(collector.run(new_inbox()))


def test_a_failing_socket_ends_the_collector(
    bench: "Bench", new_inbox: "type[Inbox]", monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        collector = SyslogUdpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, new_inbox()) as task:
            monkeypatch.setattr("monitor.collect.syslog.udp.SyslogBatch", _broken)
            send(collector.port, LINE)
            await task

    with pytest.raises(CollectError, match="UDP socket failed: Network is down"):
        asyncio.run(story())


def _broken(**_: object) -> None:
    raise OSError(100, "Network is down")


@pytest.mark.parametrize(
    "wrong", [{"port": 65_536}, {"prot": 514}, {"max_message": 0}, {"receive_buffer": 0}]
)
def test_a_wrong_setting_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        SyslogUdpConfig.model_validate(wrong)


def test_an_idle_socket_leaves_no_timer_behind(bench: "Bench", new_inbox: "type[Inbox]") -> None:
    async def story() -> None:
        inbox = new_inbox()
        collector = SyslogUdpConfig(port=0).build(bench.instruments)
        timers: list[asyncio.TimerHandle] = []
        loop = asyncio.get_running_loop()
        later = loop.call_later

        def noted(*call: Any) -> asyncio.TimerHandle:
            timers.append(later(*call))
            return timers[-1]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "call_later", noted)
            async with bench.running(collector, inbox):
                send(collector.port, LINE)
                await inbox.until_messages(1)
                reads = [timer for timer in timers if "_readable" in repr(timer)]
                assert reads
                # The read after the pause finds nothing, and sets no further timer.
                await bench.until(lambda: reads[-1].when() + 0.02 < loop.time())
                assert len([timer for timer in timers if "_readable" in repr(timer)]) == len(reads)

    asyncio.run(story())
