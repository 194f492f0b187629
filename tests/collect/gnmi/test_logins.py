"""Logins and certificates of the collector against the lab's server: refused, missing, other."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from monitor.collect.gnmi.subscriber import Subscriber
from monitor.wire import LoginOutcome

NewBench = Callable[[], Any]


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
            told: list[LoginOutcome] = []
            collector.logins = told.append
            first = Subscriber("cube-1", bench.target(server), hub)
            second = Subscriber("cube-2", bench.target(server), hub)
            assert (await first.hear()).code == "unauthenticated"
            assert (await second.hear()).code == "credential_resting"
            assert server.calls == ["Capabilities"]
            bench.clock.at += 901
            assert (await second.hear()).code == "unauthenticated"
            names = [(one.device, one.manner, one.refused) for one in told]
            assert names == [("cube-1", "gnmi", True), ("cube-2", "gnmi", True)]

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
