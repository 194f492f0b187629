import json
import socket
from contextlib import ExitStack
from http.client import HTTPResponse
from typing import Any

import pytest

from monitor.expose import connections


def ended(connection: socket.socket) -> bool:
    """Whether the other end hung up, with or without a farewell."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def opened(live: Any, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", live.port), timeout=20))


@pytest.mark.parametrize("begun", [b"", b"GET /-/healthy HTTP/1.1\r\nHo"])
def test_who_never_finishes_asking_is_hung_up_on(
    live: Any, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(connections, "_HEAD_SECONDS", 0.05)
    with ExitStack() as stack:
        connection = opened(live, stack)
        connection.sendall(begun)
        assert ended(connection)


def test_a_kept_connection_is_not_held_by_half_a_call(
    live: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_HEAD_SECONDS", 0.5)
    with ExitStack() as stack:
        connection = opened(live, stack)
        connection.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answered = HTTPResponse(connection)
        answered.begin()
        assert answered.read() == b"healthy\n"
        connection.sendall(b"G")
        assert ended(connection)


def test_who_does_not_read_the_answer_is_hung_up_on(
    live: Any, face: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_TAKE_SECONDS", 0.05)
    asked = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        connection = opened(live, stack)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            connection.sendall(asked * 100_000)


@pytest.mark.parametrize("bound", ["_MOST", "_MOST_OF_ONE"])
def test_connections_are_counted_of_all_and_of_one(
    live: Any, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(connections, bound, 2)
    with ExitStack() as stack:
        held = [opened(live, stack) for _ in range(2)]
        assert ended(opened(live, stack))
        for connection in held:
            connection.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize(
    "said", [b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000, b"\x16\x03\x01\x02"]
)
def test_what_is_no_http_is_a_problem_too_and_no_line_in_the_log(
    live: Any, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with ExitStack() as stack:
        connection = opened(live, stack)
        connection.sendall(said + b"\r\n\r\n")
        answered = HTTPResponse(connection)
        answered.begin()
        assert answered.status == 400
        assert answered.headers["Content-Type"] == "application/problem+json"
        assert json.load(answered)["title"] == "Bad Request"
    assert "Invalid" not in caplog.text
