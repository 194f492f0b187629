"""Log in to one host: check who answers, show the credential once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import asyncssh

from monitor.collect.ssh.config import Credential, JumpHost, SshConfig
from monitor.collect.ssh.credentials import Loan
from monitor.collect.ssh.failure import PollError, PollResult
from monitor.collect.ssh.hostkeys import HostKeys
from monitor.errors import ConfigError

_OLD: Final[Mapping[str, str]] = {
    "kex_algs": "+diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1",
    "encryption_algs": "+aes256-cbc,aes192-cbc,aes128-cbc,3des-cbc",
}
"""Further algorithms where `legacy` is set; SHA-1 with group 14 is offered to everybody."""

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
        self.shown = ""
        """Fingerprint of the key the host showed."""

    @property
    def knows(self) -> bool:
        """A key of this host is known."""
        return bool(self._known)

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        self.shown = key.get_fingerprint()
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
    target: JumpHost
    host_keys: HostKeys
    loan: Loan

    async def open(
        self, tunnel: asyncssh.SSHClientConnection | None = None
    ) -> asyncssh.SSHClientConnection:
        """A connection on which we are logged in, through `tunnel` if any; raises PollError."""
        known = self.host_keys.of(self.target.host, self.target.port)
        accept = self.target.accept_first_key or self.config.accept_first_key
        secret = _secret(self.loan.credential)
        client = _Client(known, self.loan, secret, accept_first=accept)
        try:
            async with asyncio.timeout(self.config.connect_timeout):
                connection = await self._connect(known, lambda: client, tunnel)
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
        self,
        known: Sequence[asyncssh.SSHKey],
        client: Callable[[], _Client],
        tunnel: asyncssh.SSHClientConnection | None,
    ) -> asyncssh.SSHClientConnection:
        old = dict(_OLD) if self.target.legacy else {}
        if self.target.legacy and not known:
            old["server_host_key_algs"] = "+ssh-dss"
        # Nothing is taken from the user's own SSH set-up: no agent, no keys, no ~/.ssh/config.
        return await asyncssh.connect(
            self.target.host,
            self.target.port,
            tunnel=tunnel or (),
            username=self.loan.credential.user,
            known_hosts=(list(known), [], []),
            client_factory=client,
            client_keys=None,
            agent_path=None,
            config=[],
            gss_host=None,
            login_timeout=self.config.connect_timeout,
            **old,
        )

    def _failure(self, client: _Client, error: Exception) -> PollError:
        if client.verdict is not None:
            return PollError(client.verdict, f"{self._where} shows {client.shown}")
        # Some devices answer a wrong password by hanging up.
        if self.loan.used or isinstance(error, asyncssh.PermissionDenied):
            return self._refusal()
        if isinstance(error, asyncssh.KeyExchangeFailed):
            return _disagreement(error, known=client.knows)
        if isinstance(error, asyncssh.ConnectionLost | ConnectionResetError):
            return PollError(PollResult.NO_LINE, "hung up before the login")
        return PollError(PollResult.UNREACHABLE, f"{self._where}: {error}"[:160])

    @property
    def _where(self) -> str:
        return f"{self.target.host}:{self.target.port}"

    def _refusal(self) -> PollError:
        name = self.target.credential
        if not self.loan.used:
            withheld = self.loan.withheld
            result = PollResult.CREDENTIAL_RESTING if withheld else PollResult.LOGIN_REFUSED
            return PollError(result, f"credential {name} was not shown", credential=name)
        rest = self.loan.refused()
        detail = f"credential {name} rests for {rest:.0f} s"
        return PollError(PollResult.LOGIN_REFUSED, detail, credential=name)


def _disagreement(error: asyncssh.KeyExchangeFailed, *, known: bool) -> PollError:
    if "host key" in str(error) and known:
        return PollError(PollResult.HOST_KEY_CHANGED, "another kind of host key")
    said = f"`legacy: true` would offer old ones too ({error})"
    return PollError(PollResult.NO_COMMON_ALGORITHM, said[:160])
