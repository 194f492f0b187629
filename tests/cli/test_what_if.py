"""`cubemon what-if`, from captures and from a running monitor."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from monitor.cli import main
from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.instants import DAY
from monitor.domain.state import FleetSnapshot
from monitor.evaluate import Limits, judge_device
from monitor.expose.api import build_api
from monitor.expose.http import HttpConfig, HttpServer
from monitor.wire import ReadingLines, Receipt

SHOW = Path(__file__).parents[1] / "golden" / "show"
CHAPTER = [
    str(SHOW / "license_status" / "17.3.2_chapter" / "output.txt"),
    str(SHOW / "cube_status" / "17.3.2" / "output.txt"),
]
MAY = ("--now", "2020-05-20T00:00:00Z")
NOW = 1_700_035_200.0


def test_from_captures_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["what-if", *CHAPTER, "--release", "17.18.1a", *MAY]) == 0
    said = capsys.readouterr().out
    assert said.startswith("cube: 17.3.2 -> 17.18.1a\n")
    assert "now   calls stop at a missed" in said
    assert "then  calls go on at a missed" in said
    assert "changes  push_planned_too_late/planned: critical -> warning" in said
    assert "resolves  WARNING advice_release_stops_calls/stops" in said
    assert "17.5.1   telemetry The acknowledgement deadline comes over YANG" in said


def test_from_captures_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["what-if", *CHAPTER, "--release", "17.06.03", *MAY, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["device"] == "cube"
    assert said["after"] == {
        "release": "17.6.3",
        "stopping": "never",
        "report_pile_up_ends_with": "17.6.5",
    }
    assert [one["since"] for one in said["changes"]][-1] == "17.6.1a"


def test_a_pile_up_is_said_in_both_directions(capsys: pytest.CaptureFixture[str]) -> None:
    main(["what-if", *CHAPTER, "--release", "17.3.5", *MAY])
    assert "pile up (FN72578) until 17.3.7" in capsys.readouterr().out
    path = str(SHOW / "version" / "17.6.1a_isr" / "output.txt")
    assert main(["what-if", path, "--release", "17.9.4a"]) == 0
    assert "no longer pile up" in capsys.readouterr().out
    assert main(["what-if", path, "--release", "17.3.2", *MAY]) == 0
    assert "undone on the way back" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--release", "soon"], "'soon' is no release"),
        (["--release", "17.9"], "'17.9' is no release"),
        ([], "--release"),
    ],
)
def test_wrong_arguments_end_with_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["what-if", *CHAPTER, *words])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_unusable_input_ends_with_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text("good morning\n")
    assert main(["what-if", str(path), "--release", "17.9.1"]) == 2
    assert "no output of a known command" in capsys.readouterr().err
    assert main(["what-if", str(tmp_path / "none"), "--release", "17.9.1"]) == 2
    assert "No such file" in capsys.readouterr().err
    assert main(["what-if", str(path), "--device", "r1", "--release", "17.9.1"]) == 2
    assert "not both" in capsys.readouterr().err


# Against a running monitor


def fact(name: FactName, value: Value, key: str = "") -> Fact:
    return Fact(
        subject="sbc berlin/1",
        name=name,
        key=key,
        source="cli",
        value=value,
        kind=FactKind.EXACT,
        received=NOW - 3600,
        effective=NOW - 3600,
        device_time=NOW - 3600,
    )


def fleet() -> FleetSnapshot:
    said = (
        fact(FactName.RELEASE, "17.3.3"),
        fact(FactName.ACK_DEADLINE, NOW + 10 * DAY),
        fact(FactName.NEXT_PUSH, NOW + 20 * DAY),
        fact(FactName.LAST_ACK, NOW - 20 * DAY),
        fact(FactName.USAGE_COUNT, 40, "CUBE_T_STD"),
    )
    device = Device(id="sbc berlin/1")
    state = judge_device(device, said, last_seen={}, now=NOW, limits=Limits())
    return FleetSnapshot(now=NOW, devices=[state])


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
        snapshot=fleet,
        archive=NoArchive(),
        ingest=ingest,
        ready=lambda: None,
        registry=CollectorRegistry(),
    )
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


def asked(url: str, *words: str) -> list[str]:
    return ["what-if", "--url", url, *words]


def test_a_device_of_a_running_monitor(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--device", "sbc berlin/1", "--release", "17.18.1a", "--json")
    assert main(asked(url, *words)) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["device"] == "sbc berlin/1"
    assert (said["before"]["stopping"], said["after"]["stopping"]) == ("stops", "never")
    (one,) = said["changed"]
    assert (one["rule"], one["was"], one["severity"]) == (
        "push_planned_too_late",
        "critical",
        "warning",
    )
    assert said["tags"] == {"CUBE_T_STD": "CUBE_TS_STD"}
    main(asked(url, *words[:-1]))
    assert "tag CUBE_T_STD is called CUBE_TS_STD" in capsys.readouterr().out


def test_a_lone_word_that_is_no_file_is_a_device(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(asked(url, "nobody", "--release", "17.18.1a")) == 2
    assert "nobody" in capsys.readouterr().err


def test_what_gets_worse_ends_with_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text("r1#show cube status\nSW-Version : 17.9.4a, Platform CSR1000V\n")
    assert main(["what-if", str(path), "--release", "17.4.2"]) == 1
    assert "opens  WARNING advice_release_stops_calls/stops" in capsys.readouterr().out


def test_a_device_nobody_knows(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(url, "--device", "sbc berlin/2", "--release", "17.9.1")) == 2
    assert "nearest: sbc berlin/1" in capsys.readouterr().err


def test_a_monitor_that_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    gone = "http://127.0.0.1:9"
    assert main(asked(gone, "--device", "r1", "--release", "17.9.1", "--timeout", "2")) == 3
    assert "no answer from http://127.0.0.1:9" in capsys.readouterr().err


def test_an_answer_that_is_no_monitors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("monitor.cli.what_if.Remote.get", lambda *_: {"id": "r1"})
    assert main(asked("http://127.0.0.1:9", "--device", "r1", "--release", "17.9.1")) == 3
    assert "the answer is not a monitor's" in capsys.readouterr().err
