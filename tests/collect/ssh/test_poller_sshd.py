"""The poller against a real OpenSSH server."""

import asyncio
from typing import Any

import pytest

from monitor.collect.ssh import PollResult

pytestmark = pytest.mark.engine("sshd")

POLLED = [
    "show clock",
    "show version",
    "show license status",
    "show license usage",
    "show cube status",
    "show voice sip license status",
    "show voice sip license stats",
]


def poll(bench: Any, desk: Any, target: Any, **settings: object) -> PollResult:
    poller = bench.poller(bench.config(**settings), {"cube": target})

    async def once() -> PollResult:
        result: PollResult = await poller.poll("cube", desk)
        return result

    return asyncio.run(once())


def test_every_command_is_captured_whole(router: Any, bench: Any, desk: Any) -> None:
    device = router()
    bench.known_hosts.write_text(device.known_host)
    assert poll(bench, desk, device.target()) is PollResult.OK
    assert [capture.command for capture in desk.captures] == POLLED
    status = desk.captures[2].text
    assert "Next ACK deadline: May 26 08:24:45 2020 IST\n" in status
    assert status.rstrip().endswith("Trust Code Installed: <none>")
    assert "show license status" not in status
    assert "cube#" not in status
    assert {capture.device for capture in desk.captures} == {"cube"}
    assert bench.polls("ok") == 1


def test_nothing_but_show_and_terminal_commands_is_ever_typed(
    router: Any, bench: Any, desk: Any
) -> None:
    device = router()
    bench.known_hosts.write_text(device.known_host)
    poll(bench, desk, device.target())
    assert device.typed == ["terminal length 0", "terminal width 511", *POLLED]


@pytest.mark.parametrize("prompt", ["cube>", "RP-1.site_7#", "cube-2(active)#"])
def test_banners_and_prompts_of_all_kinds(router: Any, bench: Any, desk: Any, prompt: str) -> None:
    banner = "*** Authorised use only ***\n--> see issue 7#\nrouter#\n\n"
    device = router(prompt=prompt, banner=banner)
    bench.known_hosts.write_text(device.known_host)
    assert poll(bench, desk, device.target()) is PollResult.OK
    assert "SW-Version : 17.3.2, Platform CSR1000V" in desk.captures[4].text


def test_a_device_is_asked_over_ipv6_too(router: Any, bench: Any, desk: Any, ipv6: str) -> None:
    device = router(ipv6)
    assert poll(bench, desk, device.target(accept_first_key=True)) is PollResult.OK
    assert bench.known_hosts.read_text() == device.known_host
    assert poll(bench, desk, device.target()) is PollResult.OK


def test_a_pager_that_will_not_be_switched_off(router: Any, bench: Any, desk: Any) -> None:
    device = router(paged="yes")
    bench.known_hosts.write_text(device.known_host)
    assert poll(bench, desk, device.target()) is PollResult.OK
    status = desk.captures[2].text
    assert "--More--" not in status
    assert "\x08" not in status
    assert "Next report push: Jun 15 08:24:45 2020 IST\n" in status
    assert device.typed[-1] == POLLED[-1]


def test_an_unknown_host_key_is_refused(router: Any, bench: Any, desk: Any) -> None:
    device = router()
    assert poll(bench, desk, device.target()) is PollResult.HOST_KEY_UNKNOWN
    assert not desk.captures
    assert not device.typed
    assert not bench.known_hosts.exists()


def test_a_changed_host_key_is_refused_also_where_the_first_would_be_accepted(
    router: Any, bench: Any, desk: Any
) -> None:
    device, other = router(), router()
    stranger = other.known_host.replace(str(other.port), str(device.port))
    bench.known_hosts.write_text(stranger)
    target = device.target(accept_first_key=True)
    assert poll(bench, desk, target) is PollResult.HOST_KEY_CHANGED
    assert bench.known_hosts.read_text() == stranger
    assert not device.typed


def test_a_first_key_is_accepted_only_by_the_setting_and_then_written(
    router: Any, bench: Any, desk: Any
) -> None:
    device = router()
    assert poll(bench, desk, device.target(accept_first_key=True)) is PollResult.OK
    assert bench.known_hosts.read_text() == device.known_host
    assert poll(bench, desk, device.target()) is PollResult.OK


def test_a_device_that_hangs_does_not_delay_the_others(router: Any, bench: Any, desk: Any) -> None:
    slow, quick = router(hangs="show version"), router()
    bench.known_hosts.write_text(slow.known_host + quick.known_host)
    targets = {"slow": slow.target(), "quick": quick.target()}
    poller = bench.poller(bench.config(command_timeout=3600, session_timeout=3600), targets)

    async def until_quick() -> None:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(poller.run(desk))
            await desk.has("quick")
            running.cancel()

    asyncio.run(until_quick())
    assert {capture.device for capture in desk.captures} == {"quick"}


def test_a_hanging_command_ends_the_poll_and_keeps_what_was_read(
    router: Any, bench: Any, desk: Any
) -> None:
    device = router(hangs="show license usage")
    bench.known_hosts.write_text(device.known_host)
    result = poll(bench, desk, device.target(), command_timeout=5)
    assert result is PollResult.TIMEOUT
    assert [capture.command for capture in desk.captures] == POLLED[:3]


def test_endless_output_is_cut_off(router: Any, bench: Any, desk: Any) -> None:
    device = router(floods="show license status")
    bench.known_hosts.write_text(device.known_host)
    result = poll(bench, desk, device.target(), output_cap=65_536)
    assert result is PollResult.OUTPUT_TOO_LONG
    assert [capture.command for capture in desk.captures] == POLLED[:2]


def test_a_device_that_hangs_up(router: Any, bench: Any, desk: Any) -> None:
    device = router(hangs_up="show license status")
    bench.known_hosts.write_text(device.known_host)
    assert poll(bench, desk, device.target()) is PollResult.CLOSED


def test_a_command_the_release_does_not_know_is_left_out(
    router: Any, bench: Any, desk: Any
) -> None:
    device = router()
    bench.known_hosts.write_text(device.known_host)
    commands = ["show license udi", "show cube status"]
    assert poll(bench, desk, device.target(), commands=commands) is PollResult.PARTIAL
    assert [capture.command for capture in desk.captures] == ["show cube status"]


def test_a_refused_key_rests(router: Any, bench: Any, desk: Any, tmp_path: Any) -> None:
    device = router()
    bench.known_hosts.write_text(device.known_host)
    (tmp_path / "user_key.pub").write_text("")
    poller = bench.poller(bench.config(), {"cube": device.target()})

    async def twice() -> list[PollResult]:
        return [await poller.poll("cube", desk), await poller.poll("cube", desk)]

    assert asyncio.run(twice()) == [PollResult.LOGIN_REFUSED, PollResult.CREDENTIAL_RESTING]
