"""`cubemon peaks` from file to output."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main, readings_csv

DAY = "2023-11-15"
KEYS = [
    "device", "tag", "start", "end", "value", "count", "coverage", "minute_coverage", "reason",
    "changed", "profile",
]  # fmt: skip


def minute(hour: int, at: int, *counts: int) -> list[str]:
    rows = enumerate(counts)
    return [f"cube-1,CUBE_T_STD,{DAY}T{hour:02}:{at:02}:{s:02}Z,{count}" for s, count in rows]


def worked_example() -> str:
    rows = ["device,tag,time,count", *minute(0, 0, 10, 12, 11, 9, 40)]
    for at, count in enumerate((9, 9, 6), start=1):
        rows += minute(0, at, count)
    for hour, count in enumerate((13, 14, 12, 15, 15, 9, 9), start=1):
        rows += minute(hour, 30, count)
    rows += [*minute(8, 0, 19), *minute(8, 1, 18, 19), *minute(9, 0, 19)]
    return "\n".join(rows) + "\n"


class Ran:
    """Runs the command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.capsys, self.file = capsys, folder / "readings.csv"
        self.errors = ""

    def __call__(self, text: str | bytes, *options: str) -> tuple[int, str]:
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode())
        code = main(["peaks", str(self.file), *options])
        out, self.errors = self.capsys.readouterr()
        return code, out

    def json(self, text: str | bytes, *options: str) -> tuple[int, list[dict[str, Any]]]:
        code, out = self(text, "--json", *options)
        return code, [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def peaks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ran:
    return Ran(capsys, tmp_path)


def test_the_worked_example(peaks: Ran) -> None:
    code, rows = peaks.json(worked_example(), "--periodicity", "8h", "--until", f"{DAY}T10:00:00Z")
    assert code == 0
    assert peaks.errors == ""
    assert [list(row) for row in rows] == [KEYS] * 6
    assert [row["tag"] for row in rows] == ["AGG"] * 3 + ["CUBE_T_STD"] * 3
    first, second, shown = rows[3:]
    assert first == {
        "device": "cube-1",
        "tag": "CUBE_T_STD",
        "start": f"{DAY}T00:00:00Z",
        "end": f"{DAY}T08:00:00Z",
        "value": 15.0,
        "count": 15,
        "coverage": 15 / 28_800,
        "minute_coverage": 11 / 480,
        "reason": "periodic",
        "changed": False,
        "profile": "top3",
    }
    assert (second["start"], second["end"]) == (f"{DAY}T08:00:00Z", f"{DAY}T10:00:00Z")
    assert (second["value"], second["reason"], second["changed"]) == (19.0, "change", True)
    assert (shown["end"], shown["reason"]) == (f"{DAY}T18:00:00Z", "open")
    assert (shown["value"], shown["count"], shown["coverage"]) == (None, None, 0.0)


def test_a_value_is_printed_exactly_and_rounded_as_asked(peaks: Ran) -> None:
    text = "device,tag,time,count\n" + "\n".join([*minute(8, 0, 19), *minute(8, 1, 18, 19)])
    options = ("--periodicity", "8h", "--until", f"{DAY}T16:00:00Z")
    for rounding, count in (("up", 19), ("nearest", 19), ("down", 18)):
        _, rows = peaks.json(text, *options, "--rounding", rounding)
        assert (rows[0]["value"], rows[0]["count"]) == (18.75, count)
    assert '"value": 18.75,' in peaks(text, "--json", *options)[1]


def test_the_newest_reading_of_any_device_closes(peaks: Ran) -> None:
    text = worked_example() + f"other,X,{DAY}T09:59:59Z,1\n"
    _, rows = peaks.json(text, "--periodicity", "8h")
    mine = [row["reason"] for row in rows if row["tag"] == "CUBE_T_STD"]
    assert mine == ["periodic", "open"]
    later = text + f"other,X,{DAY}T10:00:00Z,1\n"
    _, rows = peaks.json(later, "--periodicity", "8h")
    mine = [row["reason"] for row in rows if row["tag"] == "CUBE_T_STD"]
    assert mine == ["periodic", "change", "open"]


def test_bad_rows_are_named_and_the_rest_goes_on(peaks: Ran) -> None:
    bad = [
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00,1",
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00Z,-1",
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00Z,1.5",
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00Z,1_0",
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00Z,\N{ARABIC-INDIC DIGIT TWO}",
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00Z,",
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00Z,1e3",
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00Z,{10**16}",
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00Z,{'9' * 5000}",
        f"cube-1,CUBE_T_STD,{DAY}T10:00:01Z,1",
        "cube-1,CUBE_T_STD,yesterday,1",
        "cube-1,CUBE_T_STD,nan,1",
        "cube-1,CUBE_T_STD,-5,1",
        f"cube-1,CUBE_T_STD,{'1' * 400},1",
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00Z",
        f"cube-1,CUBE_T_STD,{DAY}T00:00:00Z,1,2",
        f",CUBE_T_STD,{DAY}T00:00:00Z,1",
        f"cube-1, ,{DAY}T00:00:00Z,1",
        f"cube\x1b[2J,CUBE_T_STD,{DAY}T00:00:00Z,1",
        f"{'c' * 300},CUBE_T_STD,{DAY}T00:00:00Z,1",
        f'"cube-1,CUBE_T_STD,{DAY}T00:00:00Z,1',
    ]
    good, options = worked_example(), ("--periodicity", "8h", "--until", f"{DAY}T10:00:00Z")
    _, expected = peaks.json(good, *options)
    lines = good.splitlines()
    text = "\n".join([*lines[:5], "", *bad, "   ", *lines[5:]])
    code, rows = peaks.json(text, *options)
    assert code == 1
    assert rows == expected
    named = peaks.errors.splitlines()
    assert [line.partition(":")[0] for line in named[:-1]] == [
        f"line {7 + at}" for at in range(len(bad))
    ]
    assert named[-1] == f"{len(bad)} rows were refused"
    assert "\x1b" not in peaks.errors
    assert max(map(len, named)) < 200


def test_without_an_end_readings_of_the_future_are_refused(peaks: Ran) -> None:
    code, rows = peaks.json("device,tag,time,count\nd,X,2999-01-01T00:00:00Z,1\n")
    assert (code, rows) == (1, [])
    assert "line 2" in peaks.errors


def test_what_is_no_utf8_is_refused_by_row(peaks: Ran) -> None:
    text = b"device,tag,time,count\nd\xff,X,1700000000,1\nd,X,1700000000,1\n"
    code, rows = peaks.json(text)
    assert (code, [row["device"] for row in rows]) == (1, ["d"])
    assert "line 2" in peaks.errors


def test_more_refused_rows_than_anyone_reads_are_counted(peaks: Ran) -> None:
    code, _ = peaks.json("device,tag,time,count\n" + "d,X,1,-1\n" * 1_005)
    assert code == 1
    assert peaks.errors.count("line ") == 1_000
    assert "and 5 more" in peaks.errors
    assert "1005 rows were refused" in peaks.errors


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_times_columns_marks_and_quotes_may_differ(peaks: Ran, end: str) -> None:
    rows = [
        "Count,time, tag ,device,note,source",
        "1,1700006400,X,d,,s",
        '2,1700006400.9,X,d,"a, b",t',
        '3,2023-11-15T05:30:00+05:30,X,"d",,',
        "4,2023-11-15 00:00:01Z,X,d,,s",
        "",
    ]
    code, found = peaks.json(b"\xef\xbb\xbf" + end.join(rows).encode(), "--until", "1700611200")
    assert code == 0
    assert peaks.errors == ""
    assert (found[0]["value"], found[0]["count"], found[0]["start"]) == (
        3.5,
        4,
        f"{DAY}T00:00:00Z",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ("device,tag,time\n", "lacks the column count"),
        ("device;tag;time;count\n", "lacks the column device"),
        ("device,tag,time,count,tag\n", "tag twice"),
        ('"device,tag,time,count\n', "header cannot be read"),
        ("device,tag,time,count\nd,X,1,1\n" + "x" * 70_000, "line 3 is longer"),
    ],
)
def test_a_file_that_is_no_table_is_unusable(peaks: Ran, text: str, says: str) -> None:
    code, out = peaks(text)
    assert (code, out) == (2, "")
    assert says in peaks.errors


