"""`cubemon import rum` and `cubemon rum`: through a running monitor and in a data directory."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.app.service import Service
from monitor.cli import main
from monitor.cli.remote import Remote
from monitor.config import Config

T0 = 1_706_918_400
UDI = "PID:C8300-1N1S-6T,SN:FDO0000000A"
RELEASE = f"""\
cube-1#show license udi
UDI: {UDI}
"""
HEAD = """\
cube-1#show license rum id all
Smart Licensing Usage Report:
====================================
Report Id,          State,    Flag, Feature Name
"""


def listing(**states: str) -> str:
    rows = (f"{T0 + int(key[1:])}          {state}    N     CUBE_T_STD\n"
            for key, state in states.items())  # fmt: skip
    return HEAD + "".join(rows) + "cube-1#\n"


def report(report_id: int, value: int = 12) -> bytes:
    start = T0 + (report_id - T0) * 86_400
    inner = {
        "version": "2.0",
        "asset_identification": {
            "report_id": report_id,
            "instance": {"sudi": {"udi_pid": "C8300-1N1S-6T", "udi_serial_number": "FDO0000000A"}},
        },
        "meta": {"entitlement_tag": "regid.2019-04.com.cisco.CUBE_T_STD,1.0_0"},
        "measurements": [
            {
                "metric_name": "ENTITLEMENT",
                "start_time": start,
                "end_time": start + 86_400,
                "num_samples": 97,
                "meta": {"close_reason": "REPORTING"},
                "value": {"type": "COUNT", "value": str(value)},
            }
        ],
    }
    outer = {"payload": json.dumps(inner), "signature": {"value": "Tq2qxH="}}
    return b"<RUMReport>\n<![CDATA[" + json.dumps(outer, indent=1).encode() + b"]]>\n</RUMReport>"


def config(directory: Path) -> Config:
    return Config.model_validate(
        {
            "collect": [],
            "store": {"directory": str(directory)},
            "http": {"port": 0},
            "devices": [{"name": "cube-1"}],
        }
    )


@dataclass
class Running:
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> Any:
        return Remote(self.url, 10).get(path)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A whole monitor in a thread."""
    ready = threading.Event()
    box: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        service = Service(config(tmp_path / "data"))
        task = asyncio.create_task(service.run(stop))
        await service.ready.wait()
        box.append((asyncio.get_running_loop(), stop, service.port))
        ready.set()
        await task

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(30)
    loop, stop, port = box[0]
    yield Running(port)
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)


def shown(running: Running, tmp_path: Path, text: str, received: int) -> None:
    file = tmp_path / "capture.txt"
    file.write_text(text)
    words = ["import", "show", "--device", "cube-1", "--url", running.url, str(file)]
    assert main([*words, "--received", str(received)]) == 0


