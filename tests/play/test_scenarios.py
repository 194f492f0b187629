from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.play import load, play
from monitor.play.scenario import seconds

FILES = sorted((Path(__file__).parents[1] / "scenarios").glob("*.yaml"))

SMALL = """
name: a deadline near
start: 2026-01-01T00:00:00Z
config: {devices: [{name: cube-1, release: 17.3.3}]}
steps:
  - at: +0s
    syslog:
      from: cube-1
      line: "<190>1: Jan  1 2026 00:00:00.000 UTC: %SMART_LIC-6-REPORTING_REQUIRED:
        A Usage report acknowledgement will be required in 2 days."
    expect: EXPECT
"""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_scenario_comes_out_as_expected(file: Path) -> None:
    assert play(load(file)) == []


def small(tmp_path: Path, expect: str) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL.replace("EXPECT", expect), encoding="utf-8")
    return file


def test_the_right_expectation_holds(tmp_path: Path) -> None:
    assert play(load(small(tmp_path, "[{subject: cube-1, severity: critical}]"))) == []


@pytest.mark.parametrize(
    "expect",
    [
        "[]",
        "[{subject: cube-1, severity: warning}]",
        "[{subject: cube-2, severity: critical}]",
        "[{subject: cube-1, severity: critical}, {subject: cube-2, severity: critical}]",
        "[{subject: cube-1, severity: critical, rule: ack_overdue}]",
        "[{subject: cube-1, severity: critical, stale: true}]",
    ],
)
def test_a_wrong_expectation_is_told(tmp_path: Path, expect: str) -> None:
    assert len(play(load(small(tmp_path, expect)))) == 1


@pytest.mark.parametrize(
    ("text", "value"), [("+70d", 6_048_000), ("+1h30m", 5_400), ("+0s", 0), ("90s", 90), ("0", 0)]
)
def test_times_after_the_start(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("name: x\nstart: 2026-01-01T00:00:00Z\nsteps: [{at: soon}]\n", "small.yaml:3: steps.0.at"),
        ("name: x\nstart: never\nsteps: [{at: 0}]\n", "small.yaml:2: start"),
        ("name: x\nstart: 2026-01-01T00:00:00Z\nsteps: [{at: +2d}, {at: +1d}]\n", "order of time"),
        ("name: x\nstart: 2026-01-01T00:00:00Z\nsteps: []\n", "small.yaml:3: steps"),
        (
            "name: x\nstart: 2026-01-01T00:00:00Z\nsteps: [{at: 0, expct: []}]\n",
            "did you mean 'expect'",
        ),
    ],
)
def test_a_file_that_cannot_be_played_says_where(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(line, encoding="utf-8")

    with pytest.raises(ConfigError, match=problem):
        load(file)


@pytest.mark.parametrize("start", ["2026-01-01", "2026-01-01T00:00:00Z", "1767225600"])
def test_an_empty_configuration_and_a_start_by_day(tmp_path: Path, start: str) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(f"name: x\nstart: {start}\nconfig:\nsteps: [{{at: 0}}]\n", encoding="utf-8")

    assert load(file).start == 1_767_225_600
    assert load(file).config.devices == ()
