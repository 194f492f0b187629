"""Known host keys in the file format of OpenSSH: who may answer under a device's address."""

import os
from pathlib import Path
from typing import Final

import asyncssh

from monitor.collect.ssh.failure import PollError, PollResult

SSH_PORT: Final = 22


class HostKeys:
    """The keys in one `known_hosts` file, read anew for each session: operators edit it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, host: str, port: int) -> list[asyncssh.SSHKey]:
        """The keys this host may show; none where it is unknown.

        Raises PollError where the file cannot be read.
        """
        if not self._path.exists():
            return []
        try:
            known = asyncssh.read_known_hosts(str(self._path))
            found = asyncssh.match_known_hosts(known, host, "", None if port == SSH_PORT else port)
        except (OSError, ValueError) as error:
            raise PollError(PollResult.KNOWN_HOSTS_UNREADABLE, str(self._path)) from error
        revoked = set(found[2])
        return [key for key in found[0] if key not in revoked]

    def remember(self, host: str, port: int, key: asyncssh.SSHKey) -> None:
        """Append a key; raises PollError where the file cannot be written."""
        name = host if port == SSH_PORT else f"[{host}]:{port}"
        line = f"{name} {key.export_public_key('openssh').decode().strip()}\n"
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(line)
        except OSError as error:
            raise PollError(PollResult.KNOWN_HOSTS_UNREADABLE, str(self._path)) from error
