"""The lab's gNMI server as pygnmi, a client of another hand, sees it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pygnmi.client import gNMIclient  # type: ignore[import-untyped]  # ships no types

from monitor.lab.fleet import virtual_fleet
from monitor.lab.gnmi_certificates import Authority
from monitor.lab.gnmi_server import Behaviour, GnmiServer
from monitor.lab.gnmi_tree import YangCube

NOW = 1_700_000_000
PASSWORD = "lab-Password-1"  # noqa: S105 - of the lab alone
ACK = "cisco-smart-license:licensing/state/state-info/rum-ack"


async def _brief(seconds: float) -> None:
    del seconds
    await asyncio.sleep(0.01)


@contextmanager
def _client(directory: Path) -> Iterator[tuple[Any, GnmiServer]]:
    authority = Authority()
    (directory / "ca.pem").write_bytes(authority.certificate)
    cube = YangCube(cube=virtual_fleet(NOW).cubes[0], clock=lambda: float(NOW))
    server = GnmiServer(cube, Behaviour(password=PASSWORD, pause=_brief))
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()

    def run(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

    serving = server.serving(authority.issue("cube.lab"))
    run(serving.__aenter__())
    try:
        with gNMIclient(
            target=("127.0.0.1", server.port),
            username="monitor",
            password=PASSWORD,
            path_root=str(directory / "ca.pem"),
        ) as client:
            yield client, server
    finally:
        run(serving.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[tuple[Any, GnmiServer]]:
    with _client(tmp_path) as both:
        yield both


Seen = tuple[Any, GnmiServer]
Answer = Callable[[], Any]


def test_capabilities(seen: Seen) -> None:
    client, server = seen
    told = client.capabilities()
    models = {one["name"]: one["version"] for one in told["supported_models"]}
    assert models == server.cube.models()
    assert "json_ietf" in told["supported_encodings"]


def test_get(seen: Seen) -> None:
    client, server = seen
    told = client.get(path=[ACK], encoding="json_ietf")
    (update,) = told["notification"][0]["update"]
    assert update["val"] == server.cube.tree()["licensing"]["state"]["state-info"]["rum-ack"]  # type: ignore[index,call-overload]


# The thread of pygnmi's subscription dies of the channel's end.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("mode", ["once", "stream"])
def test_subscribe(seen: Seen, mode: str) -> None:
    client, _ = seen
    wanted = {
        "subscription": [{"path": ACK, "mode": "sample", "sample_interval": 1_000_000_000}],
        "mode": mode,
        "encoding": "json_ietf",
    }
    kinds = []
    for response in client.subscribe2(subscribe=wanted):
        kinds.append("sync" if "sync_response" in response else "update")
        if len(kinds) == 2:
            break
    assert sorted(kinds) == ["sync", "update"]
    client.close()
    for thread in threading.enumerate():
        if "enqueue_updates" in thread.name:
            thread.join(30)
