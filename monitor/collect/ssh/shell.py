"""The command line of one session: type lines of the allow-list, read what is printed."""

import asyncio
import re
from typing import Final

import asyncssh

from monitor.collect.ssh.commands import Line, Privilege, Setup, Show
from monitor.collect.ssh.config import SshConfig
from monitor.collect.ssh.failure import PollError, PollResult
from monitor.collect.ssh.screen import Ending, Screen, refused

_SETTLE: Final = 0.5
"""Seconds of silence after which a line that looks like a prompt is one."""
_READ: Final = 65_536
_PASSWORD: Final = re.compile(rb"password:\s*\Z", re.IGNORECASE)
_LINES_TAKEN: Final = (b"% Too many", b"No more sessions", b"lines are busy", b"Connection limit")


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

    async def prepare(self, enable: str | None = None) -> None:
        """Wait for the first prompt, raise the privilege if need be, switch paging off.

        Raises PollError: NO_LINE where the device hangs up before its prompt.
        """
        await self._await_prompt()
        if enable is not None and self._prompt.endswith(b">"):
            await self._enable(enable)
        for setup in Setup:
            await self._type(setup)

    @property
    def privileged(self) -> bool:
        """The prompt ends in `#`."""
        return self._prompt.endswith(b"#")

    async def ask(self, command: Show) -> str:
        """The output of a command; raises PollError, also where it is slow or too long."""
        return await self._type(command)

    async def _await_prompt(self) -> None:
        screen = Screen()
        try:
            await self._printed(screen, PollResult.NO_PROMPT)
        except PollError as failure:
            if failure.result is PollResult.CLOSED or screen.holds(_LINES_TAKEN):
                raise PollError(PollResult.NO_LINE, "hung up before its prompt") from failure
            raise
        self._prompt = screen.prompt

    async def _enable(self, password: str) -> None:
        self._writer.write(Privilege.ENABLE.value.encode() + b"\n")
        screen = Screen(awaited=_PASSWORD)
        await self._printed(screen, PollResult.TIMEOUT)
        if screen.asked:
            self._writer.write(password.encode() + b"\n")
            screen = Screen(awaited=_PASSWORD)
            await self._printed(screen, PollResult.TIMEOUT)
        # Asked again, it was wrong: a second attempt would help to lock the account.
        if screen.asked or not screen.prompt.endswith(b"#"):
            raise PollError(PollResult.ENABLE_REFUSED)
        self._prompt = screen.prompt

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


async def open_shell(
    connection: asyncssh.SSHClientConnection, config: SshConfig, enable: str | None = None
) -> Shell:
    """A command line ready for commands; raises PollError. `enable` is that password, if any."""
    try:
        async with asyncio.timeout(config.command_timeout):
            writer, reader, _ = await connection.open_session(
                encoding=None, request_pty="force", term_type="vt100", term_size=(511, 0)
            )
    except TimeoutError as error:
        raise PollError(PollResult.TIMEOUT, "no command line in time") from error
    except (OSError, asyncssh.Error) as error:
        raise PollError(PollResult.NO_LINE, str(error)[:120]) from error
    shell = Shell(writer, reader, config)
    await shell.prepare(enable)
    return shell


def taken(text: str) -> bool:
    """The device took the command."""
    return not refused(text)
