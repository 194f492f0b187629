"""One session with one device, through a jump host where there is one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncssh

from monitor.collect.ssh.config import JumpHost, SshConfig, SshTarget
from monitor.collect.ssh.credentials import CredentialDesk
from monitor.collect.ssh.failure import PollError, PollResult
from monitor.collect.ssh.hostkeys import HostKeys
from monitor.collect.ssh.session import Door
from monitor.collect.ssh.shell import Shell, open_shell
from monitor.errors import ConfigError

_GOODBYE: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """What all sessions share."""

    config: SshConfig
    host_keys: HostKeys
    desk: CredentialDesk

    def credentials(self, target: SshTarget) -> tuple[str, ...]:
        """The credentials a session with this device shows."""
        jump = self._jump(target)
        return (target.credential,) if jump is None else (jump.credential, target.credential)

    def rest_left(self, target: SshTarget) -> float:
        """Seconds until every credential it needs may be used."""
        return max(self.desk.rest_left(name) for name in self.credentials(target))

    @asynccontextmanager
    async def enter(self, target: SshTarget) -> AsyncGenerator[Shell]:
        """A command line ready for commands, left in an orderly way; raises PollError."""
        enable = _enable_password(target)
        async with AsyncExitStack() as stack:
            jump = self._jump(target)
            tunnel = None if jump is None else await self._open(jump, stack, None)
            connection = await self._open(target, stack, tunnel)
            yield await open_shell(connection, self.config, enable)

    async def _open(
        self,
        host: JumpHost,
        stack: AsyncExitStack,
        tunnel: asyncssh.SSHClientConnection | None,
    ) -> asyncssh.SSHClientConnection:
        door = Door(
            config=self.config,
            target=host,
            host_keys=self.host_keys,
            loan=self.desk.lend(host.credential),
        )
        connection = await door.open(tunnel)
        stack.push_async_callback(_leave, connection)
        return connection

    def _jump(self, target: SshTarget) -> JumpHost | None:
        return None if target.jump is None else self.config.jump_hosts[target.jump]


def _enable_password(target: SshTarget) -> str | None:
    if target.enable is None:
        return None
    try:
        return target.enable.reveal()
    except ConfigError as error:
        raise PollError(PollResult.CREDENTIAL_UNREADABLE, str(error)) from error


async def _leave(connection: asyncssh.SSHClientConnection) -> None:
    # A proper goodbye frees the device's VTY line at once; one that hangs is cut off.
    connection.close()
    try:
        async with asyncio.timeout(_GOODBYE):
            await connection.wait_closed()
    except TimeoutError:
        connection.abort()
