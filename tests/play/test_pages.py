"""What people were told: read from files, worked out from plays, compared one by one."""

from collections import Counter
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.errors import ConfigError
from monitor.play.pages import Change, Told, compare_pages
from monitor.play.scenario import Page, load
from monitor.play.worlds import notation

SMALL = """
name: a deadline near
start: 2026-01-01T00:00:00Z
config: {devices: [{name: cube-1, release: 17.3.3}]}
steps:
  - at: +0s
    syslog:
      from: cube-1
      line: "<190>1: Jan  1 2026 00:00:00.000 UTC: %SMART_LIC-6-REPORTING_REQUIRED:
        A Usage report acknowledgement will be required in 5 days."
    pages: FIRST
  - at: +1d
  - at: +2d1h
    pages:
      - {subject: cube-1, severity: critical, opened}
      - {subject: cube-1, severity: warning, resolved}
"""
WARNING = "[{subject: cube-1, severity: warning, opened}]"


def small(tmp_path: Path, first: str) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL.replace("FIRST", first), encoding="utf-8")
    return file


def test_the_right_pages_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", str(small(tmp_path, WARNING))]) == 0
    assert "1 of 1" in capsys.readouterr().out


def test_pages_since_the_last_step_that_says_so(tmp_path: Path) -> None:
    """Nothing said at the first step leaves its page to be named at the next."""
    file = small(tmp_path, WARNING)
    file.write_text(file.read_text().replace(f"    pages: {WARNING}\n", ""))
    assert main(["play", str(file)]) == 1


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("[]", "page opened, not expected: subject=cube-1 severity=warning rule=cycle_unknown"),
        (
            "[{subject: cube-1, severity: critical, opened}]",
            "page expected, not opened: subject=cube-1 severity=critical",
        ),
        (
            f"{WARNING[:-1]}, {{subject: cube-1, severity: warning, resolved}}]",
            "page expected, not resolved: subject=cube-1 severity=warning",
        ),
    ],
)
def test_wrong_pages_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], first: str, told: str
) -> None:
    assert main(["play", str(small(tmp_path, first))]) == 1
    assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    "page",
    [
        "{subject: cube-1, severity: warning}",
        "{subject: cube-1, severity: warning, opened, resolved}",
        "{subject: cube-1, severity: info, opened}",
        "opened",
    ],
)
def test_a_page_is_opened_or_resolved_and_more_than_information(tmp_path: Path, page: str) -> None:
    with pytest.raises(ConfigError, match=r"small\.yaml"):
        load(small(tmp_path, f"[{page}]"))


def page(*, rule: str | None = None, step: str | None = None) -> Page:
    words = {"subject": "r1", "severity": "critical", "opened": None, "rule": rule, "step": step}
    return Page.model_validate(
        {name: word for name, word in words.items() if word or name == "opened"}
    )


def change(rule: str, step: str) -> Change:
    return Change(Told("r1", "critical", rule, step), opened=True)


def test_each_page_answers_one_expectation() -> None:
    found = Counter(
        [change("pull_due", "7d"), change("pull_due", "3d"), change("ack_backstop", "24h")]
    )

    # The plain one comes first and must not take what only another can be answered by.
    expected = [page(), page(rule="pull_due", step="3d"), page(rule="pull_due")]
    assert compare_pages(expected, found) == ((), ())

    missing, unexpected = compare_pages([page(rule="pull_due")] * 3, found)
    assert missing == (page(rule="pull_due"),)
    assert unexpected == (change("ack_backstop", "24h"),)


def test_a_page_that_came_twice_is_expected_twice() -> None:
    found = Counter([change("pull_due", "7d")] * 2)
    assert compare_pages([page()], found) == ((), (change("pull_due", "7d"),))


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([None, None, 1.0], "_ _ 1"),
        ([2.0, 2.0, None, None, 2.0], "2+0x1 stale _ 2"),
        ([-1.5, -1.5, -1.5], "-1.5+0x2"),
        ([0.0, 1_700_000_000.123456], "0 1700000000.123456"),
    ],
)
def test_series_in_the_notation_of_unit_tests(values: list[float | None], written: str) -> None:
    assert notation(values) == written