def test_files_and_listings_make_one_ledger(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "usage_all.xml"
    data = report(T0, 10) + b"\n" + report(T0 + 1, 15) + b"\n<RUMReport><![CDATA[x]]></RUMReport>\n"
    file.write_bytes(data)
    assert main(["import", "rum", "--url", running.url, str(file)]) == 1
    told = capsys.readouterr()
    assert "2 reports of PID:C8300-1N1S-6T,SN:FDO0000000A" in told.out
    assert f"byte {data.rindex(b'<RUMReport>')}: not JSON" in told.err
    (router,) = running.get("rum")["rum"]
    assert (router["router"], router["attributed"]) == (UDI, False)

    shown(running, tmp_path, RELEASE, T0 + 10 * 86_400)
    shown(running, tmp_path, listing(_0="ACK", _1="CLOSED", _2="OPEN"), T0 + 10 * 86_400)
    one = running.get("devices/cube-1/rum")
    assert (one["router"], one["attributed"]) == ("cube-1", True)
    assert one["counts"] == {"open": 1, "closed": 1, "sent": 0, "acknowledged": 1, "lost": 0}
    assert [told["tag"] for told in one["told"]] == ["CUBE_T_STD"]
    assert one["told"][0]["value"] == 10
    assert one["told"][0]["until"] == "2024-02-04T00:00:00Z"
    assert (one["told"][0]["waiting"], one["told"][0]["held"]) == (2, 1)
    assert one["told"][0]["waiting_peak"] == 15
    assert running.get(f"rum/routers/{UDI}") == one
    assert main(["rum", "--url", running.url]) == 0

    shown(running, tmp_path, listing(_2="OPEN"), T0 + 11 * 86_400)
    assert main(["rum", "cube-1", "--url", running.url]) == 1
    told = capsys.readouterr()
    assert "was closed, and is gone without an acknowledgement; held here" in told.out
    assert "1 of them can be uploaded from here" in told.out
    assert "#x." in told.out
    assert 'cube_rum_reports{device="cube-1",state="lost"} 1.0' in metrics(running)


def metrics(running: Running) -> str:
    """Once the snapshot has followed the commit."""
    import urllib.request  # noqa: PLC0415 - a scraper, not our client

    page = ""
    for _ in range(200):
        with urllib.request.urlopen(f"{running.url}/metrics", timeout=10) as answered:  # noqa: S310 - loopback
            page = str(answered.read(), "utf-8")
        if 'state="lost"} 1.0' in page:
            return page
        threading.Event().wait(0.05)
    return page


def test_what_was_brought_is_given_back_byte_for_byte(
    running: Running, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    data = b"\xef\xbb\xbf\r\n" + report(T0) + b"\x00\xff between \r" + report(T0 + 1) + b"\n\n"
    file, copy = tmp_path / "usage.xml", tmp_path / "copy.xml"
    file.write_bytes(data)
    assert main(["import", "rum", "--url", running.url, str(file)]) == 0
    # The report that both files hold is kept once; each file still comes back as it was.
    again = tmp_path / "later.xml"
    again.write_bytes(report(T0 + 1) + b"\n" + report(T0 + 2))
    assert main(["import", "rum", "--url", running.url, str(again)]) == 0
    words = ["rum", "export", "usage.xml", "--url", running.url]
    assert main([*words, "--output", str(copy)]) == 0
    assert copy.read_bytes() == data
    capsysbinary.readouterr()
    assert main(words) == 0
    assert capsysbinary.readouterr().out == data
    piece = running.get(f"rum/routers/{UDI}")["reports"][0]
    assert Remote(running.url, 10).raw(f"rum/pieces/{piece['piece']}") == report(T0)


def test_a_file_without_reports_keeps_no_other_from_a_running_monitor(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing, file = tmp_path / "nothing.xml", tmp_path / "usage.xml"
    nothing.write_text("no reports here")
    file.write_bytes(report(1_600_000_001))
    assert main(["import", "rum", "--url", running.url, str(nothing), str(file)]) == 1
    told = capsys.readouterr()
    assert "nothing.xml" in told.out + told.err
    assert "422" in told.out + told.err
    assert main(["rum", "files", "--url", running.url]) == 0
    assert "usage.xml" in capsys.readouterr().out


def test_a_data_directory_that_nobody_uses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = tmp_path / "data", tmp_path / "usage.xml"
    data.mkdir()
    file.write_bytes(report(T0) + report(T0 + 1))
    nothing = tmp_path / "poem.txt"
    nothing.write_text("so much depends")
    words = ["--data", str(data)]
    assert main(["import", "rum", *words, str(file), str(nothing)]) == 1
    assert "nothing taken: no RUM report" in capsys.readouterr().err
    assert main(["import", "rum", *words, str(file)]) == 0
    capsys.readouterr()
    assert main(["rum", *words, "--json"]) == 0
    (router,) = json.loads(capsys.readouterr().out)["rum"]
    assert router["counts"]["closed"] == 2
    assert main(["rum", UDI, *words]) == 0
    assert "REPORTING" in capsys.readouterr().out
    assert main(["rum", "files", *words]) == 0
    assert "usage.xml" in capsys.readouterr().out
    assert main(["rum", "export", "usage.xml", *words, "--output", str(tmp_path / "copy")]) == 0
    assert (tmp_path / "copy").read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rum", "export"], "export needs a FILE"),
        (["rum", "export", "none.xml"], "no file 'none.xml' was brought"),
        (["rum", "cube-9"], "no usage reports of 'cube-9'"),
        (["rum", "files", "x"], "only `cubemon rum export` takes a FILE"),
    ],
)
def test_what_cannot_be_done_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    data, file = tmp_path / "data", tmp_path / "usage.xml"
    data.mkdir()
    file.write_bytes(report(T0))
    assert main(["import", "rum", "--data", str(data), str(file)]) == 0
    assert main([*words, "--data", str(data)]) == 2
    assert said in capsys.readouterr().err


def test_the_usage_report_of_a_running_monitor(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["report", "--url", running.url, "--from", "0", "--to", "86400"]
    assert main([*words, "--format", "html"]) == 1
    told = capsys.readouterr()
    assert "Nothing was measured in this time." in told.out
    assert "nothing was measured in that time" in told.err
    assert main([*words, "--device", "cube-9"]) == 2
    assert "cube-9" in capsys.readouterr().err
