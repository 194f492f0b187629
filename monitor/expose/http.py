"""Serves the API over HTTP until cancelled; off loopback only with TLS and tokens."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Generator
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from monitor.errors import ConfigError
from monitor.expose.access import is_loopback
from monitor.expose.connections import Connection, Crowd, Ear
from monitor.expose.tls import TlsConfig
from monitor.expose.tokens import TokenConfig

_BACKLOG: Final = 256
_URL: Final = r"^(https?://[^\s/?#]+(/[^\s?#]*)?)?$"
_log = logging.getLogger(__name__)


class HttpConfig(BaseModel):
    """Where the API listens, and whom it answers."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """An address; off loopback `tls` and `tokens` are needed."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    """0 lets the system choose a free one."""
    url: Annotated[str, Field(max_length=300, pattern=_URL)] = ""
    """How people reach it, such as `https://cube.example.net:8443`: pages link to it."""
    hosts: tuple[str, ...] = ()
    """Further host names under which calls are accepted."""
    tokens: Annotated[tuple[TokenConfig, ...], Field(max_length=100)] = ()
    """With any of them, each call needs one."""
    tls: TlsConfig | None = None
    drain_seconds: Annotated[int, Field(ge=0, le=300)] = 10
    """How long running answers may take when the monitor stops."""

    @field_validator("url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        parts = urlsplit(url)  # ValueError for what is no address of version 6
        if url and (parts.hostname is None or parts.username is not None or parts.port == 0):
            raise ValueError("write it like https://cube.example.net:8443")
        return url

    @field_validator("tokens")
    @classmethod
    def _told_apart(cls, tokens: tuple[TokenConfig, ...]) -> tuple[TokenConfig, ...]:
        names = [one.name for one in tokens]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two tokens are called {name!r}; the audit log names them")
        return tokens

    @model_validator(mode="after")
    def _nothing_anonymous_off_loopback(self) -> Self:
        if is_loopback(self.host) or (self.tls is not None and self.tokens):
            return self
        missing = [name for name in ("tls", "tokens") if not getattr(self, name)]
        raise ValueError(
            f"{self.host or 'an empty host'} is not a loopback address: listening there needs"
            f" {' and '.join(f'`{name}`' for name in missing)} under `http`;"
            " or write host: 127.0.0.1"
        )

    @property
    def runbooks(self) -> str:
        """The address before the name of each runbook; empty without `url`."""
        return f"{self.url.rstrip('/')}/docs/runbooks/" if self.url else ""

    @property
    def answers_to(self) -> tuple[str, ...]:
        """Host names that calls may use, besides those of loopback."""
        named = urlsplit(self.url).hostname
        return (*self.hosts, self.host, *([named] if named else []))

    def context(self) -> ssl.SSLContext | None:
        """How connections are encrypted, where they are; ConfigError as `TlsConfig.context`."""
        return None if self.tls is None else self.tls.context()


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs the whole."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class HttpServer:
    """One listening socket and the application behind it.

    `refused` counts connections beyond the bounds. Raises ConfigError where the certificate
    cannot be used.
    """

    def __init__(
        self, app: FastAPI, config: HttpConfig, refused: Callable[[str], None] = lambda _: None
    ) -> None:
        self._config = config
        self._crowd = Crowd(refused)
        self._socket: Ear | None = None
        self._context = config.context()
        self._server = _Server(
            uvicorn.Config(
                app,
                http=Connection,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=config.drain_seconds,
            )
        )

    def bind(self) -> int:
        """Listen; connections wait until `run`. The port comes back. ConfigError where in use."""
        if self._socket is None:
            self._socket = _listen(Ear(_family(self._config.host), self._crowd), self._config)
        return int(self._socket.getsockname()[1])

    async def run(self) -> None:
        """Answer until cancelled; then let running answers end, for `drain_seconds` at most."""
        port = self.bind()
        self._server.config.load()
        self._server.config.ssl = self._context
        _log.info("http listening", extra={"host": self._config.host, "port": port})
        serving = asyncio.create_task(self._server.serve(sockets=self._ears()), name="http")
        try:
            await asyncio.shield(serving)
        finally:
            self._server.should_exit = True
            await serving
            self.close()

    async def exchange(self, config: HttpConfig, context: ssl.SSLContext | None) -> None:
        """Encrypt new connections so from now on; the socket stays open, none is turned away."""
        self._server.config.timeout_graceful_shutdown = config.drain_seconds
        if config.tls is None and self._config.tls is None:
            return
        self._config, self._context = config, context
        if not self._server.started:
            return
        before = self._server.servers
        self._server.config.ssl = context
        await self._server.startup(sockets=self._ears())
        for server in before:
            server.close()

    def _ears(self) -> list[socket.socket]:
        # Each asyncio server closes the socket it was given; ours outlives them.
        return [] if self._socket is None else [self._socket.again()]

    def close(self) -> None:
        """Stop listening; harmless when not listening."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _listen(listening: Ear, config: HttpConfig) -> Ear:
    address = "127.0.0.1" if config.host.lower() == "localhost" else config.host
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, config.port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"http: cannot listen on {address}:{config.port}: {error.strerror};"
            " is another monitor running? choose another http.port"
        ) from error
    return listening
