"""Secrets by reference: a file or an environment variable, never a value in the configuration."""

import os
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

from monitor.errors import ConfigError

_LARGEST: Final = 65_536


class SecretRef(BaseModel):
    """`{file: PATH}` or `{env: NAME}`; read at each use, so that a rotated secret needs no restart.

    It holds no secret itself, and hides its input from error messages: somebody may have written
    the secret where the reference belongs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    file: Path | None = None
    env: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_no_secret(cls, said: Any) -> Any:
        if isinstance(said, str):
            raise ValueError("no secret stands here: write `{file: PATH}` or `{env: NAME}`")  # noqa: TRY004 - what models understand
        return said

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
