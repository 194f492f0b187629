"""Unusual servers: keyboard-interactive, hanging up, hanging, nothing we have to offer."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncssh
import pytest

from monitor.collect.ssh import PollResult, SshTarget, credentials
from monitor.lab.console import UNKNOWN

PASSWORD = "correct horse"  # noqa: S105 - of the servers below


class Door(asyncssh.SSHServer):
    """Asks for a password; subclasses ask otherwise."""

    attempts: list[str]
    connection: asyncssh.SSHServerConnection

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn

    def begin_auth(self, username: str) -> bool:
        return True


class Interactive(Door):
    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        self.attempts.extend(responses)
        return list(responses) == [PASSWORD]


class TwoPrompts(Interactive):
    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [("Password: ", False), ("One-time code: ", True)]


class HangsUp(Door):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self.attempts.append(password)
        self.connection.abort()
        return False


class Hangs(Door):
    def password_auth_supported(self) -> bool:
        return True

    asked = asyncio.Event()

    async def validate_password(self, username: str, password: str) -> bool:
        self.attempts.append(password)
        self.asked.set()
        await asyncio.Event().wait()
        return False


class KeysOnly(Door):
    def public_key_auth_supported(self) -> bool:
        return True


class Open(Door):
    def begin_auth(self, username: str) -> bool:
        return False


async def session(process: "asyncssh.SSHServerProcess[str]") -> None:
    process.stdout.write("cube#")
    async for line in process.stdin:
        process.stdout.write(("" if line.startswith("terminal") else UNKNOWN) + "cube#")
    process.exit(0)


async def listen(door: Callable[[], Door], attempts: list[str]) -> asyncssh.SSHAcceptor:
    def made() -> Door:
        server = door()
        server.attempts = attempts
        return server

    key = asyncssh.generate_private_key("ssh-ed25519")
    return await asyncssh.create_server(
        made, "127.0.0.1", 0, server_host_keys=[key], process_factory=session
    )


def target(acceptor: asyncssh.SSHAcceptor) -> SshTarget:
    return SshTarget(
        host="127.0.0.1", port=acceptor.get_port(), credential="lab", accept_first_key=True
    )


def config(bench: Any, **settings: object) -> Any:
    credential = {"user": "noc", "password": {"env": "LAB_PASSWORD"}}
    given = {"credentials": {"lab": credential}, "commands": ["show clock"]} | settings
    return bench.config(**given)


def poll(bench: Any, desk: Any, door: Callable[[], Door], **settings: object) -> Any:
    attempts: list[str] = []

    outcome: list[tuple[PollResult, list[str], bool]] = []

    async def once() -> None:
        async with await listen(door, attempts) as acceptor:
            poller = bench.poller(config(bench, **settings), {"cube": target(acceptor)})
            result = await poller.poll("cube", desk)
            outcome.append((result, attempts, bool(poller.resting)))

    asyncio.run(once())
    return outcome[0]


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("LAB_PASSWORD", PASSWORD)
    return monkeypatch


def test_keyboard_interactive_asks_once(bench: Any, desk: Any) -> None:
    # This server knows no command at all: the login is what matters here.
    assert poll(bench, desk, Interactive) == (PollResult.PARTIAL, [PASSWORD], False)


def test_a_wrong_answer_to_keyboard_interactive_is_given_once(
    bench: Any, desk: Any, password: pytest.MonkeyPatch
) -> None:
    password.setenv("LAB_PASSWORD", "wrong")
    assert poll(bench, desk, Interactive) == (PollResult.LOGIN_REFUSED, ["wrong"], True)


@pytest.mark.parametrize("door", [TwoPrompts, KeysOnly])
def test_a_device_that_wants_something_else_is_shown_nothing_and_nothing_rests(
    bench: Any, desk: Any, door: Callable[[], Door]
) -> None:
    assert poll(bench, desk, door) == (PollResult.LOGIN_REFUSED, [], False)


def test_hanging_up_on_a_password_counts_as_refusal(bench: Any, desk: Any) -> None:
    assert poll(bench, desk, HangsUp) == (PollResult.LOGIN_REFUSED, [PASSWORD], True)


def test_an_open_device_is_shown_no_password(bench: Any, desk: Any) -> None:
    assert poll(bench, desk, Open) == (PollResult.PARTIAL, [], False)


def test_a_login_that_hangs_is_given_up_and_no_refusal(bench: Any, desk: Any) -> None:
    outcome = poll(bench, desk, Hangs, connect_timeout=0.5)
    assert outcome == (PollResult.TIMEOUT, [PASSWORD], False)


def test_a_login_that_hangs_keeps_others_with_its_credential_waiting_only_for_a_while(
    bench: Any, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "HOLD", 0.05)
    monkeypatch.setattr(Hangs, "asked", asyncio.Event())

    result: list[PollResult] = []

    async def both() -> None:
        async with await listen(Hangs, []) as slow, await listen(Interactive, []) as quick:
            targets = {"slow": target(slow), "quick": target(quick)}
            poller = bench.poller(config(bench, connect_timeout=3600), targets)
            hanging = asyncio.create_task(poller.poll("slow", desk))
            async with asyncio.timeout(60):
                await Hangs.asked.wait()
                result.append(await poller.poll("quick", desk))
            hanging.cancel()
            await asyncio.wait([hanging])

    asyncio.run(both())
    assert result == [PollResult.PARTIAL]


def test_a_key_that_is_none_is_a_counted_failure(bench: Any, desk: Any) -> None:
    bench.user_key.write_text("no key at all")
    credential = {"user": "noc", "key": {"file": str(bench.user_key)}}
    outcome = poll(bench, desk, KeysOnly, credentials={"lab": credential})
    assert outcome == (PollResult.CREDENTIAL_UNREADABLE, [], False)


def test_another_kind_of_host_key_than_the_known_one_is_a_changed_key(
    bench: Any, desk: Any
) -> None:
    result: list[PollResult] = []

    async def once() -> None:
        async with await listen(Open, []) as acceptor:
            other = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
            line = other.export_public_key().decode()
            bench.known_hosts.write_text(f"[127.0.0.1]:{acceptor.get_port()} {line}")
            poller = bench.poller(config(bench), {"cube": target(acceptor)})
            result.append(await poller.poll("cube", desk))

    asyncio.run(once())
    assert result == [PollResult.HOST_KEY_CHANGED]


def test_a_key_that_cannot_be_written_down_is_told(bench: Any, desk: Any) -> None:
    gone = str(bench.known_hosts.with_name("gone") / "known_hosts")
    outcome = poll(bench, desk, Open, known_hosts=gone)
    assert outcome[0] is PollResult.KNOWN_HOSTS_UNREADABLE
