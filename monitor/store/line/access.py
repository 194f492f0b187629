"""Where a database outside is, and what we show to it."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from monitor.domain.cursors import Kind
from monitor.errors import ConfigError
from monitor.secret import SecretRef
from monitor.store.line.failure import OutsideError


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write it like http://host:8086")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("no user, password or parameters here; name the token's file instead")
    if parts.port == 0:
        raise ValueError("there is no port 0")
    return url.rstrip("/")


Url = Annotated[str, AfterValidator(_checked)]


class Access(BaseModel):
    """What the configuration says of every database outside.

    The token is read at each connection, so that a new one needs no restart.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(default="", pattern=r"^[A-Za-z0-9_.-]{0,64}$")
    """Tells targets apart in metrics and commands; the kind where nothing is said."""
    url: Url
    token: SecretRef | None = None
    ca: Path | None = None
    """Authorities to trust, in PEM; without it those of this machine."""
    what: Annotated[tuple[Kind, ...], Field(min_length=1)] = tuple(Kind)
    timeout_seconds: float = Field(default=10.0, ge=0.1, le=300.0)
    batch: int = Field(default=10_000, ge=1, le=100_000)
    """Points in one request."""

    def reveal(self) -> str:
        """The token, empty where none is configured. OutsideError names its place, not it."""
        if self.token is None:
            return ""
        try:
            found = self.token.reveal().strip()
        except ConfigError as error:
            raise OutsideError("refused", f"token: {error}") from error
        if not found.isascii() or not found.isprintable():
            raise OutsideError("refused", "the token has characters that no header can hold")
        return found
