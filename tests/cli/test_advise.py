"""`cubemon advise` on captures of a bad and a good router, and on odd input."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.cli import main

GOLDEN = Path(__file__).parents[1] / "golden" / "advice"
NOW = "2026-11-22T10:00:00Z"
Advise = Callable[..., dict[str, Any]]


@pytest.fixture
def advise(capsys: pytest.CaptureFixture[str]) -> Advise:
    def ask(*words: str, code: int) -> dict[str, Any]:
        assert main(["advise", *words, "--json"]) == code
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        return said

    return ask


@pytest.mark.parametrize(("name", "code"), [("bad_router", 1), ("good_router", 0)])
def test_a_router_is_advised_as_reviewed(advise: Advise, name: str, code: int) -> None:
    said = advise(str(GOLDEN / name / "capture.txt"), "--now", NOW, code=code)
    assert said == json.loads((GOLDEN / name / "advice.json").read_text())


def test_people_read_why_the_rule_and_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", str(GOLDEN / "bad_router" / "capture.txt"), "--now", NOW]) == 1
    said = capsys.readouterr().out
    assert said.startswith("ISR4351, release 17.6.1a: 13 to put right, 3 hints, 0 fine, 1 not")
    assert "WARNING  no_name_server/missing" in said
    assert "  type      Type `configure terminal`, then `ip name-server ADDRESS`." in said
    assert said.index("WARNING") < said.index("INFO")
    for secret in ("Sup3rs3cret", "hunter2", "$9$", "0822455D0A16"):
        assert secret not in said


def test_hints_alone_end_with_0(tmp_path: Path, advise: Advise) -> None:
    path = tmp_path / "r.txt"
    path.write_text("r1#show running-config | include border\nmode border-element\nr1#\n")
    said = advise(str(path), code=0)
    assert [one["severity"] for one in said["advice"]] == ["info"]


def test_what_was_not_checked_names_the_command_to_add(tmp_path: Path, advise: Advise) -> None:
    path = tmp_path / "r.txt"
    path.write_text("r1#show running-config | include hostname\nhostname r1\nr1#\n")
    missing = {one["check"]: one["add"] for one in advise(str(path), code=0)["not_checked"]}
    assert missing["no_name_server"] == "add the whole of `show running-config`, not a part of it"
    assert missing["release_stops_calls"] == "add `show version`"
    assert missing["reservation_with_policy"] == "add `show version` and `show license usage`"
    assert missing["clock_off"] == "say with --now when the capture was taken"


def test_an_output_that_holds_another_is_not_asked_for_again(advise: Advise) -> None:
    golden = GOLDEN.parent / "show"
    files = [
        str(golden / "license_all" / "17.3_chapter" / "output.txt"),
        str(golden / "cube_status" / "17.3.2" / "output.txt"),
    ]
    said = advise(*files, code=1)
    missing = {one["check"]: one["add"] for one in said["not_checked"]}
    assert missing["trust_missing_on_member"] == "the output does not tell"
    assert "transport_not_smart" in {one["check"] for one in said["advice"]}
    assert said["release"] == "17.3.2"


def test_debug_lines_in_a_capture_are_evidence(tmp_path: Path, advise: Advise) -> None:
    path = tmp_path / "r.txt"
    path.write_text(
        "r1#show clock\n10:00:00.000 UTC Sun Nov 22 2026\n"
        "*May 18 10:12:45.178: //CUBE-SL/Info/cube_sl_send_entitlement_request: Request"
        " successful for license_type: 0 and count 9.\n"
    )
    said = advise(str(path), code=0)
    assert [one["check"] for one in said["advice"]] == ["debug_left_on"]


def test_the_clock_counts_only_where_the_time_of_the_capture_is_said(
    tmp_path: Path, advise: Advise
) -> None:
    path = tmp_path / "r.txt"
    path.write_text("r1#show clock\n08:00:00.000 UTC Sun Nov 22 2026\n")
    assert advise(str(path), code=0)["advice"] == []
    (one,) = advise(str(path), "--now", NOW, code=1)["advice"]
    assert (one["check"], one["step"]) == ("clock_off", "hour")


def test_nothing_recognised_is_unusable(tmp_path: Path, advise: Advise) -> None:
    path = tmp_path / "r.txt"
    path.write_text("good morning\n")
    assert advise(str(path), code=2)["warnings"] == ["no output of a known command was recognised"]


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["advise", str(tmp_path / "none.txt")]) == 2
    assert "none.txt: No such file" in capsys.readouterr().err


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, advise: Advise) -> None:
    text = b"cube-1#show cube status\nSW-Version : 17.3.3, Platform CSR1000V\n"
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    said = advise(code=1)
    assert (said["device"], said["release"]) == ("cube-1", "17.3.3")
