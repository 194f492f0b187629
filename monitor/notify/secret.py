"""Secrets of channels by reference: a file or an environment variable, never a value."""

import os
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

from monitor.errors import DeliveryError

_LARGEST: Final = 65_536


class Secret(BaseModel):
    """`{file: PATH}` or `{env: NAME}`; read at each use, so that a rotated one needs no restart."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    file: Path | None = None
    env: str | None = None

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        if (self.file is None) == (self.env is None):
            raise ValueError("give either `file: PATH` or `env: NAME`")
        return self

    def reveal(self) -> str:
        """The secret without blanks around it; DeliveryError names its place, not it."""
        found = os.environ.get(self.env or "") if self.file is None else _from_file(self.file)
        if not found or not found.strip():
            raise DeliveryError(f"there is no secret in {self.place}")
        return found.strip()

    @property
    def place(self) -> str:
        """Where the secret lies, fit for messages."""
        return f"environment variable {self.env}" if self.file is None else f"file {self.file}"


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise DeliveryError(f"file {path} cannot be read: {error.strerror}") from error
