import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from monitor.cli import main
from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.findings import Finding, Severity, Standing
from monitor.domain.instants import DAY
from monitor.domain.release import stopping
from monitor.domain.state import AckCycle, DeviceState, FleetSnapshot, OpenFinding
from monitor.expose.api import build_api
from monitor.expose.http import HttpConfig, HttpServer
from monitor.wire import ReadingLines, Receipt

NOW = 1_700_035_200.0


class NoArchive:
    def measurements(self, **_: object) -> list[Any]:
        return []

    def readings(self, **_: object) -> Iterator[Any]:
        return iter(())

    def events(self, **_: object) -> list[Any]:
        return []


class Running:
    """A monitor on loopback that shows `fleet`."""

    def __init__(self) -> None:
        self.fleet = FleetSnapshot(now=NOW)
        self.not_ready: str | None = None
        self.url = ""

    @contextmanager
    def served(self) -> Iterator[None]:
        async def ingest(_: ReadingLines) -> Receipt:
            return Receipt(accepted=0)

        app = build_api(
            snapshot=lambda: self.fleet,
            archive=NoArchive(),
            ingest=ingest,
            ready=lambda: self.not_ready,
            registry=CollectorRegistry(),
        )
        server = HttpServer(app, HttpConfig(port=0))
        self.url = f"http://127.0.0.1:{server.bind()}"
        loop = asyncio.new_event_loop()
        task = loop.create_task(server.run())

        def work() -> None:
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(task)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join()
            loop.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    running = Running()
    with running.served():
        yield running


@pytest.fixture
def running(shared: Running) -> Running:
    shared.fleet = FleetSnapshot(now=NOW, devices=[device("oslo"), device("berlin", 2 * DAY)])
    shared.not_ready = None
    return shared


def device(name: str, left: float | None = None) -> DeviceState:
    deadline = None
    if left is not None:
        deadline = Fact(
            subject=name, name=FactName.ACK_DEADLINE, source="cli", value=NOW + left,
            kind=FactKind.EXACT, received=NOW, effective=NOW,
        )  # fmt: skip
    return DeviceState(
        device=Device(id=name), now=NOW, release="17.3.3", stopping=stopping("17.3.3"),
        cycle=AckCycle(deadline=deadline), virtual_account=None,
    )  # fmt: skip


def found(
    severity: Severity, subject: str = "berlin", *, opened: float | None = NOW, held: str = ""
) -> OpenFinding:
    finding = Finding(
        rule=f"rule_{severity.word}", step="3d", subject=subject, severity=severity,
        why=f"{subject} is not well", next="show license status", deadline=NOW + 2 * DAY,
        inhibited_by=held,
    )  # fmt: skip
    standing = Standing(key=finding.key, since=NOW, opened=opened)
    return OpenFinding(finding=finding, standing=standing)


def status(
    running: Running, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, list[str]]:
    code = main(["status", "--url", running.url, *words])
    return code, capsys.readouterr().out.splitlines()


def show(running: Running, *findings: OpenFinding) -> None:
    running.fleet = replace(running.fleet, findings=findings)