@pytest.mark.parametrize(
    "options", [("--periodicity", "24h"), ("--periodicity", "31d"), ("--until", "tomorrow")]
)
def test_wrong_options_are_unusable(peaks: Ran, options: tuple[str, str]) -> None:
    assert peaks(worked_example(), *options)[0] == 2
    assert options[1] in peaks.errors


def test_a_missing_file_is_unusable(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["peaks", str(tmp_path / "none.csv")]) == 2
    assert "none.csv: No such file" in capsys.readouterr().err


def test_a_table_is_for_people(peaks: Ran) -> None:
    code, out = peaks(worked_example(), "--periodicity", "8h", "--until", f"{DAY}T10:00:00Z")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split()[:4] == ["device", "tag", "start", "end"]
    assert lines[5].split() == [
        "cube-1", "CUBE_T_STD", f"{DAY}T08:00:00Z", f"{DAY}T10:00:00Z", "19.00", "19", "2.5%",
        "change", "yes",
    ]  # fmt: skip
    assert lines[6].split()[4:6] == ["-", "-"]


def test_a_header_alone_is_a_file_without_readings(peaks: Ran) -> None:
    assert peaks("device,tag,time,count") == (0, "")
    assert peaks.json("device,tag,time,count\n") == (0, [])


def test_periods_without_a_value_are_noted(peaks: Ran) -> None:
    text = "device,tag,time,count\nd,X,1700006400,1\nd,X,1700100000,1\n"
    code, rows = peaks.json(text, "--periodicity", "8h")
    assert code == 0
    assert [row["reason"] for row in rows] == ["periodic", "open"]
    assert "d X: 2 periods without any value, 2023-11-15T08:00:00Z to 2023-11-16T00:00:00Z" in (
        peaks.errors
    )


def test_a_line_that_is_only_a_quote_is_refused(peaks: Ran) -> None:
    code, rows = peaks.json('device,tag,time,count\n"\nd,X,1700006400,1\n \n')
    assert (code, len(rows)) == (1, 1)


def test_blocks_are_joined(peaks: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("--periodicity", "8h", "--until", f"{DAY}T10:00:00Z")
    _, whole = peaks.json("\n\n" + worked_example(), *options)
    monkeypatch.setattr(readings_csv, "_BLOCK", 7)
    monkeypatch.setattr(readings_csv, "_MOST_MINUTES", 1)
    code, rows = peaks.json("\n\n" + worked_example(), *options)
    assert (code, rows) == (0, whole)


def test_standard_input_is_a_file_too() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "monitor", "peaks", "-", "--json", "--periodicity", "8h"],
        input=worked_example(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0
    assert ran.stderr == ""
    assert [json.loads(line)["reason"] for line in ran.stdout.splitlines()] == [
        "periodic",
        "open",
    ] * 2
