"""`cubemon import show`: into a running monitor and into a data directory."""

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from monitor.app.service import Service
from monitor.cli import main
from monitor.cli.remote import Remote
from monitor.config import Config
from monitor.domain.facts import FactName
from monitor.instrument import Instruments

STATUS = """\
cube-1#show license status
Usage Reporting:
  Last ACK received: Apr 01 08:00:00 2026 IST
  Next ACK deadline: Jun 30 08:00:00 2026 IST
  Next report push: May 01 08:00:00 2026 IST
"""
CLOCK = "cube-1#show clock\n14:20:11.052 UTC Wed May 20 2026\n"
AT = 1_779_286_811


def config(directory: Path, http: int = 0) -> Config:
    return Config.model_validate(
        {
            "collect": [],
            "store": {"directory": str(directory)},
            "http": {"port": http},
            "devices": [{"name": "cube-1", "timezones": {"IST": "+05:30"}}],
        }
    )


@dataclass
class Running:
    service: Service
    port: int


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A whole monitor in a thread."""
    ready, box = threading.Event(), []
    stops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        service = Service(config(tmp_path / "data"))
        stops.append((asyncio.get_running_loop(), stop))
        box.append(service)
        task = asyncio.create_task(service.run(stop))
        await service.ready.wait()
        ready.set()
        await task

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(30)
    yield Running(box[0], box[0].port)
    loop, stop = stops[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)


def facts(directory: Path) -> dict[tuple[FactName, str], tuple[object, float]]:
    store = config(directory).store.build(Instruments(CollectorRegistry()))
    try:
        return {(one.name, one.key): (one.value, one.received) for one in store.facts()}
    finally:
        store.close()


def test_captures_go_through_a_running_monitor(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text(STATUS)
    (tmp_path / "b.txt").write_text(CLOCK)
    url = f"http://127.0.0.1:{running.port}"
    words = ["import", "show", "--device", "cube-1", "--url", url]
    both = [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]
    assert main([*words, "--received", str(AT), *both]) == 0
    assert main([*words, "--received", str(AT), *both]) == 0
    told = capsys.readouterr().out
    assert "a.txt: 2026-05-20T14:20:11Z (as said): show license status" in told
    assert "show clock" in told
    state = Remote(url, 10).get("devices/cube-1")
    assert state["cycle"]["deadline"]["value"] == "2026-06-30T02:30:00Z"


def test_captures_go_into_a_data_directory_that_nobody_uses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, files = tmp_path / "data", tmp_path / "captures"
    data.mkdir()
    (files / "deep").mkdir(parents=True)
    (files / "status.txt").write_text(STATUS + CLOCK)
    (files / ".hidden").write_text("no")
    words = ["import", "show", "--device", "cube-1", "--data", str(data), str(files)]
    assert main([*words, "--timezone", "IST=+05:30"]) == 0
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert "2026-05-20T14:20:11Z (by the router's clock)" in told
    first = facts(data)
    assert first[FactName.ACK_DEADLINE, ""] == (1_782_786_600, AT)
    assert main([*words, "--timezone", "IST=+05:30"]) == 0
    assert facts(data) == first


def test_without_a_clock_the_time_of_the_file_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = tmp_path / "data", tmp_path / "status.txt"
    data.mkdir()
    file.write_text(STATUS)
    os.utime(file, (AT, AT))
    assert main(["import", "show", "--device", "cube-1", "--data", str(data), str(file)]) == 0
    assert "2026-05-20T14:20:11Z (by the file's time)" in capsys.readouterr().out
    assert facts(data)[FactName.ACK_DEADLINE, ""][1] == AT


def test_what_is_not_known_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, file = tmp_path / "data", tmp_path / "poem.txt"
    data.mkdir()
    file.write_text("so much depends\nupon\n")
    assert main(["import", "show", "--device", "cube-1", "--data", str(data), str(file)]) == 1
    assert "nothing that is known" in capsys.readouterr().err


def test_a_directory_in_use_is_refused(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "status.txt"
    file.write_text(STATUS)
    words = ["import", "show", "--device", "cube-1", "--data", str(tmp_path / "data"), str(file)]
    assert main(words) == 2
    assert "in use by another cubemon" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{tmp}/none.txt", "--url", "http://127.0.0.1:1"], "cannot be read"),
        (["{tmp}/status.txt", "--url", "http://127.0.0.1:1"], "no answer from"),
        (["{tmp}/status.txt", "--data", "{tmp}/none"], "no such directory"),
    ],
)
def test_what_cannot_be_done_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    (tmp_path / "status.txt").write_text(STATUS)
    given = [word.format(tmp=tmp_path) for word in words]
    assert main(["import", "show", "--device", "cube-1", *given]) == 2
    assert said in capsys.readouterr().err
