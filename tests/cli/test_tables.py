"""`cubemon tables` over a store."""

from array import array
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.aggregate.condensing import merged_minutes
from monitor.aggregate.rules import DeviceRules
from monitor.cli import main
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.parse.show import read
from monitor.parse.show.voice_sip_license_stats import VoiceSipLicenseStats
from monitor.store.embedded import EmbeddedStoreConfig

START = 1_706_950_800
AT = "2024-02-03T09:10:00Z"


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "data"
    series = [Series("cube-1", "CUBE_T_ENH", "s"), Series("cube-2", "CALLS", "s")]
    columns = ReadingColumns(
        series=series,
        which=array("I", [0] * 600 + [1]),
        seconds=array("q", [*range(START, START + 600), START]),
        counts=array("q", [*(at // 60 for at in range(600)), 5]),
    )
    with closing(EmbeddedStoreConfig(directory=directory).build()) as store:
        store.commit(Batch(readings=[columns]))
        yield directory


def test_tables_are_printed_and_our_parser_reads_them(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tables", "cube-1", "--data", str(data), "--at", AT]) == 0
    (output,) = read(capsys.readouterr().out)
    assert isinstance(output.data, VoiceSipLicenseStats)
    assert output.data.tables is not None
    assert [(table.kind, table.window) for table in output.data.tables[:2]] == [
        ("Enhanced", "60 seconds"),
        ("Enhanced", "60 minutes"),
    ]
    minutes = output.data.tables[1].rows
    assert [(row.average, row.max) for row in minutes[:3]] == [(7, 9), (2, 4), (None, None)]


def test_graphs_are_drawn(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", "cube-1", "--data", str(data), "--at", AT, "--graph"]) == 0
    (output,) = read(capsys.readouterr().out)
    assert isinstance(output.data, VoiceSipLicenseStats)
    assert output.data.graphs is not None
    assert output.data.graphs[1].maxima is not None
    assert output.data.graphs[1].maxima[:11] == (9, 8, 7, 6, 5, 4, 3, 2, 1, 0, None)


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["cube-9", "--at", AT], 2, "no readings of 'cube-9'; it has cube-1, cube-2"),
        (["cube-2", "--at", AT], 1, "no readings of trunk licences"),
        (["cube-1", "--at", "2025-02-03T09:10:00Z"], 1, "no readings of trunk licences"),
        (["cube-1", "--at", "soon"], 2, "soon"),
    ],
)
def test_what_cannot_be_shown_is_said(
    data: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    reason: str,
) -> None:
    assert main(["tables", *words, "--data", str(data)]) == code
    assert reason in capsys.readouterr().err


def test_a_missing_store_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", "cube-1", "--data", str(tmp_path / "none")]) == 2
    assert str(tmp_path / "none") in capsys.readouterr().err


def test_days_whose_seconds_are_gone_are_shown_from_their_minutes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = 86_400
    series = [Series("cube-1", "CUBE_T_STD", "s"), Series("cube-1", "CUBE_T_ENH", "s")]
    columns = ReadingColumns(
        series=series,
        which=array("I", [0, 1, 0]),
        seconds=array("q", [START, START, START + 9 * day]),
        counts=array("q", [40, 2, 5]),
    )
    with closing(EmbeddedStoreConfig(directory=tmp_path).build()) as store:
        store.merge_with(lambda _, dense: merged_minutes(dense, DeviceRules()))
        store.commit(Batch(readings=[columns]))
        store.commit(Batch(worked=store.touched()))
        while store.compact(float(START + 9 * day + 7_200)):
            pass
        at = str(START + 9 * day + day)
        assert main(["tables", "cube-1", "--data", str(tmp_path), "--at", at]) == 0
    (output,) = read(capsys.readouterr().out)
    assert isinstance(output.data, VoiceSipLicenseStats)
    assert output.data.tables is not None
    days = {one.kind: one.rows for one in output.data.tables if one.window == "72 days"}
    assert {kind: rows[0].max for kind, rows in days.items()}["Standard"] == 5
    highest = {kind: max(row.max or 0 for row in rows) for kind, rows in days.items()}
    assert highest == {"Standard": 40, "Enhanced": 2, "Aggregate": 42}
