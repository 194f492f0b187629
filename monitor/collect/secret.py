"""Secrets by reference: a file or an environment variable, never a value in the configuration."""

import os
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.errors import ConfigError

_LARGEST: Final = 65_536
HOST: Final = r"^[A-Za-z0-9_.:-]{1,253}$"
"""Regex source of a host name or an address, without brackets."""


class SecretRef(BaseModel):
    """`{file: PATH}` or `{env: NAME}`; read at each use, so that a rotated secret needs no restart.

    It holds no secret itself, and hides its input from error messages: somebody may have written
    the secret where the reference belongs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    file: Path | None = None
    env: str | None = None

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        if (self.file is None) == (self.env is None):
            raise ValueError("give either `file: PATH` or `env: NAME`")
        return self

    def reveal(self) -> str:
        """The secret without the line break at its end; ConfigError names the place, not it."""
        secret = self._from_env() if self.file is None else _from_file(self.file)
        if not secret:
            raise ConfigError(f"the secret at {self.place} is empty")
        return secret

    @property
    def place(self) -> str:
        """Where the secret lies, fit for messages."""
        return f"environment variable {self.env}" if self.file is None else f"file {self.file}"

    def _from_env(self) -> str:
        try:
            return os.environ[self.env or ""]
        except KeyError:
            raise ConfigError(f"{self.place} is not set") from None


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"file {path} cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise ConfigError(f"file {path} is too long for a secret")
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise ConfigError(f"file {path} is not text") from None


class Login(BaseModel):
    """A user and where the password lies."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    user: str = Field(min_length=1)
    password: SecretRef


class TlsFiles(BaseModel):
    """How a device's certificate is verified, and what is shown to it. Files in PEM."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    ca: Path | None = None
    """Authorities to trust; without it those of this machine."""
    cert: Path | None = None
    """Our certificate, where devices want one."""
    key: SecretRef | None = None
    server_name: str | None = None
    """The name in the device's certificate, where it is not the host we connect to."""

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise ValueError("give both `cert` and `key`, or none")
        return self


class CredentialRests:
    """Refused credentials rest, so that no account is locked by trying it on a whole fleet.

    A device that took a credential before is not held back by another that refuses it.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._taken: set[tuple[str, str]] = set()

    def left(self, credential: str, device: str, now: float) -> float:
        """Seconds for which the device is not shown the credential; `now` on any steady clock."""
        if (credential, device) in self._taken:
            return 0.0
        return max(0.0, self._until.get(credential, now) - now)

    def accepted(self, credential: str, device: str) -> None:
        """The device took it: it is right."""
        self._taken.add((credential, device))
        self._until.pop(credential, None)

    def refused(self, credential: str, device: str, until: float) -> None:
        """The device refused it."""
        self._taken.discard((credential, device))
        self._until[credential] = until
