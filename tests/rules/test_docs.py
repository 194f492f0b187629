"""The page on rules names every alert about the monitor, and every file."""

from pathlib import Path

from monitor.evaluate.alerting.files import rule_files
from monitor.evaluate.alerting.own import HEARTBEAT, OWN
from monitor.evaluate.limits import Limits

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()


def test_every_alert_about_the_monitor_is_explained() -> None:
    rows = {line.split("`")[1]: line for line in PAGE.splitlines() if line.startswith("| `CubeM")}
    assert set(rows) == {HEARTBEAT, *(one.name for one in OWN)}
    for one in OWN:
        assert f"| {one.severity.word} |" in rows[one.name]


def test_every_file_is_named() -> None:
    for name in rule_files(Limits(), ""):
        assert f"`{name.removesuffix('.rules.yml')}`" in PAGE or f"`{name}`" in PAGE
