import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from monitor.cli import main
from monitor.cli.remote import Remote, age
from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.findings import EvidenceLine, Finding, Severity, Standing
from monitor.domain.instants import DAY
from monitor.domain.release import stopping
from monitor.domain.state import AckCycle, DeviceState, FleetSnapshot, OpenFinding
from monitor.expose.api import build_api
from monitor.expose.http import HttpConfig, HttpServer
from monitor.wire import ReadingLines, Receipt

NOW = 1_700_035_200.0


def fact(name: FactName, value: Value, *, plain: bool = False) -> Fact:
    return Fact(
        subject="sbc berlin/1", name=name, source="syslog" if plain else "cli", value=value,
        kind=FactKind.DERIVED if plain else FactKind.EXACT, received=NOW - 3 * 3600,
        effective=NOW, authenticated=not plain, bound=plain,
    )  # fmt: skip


def fleet() -> FleetSnapshot:
    state = DeviceState(
        device=Device(id="sbc berlin/1"),
        now=NOW,
        release="17.3.3",
        stopping=stopping("17.3.3"),
        cycle=AckCycle(
            required=fact(FactName.ACK_REQUIRED, True),
            deadline=fact(FactName.ACK_DEADLINE, NOW + 2 * DAY, plain=True),
            last_ack=fact(FactName.LAST_ACK, None),
        ),
        virtual_account=None,
    )
    quiet = DeviceState(
        device=Device(id="oslo"), now=NOW, release=None, stopping=stopping(None), cycle=AckCycle(),
        virtual_account="voice", stale=True, last_seen={"syslog": NOW - DAY},
    )  # fmt: skip
    finding = Finding(
        rule="ack_backstop", step="3d", subject="sbc berlin/1", severity=Severity.CRITICAL,
        why="Calls stop in 2 days.", next="license smart sync all", deadline=NOW + 2 * DAY,
        stale=True, inhibited_by="sip_down",
        evidence=(EvidenceLine(what="next ACK deadline", value="2023-11-17T08:00:00Z",
                               source="cli", kind="exact", received=NOW - 40),),
    )  # fmt: skip
    standing = Standing(key=finding.key, since=NOW, opened=NOW - DAY)
    return FleetSnapshot(
        now=NOW,
        devices=[state, quiet],
        findings=[OpenFinding(finding=finding, standing=standing)],
    )


class NoArchive:
    def measurements(self, **_: object) -> list[Any]:
        return []

    def readings(self, **_: object) -> Iterator[Any]:
        return iter(())

    def events(self, **_: object) -> list[Any]:
        return []


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    async def ingest(_: ReadingLines) -> Receipt:
        return Receipt(accepted=0)

    app = build_api(
        snapshot=fleet, archive=NoArchive(), ingest=ingest, ready=lambda: None,
        registry=CollectorRegistry(),
    )  # fmt: skip
    server = HttpServer(app, HttpConfig(port=0))
    port = server.bind()
    loop = asyncio.new_event_loop()
    task = loop.create_task(server.run())

    def work() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=work)
    thread.start()
    yield f"http://127.0.0.1:{port}/"
    loop.call_soon_threadsafe(task.cancel)
    thread.join()
    loop.close()


def test_a_device_is_explained_with_evidence(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "sbc berlin/1", "--url", url]) == 0
    assert (
        capsys.readouterr().out
        == """\
sbc berlin/1: platform unknown, 17.3.3
Calls stop when an acknowledgement deadline is missed.
SIP service: unknown
virtual account: unassigned
last heard: never

CRITICAL (stale, held by sip_down): Calls stop in 2 days.
  rule      ack_backstop / 3d about sbc berlin/1
  next      license smart sync all
  since     2023-11-14T08:00:00Z
  deadline  2023-11-17T08:00:00Z
  next ACK deadline         2023-11-17T08:00:00Z  [exact, cli, 40 s ago]

acknowledgement cycle
  ACK required              yes  [exact, cli, 3 h ago]
  next ACK deadline         2023-11-17T08:00:00Z at the earliest (zone unknown)  \
[derived, syslog, 3 h ago, not authenticated]
  last ACK received         none  [exact, cli, 3 h ago]
  next report push          unknown
  last report sent          unknown
  reporting interval (days) unknown
  transport                 unknown
  trust code installed      unknown
"""
    )


def test_a_device_without_findings_says_so(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "OSLO", "--url", url]) == 0
    text = capsys.readouterr().out
    assert "no findings" in text
    assert "may stop" in text
    assert "last heard: 2023-11-14T08:00:00Z (stale)" in text


def test_json_is_the_object_of_the_api(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "oslo", "--url", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "oslo"


def test_an_unknown_device_is_2_with_the_nearest_names(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "osla", "--url", url]) == 2
    assert "nearest: oslo" in capsys.readouterr().err
    assert main(["explain", "zzzzzzzz", "--url", url]) == 2
    assert "nearest" not in capsys.readouterr().err


def test_a_monitor_that_cannot_be_reached_is_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "oslo", "--url", "http://127.0.0.1:1"]) == 3
    assert "no answer" in capsys.readouterr().err


@pytest.mark.parametrize("body", [b"{}", b'{"detail": "busy"}'])
def test_an_answer_that_is_not_a_monitors_is_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    status = 200 if body == b"{}" else 503
    monkeypatch.setattr(Remote, "_answer", lambda *_: (status, body))
    assert main(["explain", "oslo"]) == 3
    said = capsys.readouterr().err
    assert "not a monitor's" in said if status == 200 else "503" in said


def test_an_answer_without_end_is_not_read(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.cli.remote._LARGEST_ANSWER", 100)
    assert main(["explain", "oslo", "--url", url]) == 3
    assert "more than 100 bytes" in capsys.readouterr().err


def test_wrong_arguments_are_3(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["explain"])
    assert ended.value.code == 3


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (7_199, "1 h"), (2 * DAY, "2 d"), (DAY, "24 h")],
)
def test_ages_are_rounded_down(seconds: float, words: str) -> None:
    assert age(seconds) == words
