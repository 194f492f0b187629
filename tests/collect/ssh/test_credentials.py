"""Passwords, and what happens after one is refused, against SSH servers of the lab."""

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import Any

import asyncssh
import pytest

from monitor.collect.ssh import PollResult, SshTarget
from monitor.errors import ConfigError
from monitor.lab.console import Console
from monitor.wire import LoginOutcome

PASSWORD = "correct horse"  # noqa: S105 - of the lab's own servers
REST = 1800.0


@pytest.fixture
def consoles() -> list[Console]:
    return [
        Console(host_name=f"cube-{n}", answer=lambda command: "x\n", user="noc", password=PASSWORD)
        for n in range(4)
    ]


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("LAB_PASSWORD", PASSWORD)
    return monkeypatch


async def targets(stack: AsyncExitStack, consoles: list[Console]) -> dict[str, SshTarget]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    found = {}
    for console in consoles:
        acceptor = await stack.enter_async_context(await console.listen(key))
        found[console.host_name] = SshTarget(
            host="127.0.0.1", port=acceptor.get_port(), credential="lab", accept_first_key=True
        )
    return found


def config(bench: Any, **settings: object) -> Any:
    credential = {"user": "noc", "password": {"env": "LAB_PASSWORD"}}
    return bench.config(
        **{"credentials": {"lab": credential}, "commands": ["show clock"]} | settings
    )


def test_a_password_lets_us_in(
    bench: Any, desk: Any, consoles: list[Console], secret: object
) -> None:
    async def once() -> PollResult:
        async with AsyncExitStack() as stack:
            poller = bench.poller(config(bench), await targets(stack, consoles[:1]))
            result: PollResult = await poller.poll("cube-0", desk)
            return result

    assert asyncio.run(once()) is PollResult.OK
    assert [capture.text for capture in desk.captures] == ["x"]
    assert consoles[0].typed == ["terminal length 0", "terminal width 511", "show clock"]


def test_a_wrong_password_is_tried_once_on_one_device_of_many(
    bench: Any, desk: Any, clock: Any, consoles: list[Console], secret: pytest.MonkeyPatch
) -> None:
    secret.setenv("LAB_PASSWORD", "wrong")

    async def until_all_rest() -> list[float]:
        async with AsyncExitStack() as stack:
            poller = bench.poller(config(bench), await targets(stack, consoles), clock)
            async with asyncio.TaskGroup() as group:
                running = group.create_task(poller.run(desk))
                for _ in consoles:
                    await clock.pass_one()
                waits = [await clock.next_sleep() for _ in consoles]
                assert set(poller.resting) == {"lab"}
                running.cancel()
            return waits

    waits = asyncio.run(until_all_rest())
    assert sum(len(console.logins) for console in consoles) == 1
    assert bench.polls("login_refused") == 1
    assert bench.polls("credential_resting") == 3
    assert sorted(waits) == [REST, REST, REST, 2 * REST]


def test_after_its_rest_the_credential_is_tried_again_and_forgiven(
    bench: Any, desk: Any, clock: Any, consoles: list[Console], secret: pytest.MonkeyPatch
) -> None:
    async def story() -> list[PollResult]:
        async with AsyncExitStack() as stack:
            poller = bench.poller(config(bench), await targets(stack, consoles[:1]), clock)
            results = []
            for password, later in (("wrong", 0.0), ("wrong", REST), (PASSWORD, REST)):
                secret.setenv("LAB_PASSWORD", password)
                clock.at += later
                results.append(await poller.poll("cube-0", desk))
            clock.at += REST
            results.append(await poller.poll("cube-0", desk))
            assert not poller.resting
            return results

    refused, resting, ok = (
        PollResult.LOGIN_REFUSED, PollResult.CREDENTIAL_RESTING, PollResult.OK,
    )  # fmt: skip
    assert asyncio.run(story()) == [refused, refused, resting, ok]


