"""Old algorithms, enable passwords, jump hosts, taken lines: consoles of the lab over sockets."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import asyncssh
import pytest

from monitor.collect.ssh import Known, PollResult, SshTarget
from monitor.errors import ConfigError
from monitor.lab.console import OLD, Console

USER, PASSWORD = "noc", "correct horse"
ENABLE = "battery staple"
CLOCK = "14:20:11.052 UTC Wed Nov 25 2020\n"


def console(name: str = "cube", **settings: Any) -> Console:
    answers = {"show clock": CLOCK, "show version": "Cisco IOS XE Software, Version 17.09.04a\n"}
    return Console(
        host_name=name,
        answer=lambda command: answers.get(command, ""),
        user=USER,
        password=settings.pop("password", PASSWORD),
        **settings,
    )


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PASSWORD", PASSWORD)
    monkeypatch.setenv("JUMP_PASSWORD", "over the hedge")
    monkeypatch.setenv("LAB_ENABLE", ENABLE)


CREDENTIALS = {
    "lab": {"user": USER, "password": {"env": "LAB_PASSWORD"}},
    "jump": {"user": USER, "password": {"env": "JUMP_PASSWORD"}},
}


def target(port: int, **settings: object) -> SshTarget:
    given = {"host": "127.0.0.1", "port": port, "credential": "lab", "accept_first_key": True}
    return SshTarget.model_validate(given | settings)


async def poll(
    bench: Any, desk: Any, router: Console, *, times: int = 1, **settings: object
) -> list[PollResult]:
    key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    results: list[PollResult] = []
    async with await router.listen(key) as acceptor:
        config = bench.config(credentials=CREDENTIALS, commands=["show clock"])
        poller = bench.poller(config, {"cube": target(acceptor.get_port(), **settings)})
        results.extend([await poller.poll("cube", desk) for _ in range(times)])
    return results


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_old_algorithms_need_a_setting(bench: Any, desk: Any) -> None:
    router = console(algorithms=OLD)
    assert asyncio.run(poll(bench, desk, router)) == [PollResult.NO_COMMON_ALGORITHM]
    assert not router.logins
    assert asyncio.run(poll(bench, desk, router, legacy=True)) == [PollResult.OK]


def test_a_device_without_old_algorithms_is_not_weakened(bench: Any, desk: Any) -> None:
    assert asyncio.run(poll(bench, desk, console(), legacy=True)) == [PollResult.OK]


def test_the_enable_password_is_typed_where_the_prompt_asks_for_it(bench: Any, desk: Any) -> None:
    router = console(enable=ENABLE)
    enable = {"env": "LAB_ENABLE"}
    assert asyncio.run(poll(bench, desk, router, enable=enable)) == [PollResult.OK]
    assert router.typed == ["enable", "terminal length 0", "terminal width 511", "show clock"]
    assert [capture.text for capture in desk.captures] == [CLOCK.rstrip("\n")]


def test_enable_is_not_typed_without_the_setting_or_need(bench: Any, desk: Any) -> None:
    low, high = console(enable=ENABLE), console()
    asyncio.run(poll(bench, desk, low))
    asyncio.run(poll(bench, desk, high, enable={"env": "LAB_ENABLE"}))
    assert "enable" not in low.typed + high.typed


def test_a_wrong_enable_password_is_typed_once_and_counted(bench: Any, desk: Any) -> None:
    router = console(enable="another")
    enable = {"env": "LAB_ENABLE"}
    assert asyncio.run(poll(bench, desk, router, enable=enable)) == [PollResult.ENABLE_REFUSED]
    assert router.typed == ["enable"]
    assert bench.polls("enable_refused") == 1


def test_an_enable_password_that_cannot_be_read_opens_nothing(bench: Any, desk: Any) -> None:
    router = console()
    result = asyncio.run(poll(bench, desk, router, enable={"env": "LAB_NOWHERE"}))
    assert result == [PollResult.CREDENTIAL_UNREADABLE]
    assert not router.logins


def test_a_device_whose_lines_are_taken_is_no_refusal(bench: Any, desk: Any) -> None:
    router = console(lines=0)
    assert asyncio.run(poll(bench, desk, router, times=2)) == [PollResult.NO_LINE] * 2
    assert router.logins == [(USER, True)] * 2
    assert bench.polls("no_line") == 2


def test_hanging_up_before_the_login_means_no_free_line(bench: Any, desk: Any) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"% Too many sessions\r\n")
        writer.close()

    async def once() -> PollResult:
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            config = bench.config(credentials=CREDENTIALS)
            result: PollResult = await bench.poller(config, {"cube": target(port)}).poll(
                "cube", desk
            )
            return result

    assert asyncio.run(once()) is PollResult.NO_LINE


async def through_jump(
    bench: Any, desk: Any, jump: Console, router: Console, known: Mapping[str, bool]
) -> tuple[PollResult, dict[str, float]]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with contextlib.AsyncExitStack() as stack:
        outer = await stack.enter_async_context(await jump.listen(key))
        inner = await stack.enter_async_context(await router.listen(key))
        hop = {
            "host": "127.0.0.1",
            "port": outer.get_port(),
            "credential": "jump",
            "accept_first_key": known["jump"],
        }
        config = bench.config(
            credentials=CREDENTIALS, commands=["show clock"], jump_hosts={"bastion": hop}
        )
        there = target(inner.get_port(), jump="bastion")
        poller = bench.poller(config, {"cube": there})
        return await poller.poll("cube", desk), poller.resting


def test_a_jump_host_has_its_own_credential(bench: Any, desk: Any) -> None:
    jump, router = console("bastion", password="over the hedge"), console()  # noqa: S106 - lab
    result, _ = asyncio.run(through_jump(bench, desk, jump, router, {"jump": True}))
    assert result is PollResult.OK
    assert (jump.logins, router.logins) == ([(USER, True)], [(USER, True)])
    assert jump.typed == []


def test_a_jump_host_is_who_it_should_be(bench: Any, desk: Any) -> None:
    jump, router = console("bastion"), console()
    result, _ = asyncio.run(through_jump(bench, desk, jump, router, {"jump": False}))
    assert result is PollResult.HOST_KEY_UNKNOWN
    assert (jump.logins, router.logins) == ([], [])


def test_a_refusal_by_the_jump_host_rests_its_credential(bench: Any, desk: Any) -> None:
    jump, router = console("bastion", password="other"), console()  # noqa: S106 - lab
    result, resting = asyncio.run(through_jump(bench, desk, jump, router, {"jump": True}))
    assert result is PollResult.LOGIN_REFUSED
    assert list(resting) == ["jump"]
    assert router.logins == []


def test_what_polling_costs_is_measured_and_bounded(bench: Any, desk: Any, clock: Any) -> None:
    router = console()

    async def polled() -> list[PollResult]:
        results: list[PollResult] = []
        key = asyncssh.generate_private_key("ssh-ed25519")
        async with await router.listen(key) as acceptor:
            config = bench.config(
                credentials=CREDENTIALS,
                commands=["show clock", "show version"],
                device_budget={"commands": 3},
            )
            poller = bench.poller(config, {"cube": target(acceptor.get_port())}, clock)
            results.append(await poller.poll("cube", desk))
            for _ in range(3):
                clock.at += 7 * 3600
                results.append(await poller.poll("cube", desk))
            assert poller.spent("cube").logins == 2
        return results

    bench.known = Known()
    assert asyncio.run(polled()) == [
        PollResult.OK,
        PollResult.OK,
        PollResult.OVER_BUDGET,
        PollResult.OVER_BUDGET,
    ]
    labels = {"device": "cube"}
    name = "cube_monitor_device_logins_total"
    assert bench.registry.get_sample_value(name, labels) == 2


def test_names_that_are_not_there_are_told(bench: Any) -> None:
    config = bench.config(credentials=CREDENTIALS, jump_hosts={})
    with pytest.raises(ConfigError, match="no jump host named 'bastion'"):
        bench.poller(config, {"cube": target(22, jump="bastion")})
