"""`cubemon report`: out of a data directory, and out of a running monitor."""

import csv
import io
import json
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.instants import DAY, HOUR
from monitor.domain.measurement import Chain, Measurement, Reason
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

T0 = 1_700_006_400  # 2023-11-15T00:00:00Z
SPAN = ["--from", "2023-11-15T00:00:00Z", "--to", str(T0 + 30 * DAY)]
CONFIG = """\
accounts:
  - name: voice
    purchased: {CUBE_T_STD: 11}
devices:
  - name: cube-2
    virtual_account: other
"""


def measured(device: str, at: int) -> Measurement:
    return Measurement(
        device=device,
        tag="CUBE_T_STD",
        start=T0 + at * 8 * HOUR,
        end=T0 + (at + 1) * 8 * HOUR,
        units=36 * (10 + at % 3),
        count=10 + at % 3,
        coverage=1.0,
        minute_coverage=1.0,
        reason=Reason.PERIODIC,
        changed=False,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store with more than 30 days of 8-hour periods of two devices."""
    directory = tmp_path / "data"
    store = EmbeddedStore(EmbeddedStoreConfig(directory=directory))
    chains = [
        Chain(
            device=device,
            tag="CUBE_T_STD",
            start=T0 - DAY,
            version=1,
            measurements=tuple(measured(device, at) for at in range(-3, 95)),
        )
        for device in ("cube-1", "cube-2")
    ]
    account = Fact(
        subject="cube-1", name=FactName.VIRTUAL_ACCOUNT, source="cli", value="voice",
        kind=FactKind.EXACT, received=T0, effective=T0,
    )  # fmt: skip
    store.commit(Batch(chains=chains, facts=[account]))
    store.close()
    (tmp_path / "cubemon.yaml").write_text(CONFIG)
    return directory


def test_thirty_days_of_eight_hours_are_ninety_measurements(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["report", *SPAN, "--data", str(data), "--device", "cube-1"]
    assert main([*words, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 90
    assert (rows[0]["account"], rows[0]["purchased"]) == ("voice", "")
    config = ["--config", str(tmp_path / "cubemon.yaml")]
    assert main([*words, *config, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["total"], told["series"][0]["purchased"]) == (90, 11)
    assert main(words) == 0
    assert capsys.readouterr().out.count("periodic") == 90


def test_the_page_is_written_into_a_file(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "october.html"
    words = ["report", *SPAN, "--data", str(data), "--config", str(tmp_path / "cubemon.yaml")]
    words += ["--account", "other", "--by", "ann", "--zone", "Asia/Kolkata"]
    assert main([*words, "--format", "html", "--output", str(page)]) == 0
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert "cube-2" in text
    assert "cube-1" not in text
    assert "by ann" in text
    assert "2023-11-15 05:30 IST" in text
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--from", "2030-01-01T00:00:00Z", "--to", "2030-01-02T00:00:00Z"], 1, "nothing was"),
        (["--from", "2030-01-01T00:00:00Z", "--to", "2029-01-02T00:00:00Z"], 2, "earlier than"),
        ([*SPAN, "--zone", "Mars/Base"], 2, "Europe/Berlin"),
        ([*SPAN, "--output", "/nowhere/at/all"], 2, "cannot be written"),
        (["--from", "yesterday"], 2, "yesterday"),
    ],
)
def test_what_cannot_be_done_is_told(
    data: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert main(["report", "--data", str(data), *words]) == code
    assert said in capsys.readouterr().err
