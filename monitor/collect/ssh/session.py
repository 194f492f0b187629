"""One session with one device: log in, check who answers, type `show` commands."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import asyncssh

from monitor.collect.ssh.commands import Line, Setup, Show
from monitor.collect.ssh.config import Credential, SshConfig, SshTarget
from monitor.collect.ssh.credentials import Loan
from monitor.collect.ssh.failure import PollError, PollResult
from monitor.collect.ssh.hostkeys import HostKeys
from monitor.collect.ssh.screen import Ending, Screen, refused
from monitor.errors import ConfigError

_SETTLE: Final = 0.5
"""Seconds of silence after which a line that looks like a prompt is one."""
_READ: Final = 65_536

Secret = str | asyncssh.SSHKey


def _secret(credential: Credential) -> Secret:
    try:
        revealed = credential.reveal()
        return revealed if credential.key is None else asyncssh.import_private_key(revealed)
    except ConfigError as error:
        raise PollError(PollResult.CREDENTIAL_UNREADABLE, str(error)) from error
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise PollError(PollResult.CREDENTIAL_UNREADABLE, "no usable private key") from None


class _Client(asyncssh.SSHClient):
    """Answers the questions of one login: is this the right host, and who are we."""

    def __init__(
        self,
        known: Sequence[asyncssh.SSHKey],
        loan: Loan,
        secret: Secret,
        *,
        accept_first: bool,
    ) -> None:
        self._known = known
        self._loan = loan
        self._secret = secret
        self._accept_first = accept_first
        self.verdict: PollResult | None = None
        self.first_key: asyncssh.SSHKey | None = None

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        if key in self._known:
            return True
        if not self._known and self._accept_first:
            self.first_key = key
            return True
        known = bool(self._known)
        self.verdict = PollResult.HOST_KEY_CHANGED if known else PollResult.HOST_KEY_UNKNOWN
        return False

    async def password_auth_requested(self) -> str | None:
        if isinstance(self._secret, str) and await self._loan.show():
            return self._secret
        return None

    def kbdint_auth_requested(self) -> str | None:
        return "" if isinstance(self._secret, str) and not self._loan.asked else None

    async def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str] | None:
        if not prompts:
            return []
        password = await self.password_auth_requested() if len(prompts) == 1 else None
        return None if password is None else [password]

    async def public_key_auth_requested(self) -> asyncssh.SSHKey | None:
        if isinstance(self._secret, asyncssh.SSHKey) and await self._loan.show():
            return self._secret
        return None

    def auth_completed(self) -> None:
        self._loan.accepted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How a device is entered."""

    config: SshConfig
    target: SshTarget
    host_keys: HostKeys
    loan: Loan

    async def open(self) -> asyncssh.SSHClientConnection:
        """A connection on which we are logged in; raises PollError."""
        known = self.host_keys.of(self.target.host, self.target.port)
        accept = self.target.accept_first_key or self.config.accept_first_key
        secret = _secret(self.loan.credential)
        client = _Client(known, self.loan, secret, accept_first=accept)
        try:
            async with asyncio.timeout(self.config.connect_timeout):
                connection = await self._connect(known, lambda: client)
        except TimeoutError as error:
            raise PollError(PollResult.TIMEOUT, "login") from error
        except (OSError, asyncssh.Error) as error:
            raise self._failure(client, error) from error
        finally:
            self.loan.done()
        if client.first_key is not None:
            self._remember(client.first_key, connection)
        return connection

    def _remember(self, key: asyncssh.SSHKey, connection: asyncssh.SSHClientConnection) -> None:
        try:
            self.host_keys.remember(self.target.host, self.target.port, key)
        except PollError:
            connection.abort()
            raise

    async def _connect(
        self, known: Sequence[asyncssh.SSHKey], client: Callable[[], _Client]
    ) -> asyncssh.SSHClientConnection:
        # Nothing is taken from the user's own SSH set-up: no agent, no keys, no ~/.ssh/config.
        return await asyncssh.connect(
            self.target.host,
            self.target.port,
            username=self.loan.credential.user,
            known_hosts=(list(known), [], []),
            client_factory=client,
            client_keys=None,
            agent_path=None,
            config=[],
            gss_host=None,
            login_timeout=self.config.connect_timeout,
        )

    def _failure(self, client: _Client, error: Exception) -> PollError:
        if client.verdict is not None:
            return PollError(client.verdict, f"{self.target.host}:{self.target.port}")
        # Some devices answer a wrong password by hanging up.
        if self.loan.used or isinstance(error, asyncssh.PermissionDenied):
            return self._refusal()
        if isinstance(error, asyncssh.KeyExchangeFailed) and "host key" in str(error):
            return PollError(PollResult.HOST_KEY_CHANGED, "another kind of host key")
        return PollError(PollResult.UNREACHABLE, str(error)[:120])

    def _refusal(self) -> PollError:
        name = self.target.credential
        if not self.loan.used:
            withheld = self.loan.withheld
            result = PollResult.CREDENTIAL_RESTING if withheld else PollResult.LOGIN_REFUSED
            return PollError(result, f"credential {name} was not shown")
        rest = self.loan.refused()
        return PollError(PollResult.LOGIN_REFUSED, f"credential {name} rests for {rest:.0f} s")


