"""Serves the API over HTTP until cancelled; only on loopback while there is no access control."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Generator
from typing import Annotated, Final

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, field_validator

from monitor.errors import ConfigError
from monitor.expose.guard import is_loopback

_BACKLOG: Final = 256
_log = logging.getLogger(__name__)


class HttpConfig(BaseModel):
    """Where the API listens."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """A loopback address."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    """0 lets the system choose a free one."""
    hosts: tuple[str, ...] = ()
    """Further host names under which writing calls are accepted."""
    drain_seconds: Annotated[int, Field(ge=0, le=300)] = 10
    """How long running answers may take when the monitor stops."""

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, host: str) -> str:
        if not is_loopback(host):
            raise ValueError(
                f"{host} is not a loopback address; access control does not exist yet, so"
                " listening elsewhere is refused; write 127.0.0.1 or ::1"
            )
        return host


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs the whole."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class HttpServer:
    """One listening socket and the application behind it."""

    def __init__(self, app: FastAPI, config: HttpConfig) -> None:
        self._config = config
        self._socket: socket.socket | None = None
        self._server = _Server(
            uvicorn.Config(
                app,
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
            self._socket = _listen(self._config.host, self._config.port)
        return int(self._socket.getsockname()[1])

    async def run(self) -> None:
        """Answer until cancelled; then let running answers end, for `drain_seconds` at most."""
        port = self.bind()
        listening = [self._socket] if self._socket is not None else []
        _log.info("http listening", extra={"host": self._config.host, "port": port})
        serving = asyncio.create_task(self._server.serve(sockets=listening), name="http")
        try:
            await asyncio.shield(serving)
        finally:
            self._server.should_exit = True
            await serving
            self.close()

    def close(self) -> None:
        """Stop listening; harmless when not listening."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _listen(host: str, port: int) -> socket.socket:
    address = "127.0.0.1" if host.lower() == "localhost" else host
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"http: cannot listen on {address}:{port}: {error.strerror};"
            " is another monitor running? choose another http.port"
        ) from error
    return listening
