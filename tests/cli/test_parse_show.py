"""`cubemon parse show`: JSON lines, text for people, exit codes."""

import io
import json
from pathlib import Path

import pytest

from monitor.cli import main

CUBE = "CUBE-Version : 14.1\nSW-Version : 17.3.2, Platform CSR1000V\nHA-Type : none\n"
VOICE = "Host Name: cube\nCurrent Time: Nov 25 2019 14:46:41 IST\nSIP service: Up\n"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "router.txt"
    path.write_text(CUBE + VOICE)
    return path


def test_json_is_one_object_per_output(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "show", str(capture), "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(first) == ["command", "data", "warnings"]
    assert first["command"] == "show cube status"
    assert first["data"]["platform"] == "CSR1000V"
    assert second["data"]["current_time"] == {"utc": None, "text": "Nov 25 2019 14:46:41 IST"}
    assert len(second["warnings"]) == 1


def test_a_zone_word_can_be_given(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["parse", "show", str(capture), "--json", "--timezone", "IST=+05:30"]
    assert main(words) == 0
    second = json.loads(capsys.readouterr().out.splitlines()[1])
    assert second["data"]["current_time"]["utc"] == "2019-11-25T09:16:41Z"
    assert second["warnings"] == []


@pytest.mark.parametrize("words", ["IST", "IST=05:30", "IST=+25:00", "=+1"])
def test_a_zone_that_is_none_is_refused(
    capture: Path, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["parse", "show", str(capture), "--timezone", words])
    said = capsys.readouterr().err
    assert "write it like IST=+05:30" in said or "beyond 14 hours" in said


def test_people_get_text(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture.write_text("cube#show license usage\n" + usage() + "what is this\ncube#\n")
    assert main(["parse", "show", str(capture)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("cube: show license usage\n")
    assert "      tag: CUBE_T_STD\n" in printed
    assert "    at: 2019-03-04T15:11:54Z (Mar 04 15:11:54 2019 UTC)\n" in printed
    assert "  lines not understood: 1\n" in printed


def usage() -> str:
    return (
        "License Authorization:\n  Status: AUTHORIZED on Mar 04 15:11:54 2019 UTC\n"
        "CUBE_T_STD (CUBE_T_STD):\n  Description: x\n  Count: 1\n"
    )


def test_people_get_warnings_and_yes_and_no(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture.write_text("Policy in use: x\nReporting ACK required: no\nInstalled Time: soon\n")
    assert main(["parse", "show", str(capture)]) == 0
    printed = capsys.readouterr().out
    assert "    ack required: no\n" in printed
    assert "  warning: Installed Time: 'soon' is not a time\n" in printed


def test_standard_input_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(CUBE.encode())))
    assert main(["parse", "show", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["cube_version"] == "14.1"


def test_the_command_can_be_named(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture.write_text("Count: 5\n")
    assert main(["parse", "show", str(capture), "--json", "--command", "sh lic usage"]) == 0
    assert json.loads(capsys.readouterr().out)["command"] == "show license usage"


def test_an_unknown_command_is_refused(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["parse", "show", str(capture), "--command", "show clocks"])
    assert "show cube status" in capsys.readouterr().err


def test_a_text_without_any_output_is_said(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture.write_text("hello\n")
    assert main(["parse", "show", str(capture), "--json"]) == 1
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "show license status" in streams.err


def test_a_missing_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "show", str(tmp_path / "none.txt")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_bytes_that_are_no_text_are_read(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture.write_bytes(b"\xef\xbb\xbf" + CUBE.encode() + b"\xff\xfe\n")
    assert main(["parse", "show", str(capture), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["cube_version"] == "14.1"
