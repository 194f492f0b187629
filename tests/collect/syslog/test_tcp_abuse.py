"""Senders over TCP that are too many, too slow, too silent, or that send nonsense."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from monitor.collect.syslog.connections import Connections
from monitor.collect.syslog.tcp import SyslogTcpConfig

if TYPE_CHECKING:
    from tests.collect.conftest import Bench, Inbox
    from tests.collect.syslog.conftest import Tcp

LINE = b"<189>4183: Apr  3 15:11:54.207: %CUBE-5-LICENSE_INFO: Requesting for 3 CUBE Enhanced"
DEADLINE = 20.0


def test_caps_turn_connections_away_and_count_them(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        config = SyslogTcpConfig(port=0, max_connections=5, max_per_source=3)
        collector = config.build(bench.instruments)
        async with bench.running(collector, inbox):
            mine = [await tcp.opened(collector.port) for _ in range(4)]
            assert await tcp.closed_by_peer(mine[3])
            others = [await tcp.opened(collector.port, "127.0.0.2") for _ in range(3)]
            assert await tcp.closed_by_peer(others[2])
            await tcp.send(mine[0], b"<189>1: served\n")
            await inbox.until_messages(1)
            mine[1].close()
            await bench.until_value("syslog_tcp_connections", 4)
            again = await tcp.opened(collector.port)
            await tcp.send(again, b"<189>2: room again\n")
            await inbox.until_messages(2)
            for sock in (*mine, *others, again):
                sock.close()
        return inbox

    inbox = asyncio.run(story())

    assert inbox.messages == [b"<189>1: served", b"<189>2: room again"]
    assert bench.value("syslog_tcp_refused_total", reason="too_many_from_source") == 1
    assert bench.value("syslog_tcp_refused_total", reason="too_many") == 1


def test_slow_senders_are_closed_and_hold_up_nobody(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        config = SyslogTcpConfig(port=0, max_per_source=600, unfinished_seconds=0.3)
        collector = config.build(bench.instruments)
        async with bench.running(collector, inbox):
            slow = [await tcp.opened(collector.port) for _ in range(500)]
            for sock in slow:
                await tcp.send(sock, b"<")
            brisk = await tcp.opened(collector.port)
            await tcp.send(brisk, (LINE + b"\n") * 100)
            await inbox.until(lambda: inbox.messages.count(LINE) == 100)
            for sock in slow:
                # The peer may already have closed it.
                with contextlib.suppress(ConnectionError):
                    await tcp.send(sock, b"1")
            await bench.until_value("syslog_tcp_connections", 1)
            await tcp.send(brisk, b"<189>2: still here\n")
            await inbox.until(lambda: b"<189>2: still here" in inbox.messages)
            for sock in (*slow, brisk):
                sock.close()
        return inbox

    inbox = asyncio.run(story())

    assert bench.value("syslog_tcp_refused_total", reason="unfinished") == 500
    assert sum(message in {b"<", b"<1"} for message in inbox.messages) == 500


def test_idle_connections_are_closed(bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp") -> None:
    async def story() -> None:
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0, idle_seconds=0.1).build(bench.instruments)
        async with bench.running(collector, inbox):
            silent = await tcp.opened(collector.port)
            assert await tcp.closed_by_peer(silent)
            silent.close()

    asyncio.run(story())

    assert bench.value("syslog_tcp_refused_total", reason="idle") == 1


def test_waiting_for_us_is_no_time_out(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp", monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeps: list[float] = []

    def sweep(connections: Connections, now: float, real: Any = Connections.sweep) -> None:
        sweeps.append(now)
        real(connections, now)

    monkeypatch.setattr(Connections, "sweep", sweep)

    async def story() -> "Inbox":
        inbox = new_inbox()
        inbox.close()
        config = SyslogTcpConfig(port=0, idle_seconds=0.08, unfinished_seconds=0.08)
        collector = config.build(bench.instruments)
        async with bench.running(collector, inbox):
            sock = await tcp.opened(collector.port)
            await tcp.send(sock, b"<189>1: whole\n<189>2: ha")
            await inbox.waiting_for_room.wait()
            # Several sweeps long nobody reads.
            await bench.until(lambda: len(sweeps) > 10)
            inbox.open()
            await tcp.send(sock, b"lf\n")
            await inbox.until_messages(2)
            sock.close()
        return inbox

    assert asyncio.run(story()).messages == [b"<189>1: whole", b"<189>2: half"]


@pytest.mark.parametrize("count", [b"4294967296 <", b"007 <", b"0 <", b"99999999999999999999 <"])
def test_an_impossible_count_costs_no_memory(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp", count: bytes
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            sock = await tcp.opened(collector.port)
            await tcp.send(sock, b"12 <189>1: good" + count)
            assert await tcp.closed_by_peer(sock)
            sock.close()
        return inbox

    assert asyncio.run(story()).messages == [b"<189>1: good"]
    assert bench.value("syslog_tcp_refused_total", reason="framing") == 1


def test_ten_megabytes_without_a_line_end_are_one_cut_message(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0, max_line=2048).build(bench.instruments)
        async with bench.running(collector, inbox):
            sock = await tcp.opened(collector.port)
            await tcp.send(sock, b"<189>" + b"x" * 10_000_000 + b"\n" + LINE + b"\n")
            await inbox.until_messages(2)
            sock.close()
        return inbox

    inbox = asyncio.run(story())

    assert [len(message) for message in inbox.messages] == [2048, len(LINE)]
    assert bench.value("syslog_cut_total", transport="tcp") == 1


def test_nul_and_bytes_that_are_no_text_pass(
    bench: "Bench", new_inbox: "type[Inbox]", tcp: "Tcp"
) -> None:
    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = SyslogTcpConfig(port=0).build(bench.instruments)
        async with bench.running(collector, inbox):
            first, second = (
                await tcp.opened(collector.port),
                await tcp.opened(collector.port, "127.0.0.2"),
            )
            await tcp.send(first, b"<189>1: one\0<189>2: \xff\xfe\r\n\0\0\n")
            await tcp.send(second, b"15 <189>3: \0\xff\nmore")
            await inbox.until_messages(3)
            first.close()
            second.close()
        return inbox

    inbox = asyncio.run(story())

    assert set(inbox.messages) == {b"<189>1: one", b"<189>2: \xff\xfe", b"<189>3: \0\xff\nmore"}
