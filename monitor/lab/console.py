"""The command line of a virtual CUBE: a real SSH server on loopback."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import asyncssh

Answer = Callable[[str], str]
"""From a command to what IOS XE prints for it; empty where it knows no such command."""

UNKNOWN: Final = "                 ^\n% Invalid input detected at '^' marker.\n"
_BANNER: Final = "\r\n*** Virtual CUBE of the lab. Nothing here is real. ***\r\n\r\n"
OLD: Final[Mapping[str, object]] = MappingProxyType(
    {
        "kex_algs": ["diffie-hellman-group-exchange-sha1"],
        "encryption_algs": ["aes128-cbc"],
        "mac_algs": ["hmac-sha1"],
    }
)
"""What a router of old days offers; for `Console.algorithms`."""


@dataclass(slots=True, kw_only=True)
class Console:
    """One CUBE's command line. `typed` keeps every line it was given, `logins` every attempt."""

    host_name: str
    answer: Answer
    user: str
    password: str
    enable: str = ""
    """Where given, the prompt is `>` until this password was typed after `enable`."""
    lines: int | None = None
    """How many sessions it takes at a time (VTY lines); None: any number."""
    algorithms: Mapping[str, object] = field(default_factory=dict)
    opens: asyncio.Event | None = None
    """Where given, a session is answered from when it is set."""
    typed: list[str] = field(default_factory=list)
    logins: list[tuple[str, bool]] = field(default_factory=list)
    sessions: int = 0

    async def listen(self, key: asyncssh.SSHKey, port: int = 0) -> asyncssh.SSHAcceptor:
        """Serve on loopback until the returned acceptor is closed; port 0 takes a free one."""
        return await asyncssh.create_server(
            lambda: _Door(self),
            "127.0.0.1",
            port,
            server_host_keys=[key],
            process_factory=self._process,
            allow_scp=False,
            **self.algorithms,
        )

    def admits(self, user: str, password: str) -> bool:
        """Check a login and note it."""
        right = (user, password) == (self.user, self.password)
        self.logins.append((user, right))
        return right

    async def _process(self, process: "asyncssh.SSHServerProcess[str]") -> None:
        self.sessions += 1
        try:
            if self.opens is not None:
                await self.opens.wait()
            if self.lines is None or self.sessions <= self.lines:
                await self._session(process)
        finally:
            self.sessions -= 1
        process.exit(0)

    async def _session(self, process: "asyncssh.SSHServerProcess[str]") -> None:
        prompt = f"{self.host_name}>" if self.enable else f"{self.host_name}#"
        process.stdout.write(_BANNER + prompt)
        async for line in process.stdin:
            command = line.strip()
            if not line:
                break
            self.typed.append(command)
            if command == "exit":
                break
            if command == "enable" and self.enable:
                prompt = await self._raised(process)
                continue
            process.stdout.write(self._reply(command) + prompt)

    async def _raised(self, process: "asyncssh.SSHServerProcess[str]") -> str:
        for _ in range(3):
            process.stdout.write("Password: ")
            if (await process.stdin.readline()).strip() == self.enable:
                process.stdout.write(f"\n{self.host_name}#")
                return f"{self.host_name}#"
        process.stdout.write(f"% Bad secrets\n\n{self.host_name}>")
        return f"{self.host_name}>"

    def _reply(self, command: str) -> str:
        if not command or command.startswith("terminal "):
            return ""
        return self.answer(command) or UNKNOWN


class _Door(asyncssh.SSHServer):
    """Lets in whoever knows the password."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._console.admits(username, password)

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool:
        """Everything on loopback may be reached through it: it serves as a jump host too."""
        return dest_host == "127.0.0.1"
