"""`cubemon parse syslog` from files and standard input."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main

LINES = (
    b"<189>4184: Apr  3 20:41:54.207 IST: %CUBE-5-LICENSE_INFO: "
    b"Requesting for 3 CUBE Enhanced trunk licenses\n"
    b"<187>4186: .Apr  3 2021 15:12:10.001 UTC: %SMART_LIC-3-COMM_FAILED: "
    b"Communications failure with the Cisco Smart Software Manager (CSSM) : No route\n"
    b"<189>5022: sbc-1: Apr  3 2021 17:12:00 UTC+2: %SYS-5-CONFIG_I: Configured from console\n"
)
TIMES = ["--received", "2021-04-03T15:30:00Z", "--timezone", "IST=+05:30"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "router.log"
    path.write_bytes(LINES)
    return path


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_each_line_is_one_object_in_order(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["parse", "syslog", str(log), *TIMES, "--json"])

    request, failure, other = objects(capsys.readouterr().out)
    assert code == 0
    assert request == {
        "line": 1,
        "ok": True,
        "reason": None,
        "pri": 189,
        "facility": "CUBE",
        "severity": 5,
        "mnemonic": "CUBE-5-LICENSE_INFO",
        "origin": None,
        "counter": 4184,
        "sequence": None,
        "time": "2021-04-03T15:11:54.207Z",
        "clock": "synchronised",
        "text": "Requesting for 3 CUBE Enhanced trunk licenses",
        "events": [{"kind": "license_request", "tag": "CUBE_T_ENH", "count": 3}],
    }
    assert (failure["clock"], failure["events"][0]["peer"]) == ("lost", "CSSM")
    assert (other["origin"], other["time"], other["events"]) == (
        *("sbc-1", "2021-04-03T15:12:00Z"),
        [],
    )


def test_an_unknown_zone_word_is_no_time(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "syslog", str(log), "--received", "1617463800", "--json"]) == 0

    assert objects(capsys.readouterr().out)[0]["time"] is None


def test_lines_not_read_are_named_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.log"
    path.write_bytes(b"<189>7: hello\n\n" + b"x" * 200_000 + b"\n%SYS-5-A: last\r\n")

    code = main(["parse", "syslog", str(path), "--json"])

    seen = objects(capsys.readouterr().out)
    assert code == 1
    assert [(one["line"], one["ok"], one["reason"], one["counter"]) for one in seen] == [
        (1, False, "no_mnemonic", 7),
        (2, False, "empty", None),
        (3, False, "too_long", None),
        (4, True, None, None),
    ]
    assert seen[3]["text"] == "last"


def test_a_line_too_long_may_be_the_last_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.log"
    path.write_bytes(b"x" * 200_000)

    assert main(["parse", "syslog", str(path), "--json"]) == 1
    assert [one["reason"] for one in objects(capsys.readouterr().out)] == ["too_long"]


def test_standard_input_and_a_table_for_people(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = LINES + b"<191>9: sbc-1: Apr  3 15:12:00: //CUBE-SL/x: \x1b[31mred\nhello\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))

    code = main(["parse", "syslog", "-", *TIMES])

    rows = capsys.readouterr().out.splitlines()
    assert code == 1
    assert "license request tag=CUBE_T_ENH count=3" in rows[0]
    assert ".2021-04-03T15:12:10.001Z" in rows[1]
    assert "Configured from console" in rows[2]
    assert "\x1b" not in rows[3]
    assert rows[4].split() == ["5", "not", "read:", "no_mnemonic"]


def test_the_zone_of_stamps_without_a_word_can_be_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "local.log"
    path.write_bytes(b"<189>7: Apr  3 2021 10:12:00: %SYS-5-A: b\n")

    main(["parse", "syslog", str(path), "--timezone", "=-0500", "--json"])

    assert objects(capsys.readouterr().out)[0]["time"] == "2021-04-03T15:12:00Z"


def test_an_input_that_cannot_be_opened_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "syslog", "/nowhere/router.log"]) == 2

    assert "/nowhere/router.log: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--timezone", "IST"], "write it like IST=+05:30"),
        (["--timezone", "IST=+15:00"], "beyond 14 hours"),
        (["--received", "2021-04-03T15:12:00"], "has no zone"),
    ],
)
def test_wrong_arguments_are_explained(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["parse", "syslog", "-", *words])

    assert refusal.value.code == 2
    assert said in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_unusable_input(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("builtins.print", gone)
    monkeypatch.setattr("os.dup2", lambda *_: 0)

    assert main(["parse", "syslog", str(log)]) == 0


def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["parse", "syslog", "--help"])

    assert "exit codes: 0 every line was read; 1 some were not" in capsys.readouterr().out
