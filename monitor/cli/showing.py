"""What a command shows a monitor: a token, a certificate, and for whom it asks."""

import getpass
import os
import ssl
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from monitor.errors import ConfigError
from monitor.expose.access import is_loopback as is_loopback

TOKEN_VARIABLE: Final = "CUBEMON_TOKEN"  # noqa: S105 - its name
_LARGEST: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Files are in PEM."""

    token: str = field(default="", repr=False)
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def headers(self) -> Mapping[str, str]:
        """Who asks; the audit log keeps the name as one that nobody checked."""
        asking = {"From": _user()}
        return asking | ({"Authorization": f"Bearer {self.token}"} if self.token else {})

    def context(self) -> ssl.SSLContext:
        """How the monitor's certificate is checked; ConfigError names what cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"--ca, --cert, --key: {error}") from error
        return context


def shown(arguments: Namespace) -> Shown:
    """What the arguments say; ConfigError where the token cannot be read."""
    return Shown(
        token=_token(getattr(arguments, "token_file", None)),
        ca=_path(arguments, "ca"),
        certificate=_path(arguments, "cert"),
        key=_path(arguments, "key"),
    )


def _token(file: str | None) -> str:
    if file is None:
        return _checked(os.environ.get(TOKEN_VARIABLE, ""), TOKEN_VARIABLE)
    try:
        with Path(file).open("rb") as opened:
            return _checked(opened.read(_LARGEST).decode("ascii", "replace"), file)
    except OSError as error:
        raise ConfigError(f"--token-file {file}: {error.strerror}") from error


def _checked(text: str, place: str) -> str:
    token = text.strip()
    if not token.isascii() or (token and not token.isprintable()):
        raise ConfigError(f"{place} holds no token")
    return token


def _path(arguments: Namespace, name: str) -> Path | None:
    given = getattr(arguments, name, None)
    return None if given is None else Path(given)


def _user() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return "?"
    return "".join(letter for letter in name if letter.isascii() and letter.isprintable()) or "?"
