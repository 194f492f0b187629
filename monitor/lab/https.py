"""An application of the lab over TLS on loopback (IPv4 or IPv6), on a free port."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from monitor.lab.gnmi_certificates import Identity


@asynccontextmanager
async def serving(
    app: FastAPI, identity: Identity, directory: Path, name: str, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Serve on the port that is yielded, until the context is left.

    The certificate's files are written to `directory` and called after `name`.
    """
    certificate, key = identity.write(directory, name)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listening:
        listening.bind((host, 0))
        config = uvicorn.Config(
            app, ssl_certfile=certificate, ssl_keyfile=key, log_config=None, lifespan="off"
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        await server.up.wait()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            server.force_exit = True
            await task


class _Server(uvicorn.Server):
    """Says when it is up, and leaves signals to the program."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