class Shell:
    """An interactive command line, as IOS XE offers it: `exec` requests are often switched off."""

    def __init__(
        self,
        writer: asyncssh.SSHWriter[bytes],
        reader: asyncssh.SSHReader[bytes],
        config: SshConfig,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._config = config
        self._prompt = b""

    async def prepare(self) -> None:
        """Wait for the first prompt, then switch paging off."""
        self._prompt = (await self._printed(Screen(), PollResult.NO_PROMPT)).prompt
        for setup in Setup:
            await self._type(setup)

    async def ask(self, command: Show) -> str:
        """The output of a command; raises PollError, also where it is slow or too long."""
        return await self._type(command)

    async def _type(self, line: Line) -> str:
        self._writer.write(line.value.encode() + b"\n")
        screen = Screen(prompt=self._prompt, command=line.value)
        return (await self._printed(screen, PollResult.TIMEOUT)).text()

    async def _printed(self, screen: Screen, late: PollResult) -> Screen:
        try:
            async with asyncio.timeout(self._config.command_timeout):
                while await self._more(screen):
                    pass
        except TimeoutError as error:
            raise PollError(late, "no prompt in time") from error
        except (OSError, asyncssh.Error) as error:
            raise PollError(PollResult.CLOSED, str(error)[:120]) from error
        return screen

    async def _more(self, screen: Screen) -> bool:
        ending = screen.ending
        if ending is Ending.CERTAIN:
            return False
        data = await self._read(_SETTLE if ending is Ending.LIKELY else None)
        if data is None:
            return False
        if not data:
            raise PollError(PollResult.CLOSED, "the device closed the session")
        screen.feed(data)
        if len(screen) > self._config.output_cap:
            raise PollError(PollResult.OUTPUT_TOO_LONG, f"over {self._config.output_cap} bytes")
        if screen.paused():
            self._writer.write(b" ")
        return True

    async def _read(self, settle: float | None) -> bytes | None:
        if settle is None:
            return await self._reader.read(_READ)
        try:
            async with asyncio.timeout(settle):
                return await self._reader.read(_READ)
        except TimeoutError:
            return None


async def open_shell(connection: asyncssh.SSHClientConnection, config: SshConfig) -> Shell:
    """A command line ready for commands; raises PollError."""
    try:
        async with asyncio.timeout(config.command_timeout):
            writer, reader, _ = await connection.open_session(
                encoding=None, request_pty="force", term_type="vt100", term_size=(511, 0)
            )
    except TimeoutError as error:
        raise PollError(PollResult.TIMEOUT, "no command line in time") from error
    except (OSError, asyncssh.Error) as error:
        raise PollError(PollResult.CLOSED, str(error)[:120]) from error
    shell = Shell(writer, reader, config)
    await shell.prepare()
    return shell


def taken(text: str) -> bool:
    """The device took the command."""
    return not refused(text)
