"""TLS of the API: a certificate, and whose clients are let in."""

import ssl
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from monitor.errors import ConfigError


class TlsConfig(BaseModel):
    """Files in PEM; read at start and at each reload. TLS 1.2 at least."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    cert: Path
    """Ours, with the chain below its root."""
    key: Path
    """Its private key, without a pass phrase."""
    client_ca: Path | None = None
    """Only clients with a certificate of these authorities are let in; besides tokens."""

    def context(self) -> ssl.SSLContext:
        """What connections are accepted by; ConfigError names the file that cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._show(context)
        if self.client_ca is not None:
            self._ask(context, self.client_ca)
        return context

    def _show(self, context: ssl.SSLContext) -> None:
        for name, path in (("cert", self.cert), ("key", self.key)):
            _readable(name, path)
        try:
            # An encrypted key would ask on the terminal.
            context.load_cert_chain(self.cert, self.key, password=lambda: "")
        except (ssl.SSLError, OSError, ValueError) as error:
            raise ConfigError(
                f"http.tls: {self.cert} and {self.key} are no certificate and its key in"
                f" PEM, the key without a pass phrase ({_word(error)})"
            ) from error

    def _ask(self, context: ssl.SSLContext, authorities: Path) -> None:
        _readable("client_ca", authorities)
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(authorities)
        except (ssl.SSLError, OSError) as error:
            raise ConfigError(
                f"http.tls.client_ca: {authorities} holds no certificate in PEM ({_word(error)})"
            ) from error


def _readable(name: str, path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise ConfigError(f"http.tls.{name}: {path} cannot be read: {error.strerror}") from error


def _word(error: Exception) -> str:
    return getattr(error, "reason", None) or type(error).__name__