def test_a_fleet_without_findings_is_ok(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = status(running, capsys)
    assert code == 0
    assert lines[0] == "CUBE OK - 2 devices | devices=2 critical=0 warning=0 info=0"


def test_a_long_first_line_is_cut_between_words(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    one = found(Severity.CRITICAL)
    long = replace(one.finding, why="The deadline is 2026-11-24 19:39:42 UTC. " * 10)
    show(running, replace(one, finding=long))
    first = status(running, capsys)[1][0].split(" | ")[0]
    assert len(first) < 270
    assert first.endswith(" ...")
    assert first.removesuffix(" ...").split()[-1] in long.why.split()


def test_devices_are_sorted_by_deadline(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    _, lines = status(running, capsys)
    rows = [line.split() for line in lines[3:]]
    assert [row[0] for row in rows] == ["berlin", "oslo"]
    assert "2023-11-17T08:00:00Z (in 2 d)" in lines[3]
    assert "in " not in lines[4]  # unknown is no deadline, not a distant one


@pytest.mark.parametrize(
    ("severities", "code", "word"),
    [
        ([Severity.INFO], 0, "OK"),
        ([Severity.INFO, Severity.WARNING], 1, "WARNING"),
        ([Severity.WARNING, Severity.CRITICAL], 2, "CRITICAL"),
    ],
)
def test_the_worst_finding_decides(
    running: Running,
    capsys: pytest.CaptureFixture[str],
    severities: list[Severity],
    code: int,
    word: str,
) -> None:
    show(running, *(found(severity) for severity in severities))
    answered, lines = status(running, capsys)
    assert answered == code
    assert lines[0].startswith(f"CUBE {word} - 2 devices, 1 {severities[-1].word}")
    if code:
        assert "; berlin: berlin is not well |" in lines[0]
    assert any("show license status" in line for line in lines[1:])


def test_findings_that_are_held_back_or_not_yet_raised_do_not_count(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    show(
        running,
        found(Severity.CRITICAL, held="sip_down"),
        found(Severity.CRITICAL, "oslo", opened=None),
    )
    code, lines = status(running, capsys)
    assert code == 0
    assert "critical=0" in lines[0]
    assert "held by sip_down" in "".join(lines)
    assert "not yet raised" in "".join(lines)


def test_a_monitor_that_is_not_ready_is_never_ok(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    running.not_ready = "draining"
    assert status(running, capsys)[0] == 3
    show(running, found(Severity.CRITICAL))
    code, lines = status(running, capsys)
    assert code == 2
    assert "not ready: draining" in lines[0]


def test_a_fleet_of_nobody_is_unknown(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    running.fleet = FleetSnapshot(now=NOW)
    code, lines = status(running, capsys)
    assert code == 3
    assert lines == ["CUBE UNKNOWN - 0 devices | devices=0 critical=0 warning=0 info=0"]


def test_json_holds_everything(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    show(running, found(Severity.WARNING))
    code, lines = status(running, capsys, "--json")
    body = json.loads("\n".join(lines))
    assert (code, body["exit"], body["status"]) == (1, 1, "warning")
    assert [each["id"] for each in body["devices"]] == ["berlin", "oslo"]
    assert body["findings"][0]["rule"] == "rule_warning"
    assert body["now"] == "2023-11-15T08:00:00Z"


def test_long_lists_say_how_much_is_left_out(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    running.fleet = FleetSnapshot(now=NOW, devices=[device(f"cube-{n}") for n in range(60)])
    assert "and 10 more (--json shows all)" in status(running, capsys)[1]


def test_a_device_cannot_steer_the_terminal(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    show(running, found(Severity.WARNING, "ber\x1b[2Jlin|x [red]"))
    _, lines = status(running, capsys)
    assert "\x1b" not in "".join(lines)
    assert lines[0].count("|") == 1
    assert any("[red]" in line for line in lines[1:])


def unknown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["status", *words]) == 3
    line = capsys.readouterr().out.splitlines()[0]
    assert line.startswith("CUBE UNKNOWN - ")
    return line


def test_a_monitor_that_does_not_answer_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        assert "no answer" in unknown(capsys, "--url", url)


def test_a_monitor_that_hangs_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert "timed out" in unknown(capsys, "--url", url, "--timeout", "0.05")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "nonsense", "http://", "http://a:b"])
def test_a_wrong_url_is_unknown(capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert url in unknown(capsys, "--url", url)


@pytest.mark.parametrize("words", [["--urll", "x"], ["--timeout", "soon"], ["--timeout", "0"]])
def test_wrong_arguments_are_unknown_and_never_critical(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["status", *words])
    assert ended.value.code == 3
    assert capsys.readouterr().out.startswith("CUBE UNKNOWN - ")


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b'{"now": null, "total": 1, "findings": [{}]}', b"\xff"]
)
def test_something_else_on_that_port_is_unknown(
    capsys: pytest.CaptureFixture[str], body: bytes
) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            unknown(capsys, "--url", f"http://127.0.0.1:{other.server_address[1]}")
        finally:
            other.shutdown()
            thread.join()
