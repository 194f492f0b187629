"""What is shown to devices, and for how long it rests where they refuse it."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.secret import SecretRef


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