def test_no_secret_is_logged(
    bench: Any,
    desk: Any,
    consoles: list[Console],
    secret: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret.setenv("LAB_PASSWORD", "wrong-but-secret")
    caplog.set_level(logging.DEBUG)

    async def once() -> None:
        async with AsyncExitStack() as stack:
            poller = bench.poller(config(bench), await targets(stack, consoles[:1]))
            await poller.poll("cube-0", desk)

    asyncio.run(once())
    assert "poll of cube-0 over ssh failed: login_refused" in caplog.text
    assert not any("secret" in str(vars(record)) for record in caplog.records)


def test_a_secret_that_cannot_be_read_is_a_counted_failure(
    bench: Any, desk: Any, consoles: list[Console], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAB_PASSWORD", raising=False)

    async def once() -> None:
        async with AsyncExitStack() as stack:
            poller = bench.poller(config(bench), await targets(stack, consoles[:1]))
            await poller.poll("cube-0", desk)

    asyncio.run(once())
    assert bench.polls("credential_unreadable") == 1
    assert not consoles[0].logins


def test_nobody_there(bench: Any, desk: Any, secret: object) -> None:
    lost = SshTarget(host="127.0.0.1", port=1, credential="lab")
    poller = bench.poller(config(bench), {"cube-0": lost})
    assert asyncio.run(poller.poll("cube-0", desk)) is PollResult.UNREACHABLE


def test_a_server_that_never_answers_is_given_up(bench: Any, desk: Any, secret: object) -> None:
    async def once() -> PollResult:
        over = asyncio.Event()

        async def tarpit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await over.wait()
            writer.close()

        async with await asyncio.start_server(tarpit, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            lost = SshTarget(host="127.0.0.1", port=port, credential="lab")
            poller = bench.poller(config(bench, connect_timeout=0.3), {"cube-0": lost})
            result: PollResult = await poller.poll("cube-0", desk)
            over.set()
            return result

    assert asyncio.run(once()) is PollResult.TIMEOUT


def test_a_target_without_its_credential_is_a_configuration_error(bench: Any) -> None:
    with pytest.raises(ConfigError, match="cube-0: no SSH credential named 'default'"):
        bench.poller(config(bench), {"cube-0": SshTarget(host="h")})


def test_unreadable_known_hosts_are_a_counted_failure(
    bench: Any, desk: Any, secret: object
) -> None:
    bench.known_hosts.mkdir()
    lost = SshTarget(host="127.0.0.1", port=1, credential="lab")
    poller = bench.poller(config(bench), {"cube-0": lost})
    assert asyncio.run(poller.poll("cube-0", desk)) is PollResult.KNOWN_HOSTS_UNREADABLE


def test_failures_back_off_and_success_returns_to_the_interval(
    bench: Any, desk: Any, clock: Any, consoles: list[Console], secret: object
) -> None:
    async def story() -> list[float]:
        async with AsyncExitStack() as stack:
            found = await targets(stack, consoles[:1])
            lost = {"cube-0": SshTarget(host="127.0.0.1", port=1, credential="lab")}
            waits = []
            for reachable in (lost, found):
                poller = bench.poller(config(bench), reachable, clock)
                async with asyncio.TaskGroup() as group:
                    running = group.create_task(poller.run(desk))
                    waits += [await clock.pass_one() for _ in range(3)]
                    await clock.next_sleep()
                    running.cancel()
            return waits

    assert asyncio.run(story()) == [0.0, 30.0, 60.0, 0.0, 6 * 3600.0, 6 * 3600.0]


def test_who_refuses_and_who_lets_us_in_is_told_by_name(
    bench: Any, desk: Any, clock: Any, consoles: list[Console], secret: pytest.MonkeyPatch
) -> None:
    async def story() -> list[LoginOutcome]:
        told: list[LoginOutcome] = []
        async with AsyncExitStack() as stack:
            poller = bench.poller(config(bench), await targets(stack, consoles[:2]), clock)
            poller.logins = told.append
            for password, device in (
                ("wrong", "cube-0"),
                ("wrong", "cube-1"),
                (PASSWORD, "cube-1"),
            ):
                secret.setenv("LAB_PASSWORD", password)
                await poller.poll(device, desk)
                clock.at += 4 * REST if device == "cube-1" else 0
        return told

    told = asyncio.run(story())
    # The second device was not tried while the credential rested: it refused nothing.
    assert [(one.device, one.credential, one.refused) for one in told] == [
        ("cube-0", "lab", True),
        ("cube-1", "lab", False),
    ]
    assert {one.manner for one in told} == {"ssh"}
