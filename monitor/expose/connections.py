"""Connections to the API, bounded before anybody has shown a token: how many, and for how long."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, Self

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from monitor.expose.problem import answer

_MOST: Final = 1_000
"""Connections open at once, those included that have not yet agreed on encryption."""
_MOST_OF_ONE: Final = 250
"""Of them, from one address; a proxy has one address for everybody."""
_HEAD_SECONDS: Final = 15.0
"""So long a caller may take until a whole head has arrived, idle time included."""
_TAKE_SECONDS: Final = 60.0
"""So long a caller may leave an answer unread."""
_mistakes = logging.getLogger(f"{__name__}.mistakes")
_mistakes.setLevel(logging.ERROR)
"""Strangers cannot fill the log with what they get wrong; our own mistakes stand in it."""


class Crowd:
    """Who is connected; `refused` counts those beyond the bounds."""

    def __init__(self, refused: Callable[[str], None]) -> None:
        self._refused = refused
        self._open: list[tuple[socket.socket, str]] = []

    def takes(self, connection: socket.socket, host: str) -> bool:
        """Whether there is room for one more; if so, it counts until it is closed."""
        self._open = [one for one in self._open if one[0].fileno() >= 0]
        of_one = sum(1 for _, other in self._open if other == host)
        if len(self._open) >= _MOST or of_one >= _MOST_OF_ONE:
            self._refused("connections")
            return False
        self._open.append((connection, host))
        return True


class Ear(socket.socket):
    """A listening socket that hangs up on whoever comes beyond the bounds."""

    def __init__(self, family: int, crowd: Crowd, descriptor: int | None = None) -> None:
        super().__init__(family, socket.SOCK_STREAM, fileno=descriptor)
        self._crowd = crowd

    def again(self) -> Self:
        """Another descriptor of the same socket, which counts the same connections."""
        return type(self)(self.family, self._crowd, os.dup(self.fileno()))

    def accept(self) -> tuple[socket.socket, Any]:
        """As of any socket; ConnectionAbortedError where there are too many."""
        connection, address = super().accept()
        if not self._crowd.takes(connection, address[0]):
            connection.close()
            raise ConnectionAbortedError("too many connections")
        return connection, address


class Connection(H11Protocol):
    """One connection: nobody holds it without asking, nor without reading."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _mistakes
        self._late: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait_for_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        _cancel(self._late)
        _cancel(self._unread)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Stop waiting where a head has come: whoever answers waits for the body."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            _cancel(self._late)

    def on_response_complete(self) -> None:
        """Wait for the next head."""
        self._wait_for_a_head()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The caller does not read."""
        super().pause_writing()
        self._unread = self.loop.call_later(_TAKE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It does again."""
        _cancel(self._unread)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Say as a problem that this is no HTTP, or that its head is too large."""
        said = answer(HTTPStatus.BAD_REQUEST, msg)
        headers = [*said.raw_headers, (b"connection", b"close"), (b"cache-control", b"no-store")]
        response = h11.Response(
            status_code=said.status_code, headers=headers, reason=HTTPStatus.BAD_REQUEST.phrase
        )
        for event in (response, h11.Data(data=bytes(said.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait_for_a_head(self) -> None:
        _cancel(self._late)
        self._late = self.loop.call_later(_HEAD_SECONDS, self.transport.abort)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
