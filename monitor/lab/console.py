"""The command line of a virtual CUBE: a real SSH server on loopback."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import asyncssh

Answer = Callable[[str], str]
"""From a command to what IOS XE prints for it; empty where it knows no such command."""

UNKNOWN: Final = "                 ^\n% Invalid input detected at '^' marker.\n"
_BANNER: Final = "\r\n*** Virtual CUBE of the lab. Nothing here is real. ***\r\n\r\n"


@dataclass(slots=True, kw_only=True)
class Console:
    """One CUBE's command line. `typed` keeps every line it was given, `logins` every attempt."""

    host_name: str
    answer: Answer
    user: str
    password: str
    typed: list[str] = field(default_factory=list)
    logins: list[tuple[str, bool]] = field(default_factory=list)

    async def listen(self, key: asyncssh.SSHKey, port: int = 0) -> asyncssh.SSHAcceptor:
        """Serve on loopback until the returned acceptor is closed; port 0 takes a free one."""
        return await asyncssh.create_server(
            lambda: _Door(self),
            "127.0.0.1",
            port,
            server_host_keys=[key],
            process_factory=self._session,
            allow_scp=False,
        )

    def admits(self, user: str, password: str) -> bool:
        """Check a login and note it."""
        right = (user, password) == (self.user, self.password)
        self.logins.append((user, right))
        return right

    async def _session(self, process: "asyncssh.SSHServerProcess[str]") -> None:
        prompt = f"{self.host_name}#"
        process.stdout.write(_BANNER + prompt)
        async for line in process.stdin:
            command = line.strip()
            if not line:
                break
            self.typed.append(command)
            if command == "exit":
                break
            process.stdout.write(self._reply(command) + prompt)
        process.exit(0)

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
