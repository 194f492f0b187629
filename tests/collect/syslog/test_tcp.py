"""Syslog over TCP, on real sockets: framing, back-pressure, caps, time-outs and the end."""

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

import pytest

from monitor.collect.syslog.tcp import SyslogTcpConfig
from monitor.errors import CollectError

if TYPE_CHECKING:
    from tests.collect.conftest import Bench, Inbox
    from tests.collect.syslog.conftest import Tcp

LINE = b"<189>4183: Apr  3 15:11:54.207: %CUBE-5-LICENSE_INFO: Requesting for 3 CUBE Enhanced"
DEADLINE = 20.0


def counted(*messages: bytes) -> bytes:
    return b"".join(b"%d %s" % (len(message), message) for message in messages)


def lines(*messages: bytes) -> bytes:
    return b"".join(message + b"\n" for message in messages)


def test_both_framings_arrive_side_by_side(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    numbered = [b"<189>%d: text" % number for number in range(1000)]

    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            first, second = (
                await tcp.opened(collector.port),
                await tcp.opened(collector.port, "127.0.0.2"),
            )
            await tcp.send(first, counted(*numbered))
            await tcp.send(second, lines(*numbered))
            await inbox.until_messages(2000)
            first.close()
            second.close()
            await bench.until_value("syslog_tcp_connections", 0)
        return inbox

    inbox = asyncio.run(story())

    for source in ("127.0.0.1", "127.0.0.2"):
        assert [message for sender, message in inbox.frames if sender == source] == numbered
    assert {batch.transport for batch in inbox.batches} == {"tcp"}


def test_ten_thousand_lines_over_a_hundred_connections(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    async def one(port: int, name: int) -> None:
        sock = await tcp.opened(port)
        for number in range(100):
            await tcp.send(sock, b"<189>%d: %d\n" % (number, name))
        sock.close()

    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            await asyncio.gather(*(one(collector.port, name) for name in range(100)))
            await inbox.until_messages(10_000)
        return inbox

    inbox = asyncio.run(story())

    for name in range(100):
        mine = [message for message in inbox.messages if message.endswith(b": %d" % name)]
        assert mine == [b"<189>%d: %d" % (number, name) for number in range(100)]


def test_a_full_intake_stops_reading_and_nothing_is_lost(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    total = 200_000

    async def story() -> "tuple[Inbox, bool]":
        inbox = new_inbox()
        inbox.close()
        collector = SyslogTcpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            sock = await tcp.opened(collector.port)
            data = b"".join(b"<189>%d: padding padding padding padding\n" % n for n in range(total))
            sending = asyncio.create_task(tcp.send(sock, data))
            await inbox.waiting_for_room.wait()
            late = await tcp.opened(collector.port)
            await tcp.send(late, b"late\n")
            for _ in range(200):
                await asyncio.sleep(0)
            stuck = not sending.done()
            inbox.open()
            await sending
            await inbox.until_messages(total + 1)
            sock.close()
            late.close()
        return inbox, stuck

    inbox, stuck = asyncio.run(story())

    assert stuck
    numbers = [int(m[5:].split(b":")[0]) for m in inbox.messages if m != b"late"]
    assert numbers == list(range(total))
    assert inbox.turned_away >= 1


@pytest.mark.parametrize(
    "ending", [b"", b"<189>2: last, without an end"], ids=["ended", "not ended"]
)
def test_the_end_of_a_connection_ends_its_last_line(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp", ending: bytes
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            sock = await tcp.opened(collector.port)
            await tcp.send(sock, b"<189>1: first\n" + ending)
            sock.close()
            await bench.until_value("syslog_tcp_connections", 0)
            await inbox.until_messages(1 + bool(ending))
        return inbox

    assert asyncio.run(story()).messages == [b"<189>1: first", *filter(None, [ending])]


def test_a_reset_loses_nothing_that_was_read(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            sock = await tcp.opened(collector.port)
            await tcp.send(sock, b"<189>1: first\n<189>2: half")
            await inbox.until_messages(1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
            await inbox.until_messages(2)
        return inbox

    assert asyncio.run(story()).messages == [b"<189>1: first", b"<189>2: half"]


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6_takes_ipv4_too(bench: "Bench", new_inbox: "type[Inbox]") -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(host="::", port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            for number, host in enumerate(("127.0.0.1", "::1"), start=1):
                with socket.create_connection((host, collector.port)) as sock:
                    sock.sendall(LINE + b"\n")
                await inbox.until_messages(number)
        return inbox

    assert asyncio.run(story()).frames == [("127.0.0.1", LINE), ("::1", LINE)]


# The end of the service


def test_a_stop_half_closes_and_reads_to_the_end(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox) as task:
            sock = await tcp.opened(collector.port)
            await tcp.send(sock, b"<189>1: before\n")
            await inbox.until_messages(1)
            task.cancel()
            assert await tcp.closed_by_peer(sock)
            # What a sender still had on its way when it noticed.
            await tcp.send(sock, lines(*[LINE] * 20_000) + b"<189>3: no end")
            sock.close()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return inbox

    inbox = asyncio.run(story())

    assert inbox.messages == [b"<189>1: before", *[LINE] * 20_000, b"<189>3: no end"]


def test_a_stop_takes_in_connections_that_nobody_has_looked_at(
    bench: "Bench", new_inbox: "type[Inbox]"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            # Blocking calls: the loop has not run since, only the kernel has accepted.
            for number in range(20):
                with socket.create_connection(("127.0.0.1", collector.port)) as sock:
                    sock.sendall(b"<189>%d: in the backlog\n" % number)
        return inbox

    messages = asyncio.run(story()).messages

    assert sorted(messages) == sorted(b"<189>%d: in the backlog" % n for n in range(20))


def test_a_stop_under_back_pressure_loses_nothing(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox) as task:
            inbox.close()
            sock = await tcp.opened(collector.port)
            sending = asyncio.create_task(tcp.send(sock, lines(*[LINE] * 100_000)))
            sending.add_done_callback(lambda _: sock.close())
            await inbox.waiting_for_room.wait()
            task.cancel()
            for _ in range(50):
                await asyncio.sleep(0)
            inbox.open()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await sending
        return inbox

    inbox = asyncio.run(story())

    assert len(inbox.messages) == 100_000
    assert bench.value("syslog_dropped_total", transport="tcp", reason="shutdown") == 0


def test_a_stop_does_not_wait_for_a_sender_that_never_ends(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0, drain_seconds=0.2).build(bench.instruments)
        async with bench.running(collector, inbox) as task:
            sock = await tcp.opened(collector.port)
            await tcp.send(sock, b"<189>1: unfinished")
            await bench.until_value("syslog_tcp_connections", 1)
            task.cancel()
            await asyncio.wait({task}, timeout=DEADLINE)
            assert task.done()
            sock.close()
        return inbox

    assert asyncio.run(story()).messages == [b"<189>1: unfinished"]


def test_what_nobody_takes_at_the_end_is_counted(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0, drain_seconds=0.1).build(bench.instruments)
        async with bench.running(collector, inbox):
            inbox.close()
            sock = await tcp.opened(collector.port)
            await tcp.send(sock, lines(LINE, LINE, LINE))
            await inbox.waiting_for_room.wait()
            sock.close()
        return inbox

    assert asyncio.run(story()).messages == []
    assert bench.value("syslog_dropped_total", transport="tcp", reason="shutdown") == 3


def test_the_port_is_free_for_the_next_start(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp", free_port: int
) -> None:
    async def story() -> "list[bytes]":
        inbox = new_inbox()
        for number in range(3):
            collector = SyslogTcpConfig(port=free_port).build(bench.instruments)
            async with bench.running(collector, inbox):
                sock = await tcp.opened(free_port)
                await tcp.send(sock, b"%d\n" % number)
                await inbox.until_messages(number + 1)
                sock.close()
        return inbox.messages

    assert asyncio.run(story()) == [b"0", b"1", b"2"]


def test_a_taken_port_says_what_to_do(bench: "Bench", new_inbox: "type[Inbox]") -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        collector = SyslogTcpConfig(port=port).build(bench.instruments)

        with pytest.raises(CollectError, match=rf"TCP 127\.0\.0\.1 port {port}.*in use.*ss -ltnp"):
            asyncio.run(collector.run(new_inbox()))
