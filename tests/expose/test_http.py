import asyncio
import json
import socket
import threading
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.errors import ConfigError
from monitor.expose.http import HttpConfig, HttpServer
from monitor.wire import ReadingLines, Receipt


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.net", ""])  # noqa: S104
def test_listening_off_loopback_is_refused_with_the_reason(host: str) -> None:
    with pytest.raises(ValidationError, match="needs `tls` and `tokens`"):
        HttpConfig(host=host)


def test_the_configuration_is_strict_and_frozen() -> None:
    assert HttpConfig() == HttpConfig(host="127.0.0.1", port=8080)
    with pytest.raises(ValidationError, match="prot"):
        HttpConfig.model_validate({"prot": 1})
    with pytest.raises(ValidationError):
        HttpConfig(port=65_536)


def test_the_main_routes_answer_over_a_real_socket(live: Any, face: Any) -> None:
    assert live.get("/-/healthy") == (200, b"healthy\n")
    assert live.get("/-/ready") == (200, b"ready\n")
    assert live.json("/api/v1/devices")["total"] == 2
    assert live.json("/api/v1/findings")["findings"][0]["rule"] == "sip_down"
    status, text = live.get("/metrics")
    assert status == 200
    assert b'cube_ack_required{device="berlin"} 1.0' in text


def test_readings_go_in_over_a_real_socket_in_chunks(live: Any, face: Any) -> None:
    connection = live.connect()
    body = iter([b'{"a":1}\n{"a"', b":2}\nbad", b"\n"])
    connection.request("POST", "/api/v1/readings", body=body, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    answered = connection.getresponse()
    assert answered.status == 200
    assert json.load(answered) == {
        "accepted": 2, "refused": 1, "refusals": [{"line": 3, "reason": "no JSON"}],
    }  # fmt: skip
    connection.close()


def test_health_and_metrics_answer_while_every_thread_is_busy(live: Any, face: Any) -> None:
    threads = 40
    entered, release = threading.Semaphore(0), threading.Event()

    def busy(**_: object) -> list[object]:
        entered.release()
        release.wait(20)
        return []

    face.shelf.measurements = busy
    connections = [live.connect() for _ in range(threads + 5)]
    try:
        for connection in connections:
            connection.request("GET", "/api/v1/measurements")
        assert all(entered.acquire(timeout=20) for _ in range(threads))
        assert not entered.acquire(blocking=False)
        for path in ("/-/healthy", "/-/ready", "/metrics"):
            assert live.get(path)[0] == 200
    finally:
        release.set()
        for connection in connections:
            connection.getresponse().read()
            connection.close()


def test_an_upload_that_has_not_been_committed_holds_up_nobody(live: Any, face: Any) -> None:
    started = threading.Event()
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def slow(_: ReadingLines) -> Receipt:
        committed = asyncio.Event()
        loops.append((asyncio.get_running_loop(), committed))
        started.set()
        await committed.wait()
        return Receipt(accepted=1)

    face.take = slow
    connection = live.connect()
    connection.request("POST", "/api/v1/readings", body=b'{"a":1}\n')
    assert started.wait(20)
    assert live.get("/-/healthy")[0] == 200
    assert live.get("/metrics")[0] == 200
    loop, committed = loops[0]
    loop.call_soon_threadsafe(committed.set)
    assert json.load(connection.getresponse())["accepted"] == 1
    connection.close()


def test_a_port_in_use_is_said_clearly(face: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = HttpServer(face.app, HttpConfig(port=port))
        with pytest.raises(ConfigError, match=rf"127\.0\.0\.1:{port}.*in use"):
            server.bind()
        with pytest.raises(ConfigError, match="another"):
            asyncio.run(server.run())


def test_the_port_is_told_and_closing_frees_it(face: Any) -> None:
    server = HttpServer(face.app, HttpConfig(host="localhost", port=0))
    port = server.bind()
    assert server.bind() == port
    server.close()
    server.close()
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_ipv6_loopback_is_served_too(face: Any) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    server = HttpServer(face.app, HttpConfig(host="::1", port=0))
    try:
        assert server.bind() > 0
    finally:
        server.close()


def test_stopping_lets_a_running_answer_end(face: Any) -> None:
    async def story() -> bytes:
        entered, release = asyncio.Event(), asyncio.Event()

        async def slow(_: ReadingLines) -> Receipt:
            entered.set()
            await release.wait()
            return Receipt(accepted=1)

        face.take = slow
        server = HttpServer(face.app, HttpConfig(port=0))
        running = asyncio.create_task(server.run())
        reader, writer = await asyncio.open_connection("127.0.0.1", server.bind())
        head = b"POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        writer.write(head + b'Content-Length: 8\r\n\r\n{"a":1}\n')
        await entered.wait()
        running.cancel()
        await asyncio.sleep(0)
        release.set()
        answered = await reader.read()
        writer.close()
        with pytest.raises(asyncio.CancelledError):
            await running
        return answered

    answered = asyncio.run(asyncio.wait_for(story(), 30))
    assert answered.startswith(b"HTTP/1.1 200")
    assert b'"accepted":1' in answered
