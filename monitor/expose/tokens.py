"""Tokens of the API: read from files or the environment, kept as digests only."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from monitor.errors import ConfigError
from monitor.secret import SecretRef

_SHORTEST: Final = 20
_BYTES: Final = 32
PREFIX: Final = "cubemon_"
"""Tokens of ours begin with it, so that scanners of leaked secrets can know them."""


class Role(StrEnum):
    """What a caller may do."""

    READ = "read"
    OPERATE = "operate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks."""

    name: str
    role: Role


class TokenConfig(BaseModel):
    """One token by reference; several of one purpose may be valid at once, to rotate them."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@-]{1,64}$")]
    """Who has it; the audit log shows it."""
    role: Role
    token: SecretRef

    def reveal(self) -> str:
        """The token without white space around it; ConfigError names the place, not the token."""
        try:
            token = self.token.reveal().strip()
        except ConfigError as error:
            raise ConfigError(f"http.tokens: {error}; `cubemon token new` makes one") from error
        if len(token) < _SHORTEST or not token.isascii() or not token.isprintable():
            raise ConfigError(
                f"http.tokens: the token {self.name!r} needs at least {_SHORTEST} printable ASCII"
                " characters; make a strong one with `cubemon token new`"
            )
        return token


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is kept of one."""

    caller: Caller
    digest: bytes


def fresh() -> str:
    """A new token of 256 bits."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def read_tokens(configured: Iterable[TokenConfig]) -> tuple[Token, ...]:
    """What is to be kept of each; ConfigError where one cannot be read, is weak or stands twice."""
    found: dict[bytes, Token] = {}
    for one in configured:
        token = Token(
            caller=Caller(name=one.name, role=one.role), digest=_digest(one.reveal().encode())
        )
        twin = found.setdefault(token.digest, token)
        if twin is not token:
            raise ConfigError(f"http.tokens: {twin.caller.name!r} and {one.name!r} are one token")
    return tuple(found.values())


def caller_of(tokens: Iterable[Token], shown: str) -> Caller | None:
    """Whose token it is; as slow for a wrong one as for the right one."""
    digest = _digest(shown.encode("utf-8", "replace"))
    found: Caller | None = None
    for one in tokens:
        if hmac.compare_digest(one.digest, digest):
            found = one.caller
    return found


def _digest(token: bytes) -> bytes:
    # Tokens are random and long: there is nothing to guess, so no slow hash is needed.
    return hashlib.sha256(token).digest()
