"""A monitor's store after three days or twelve, and `cubemon recompute` on it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.aggregate.condensing import merged_minutes
from monitor.aggregate.live import Live
from monitor.aggregate.rules import DeviceRules
from monitor.cli import main
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig
from monitor.store.embedded.store import RetentionConfig
from tests.cli.recompute.measured import BASE, DAY, ENH, HOUR, STD, Monitor, Run, walk

CONFIG = """
usage: {periodicity: 8h}
store: {directory: DIRECTORY}
"""


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[Monitor]:
    monitor = Monitor(tmp_path / "data")
    yield monitor
    monitor.store.close()


@pytest.fixture
def config(tmp_path: Path, monitor: Monitor) -> Path:
    path = tmp_path / "cubemon.yml"
    path.write_text(CONFIG.replace("DIRECTORY", str(monitor.directory)), encoding="utf-8")
    return path


@pytest.fixture
def three_days(monitor: Monitor) -> Monitor:
    for number, tag in enumerate((STD, ENH)):
        monitor.hears(BASE, walk(3 * DAY // 30, number), tag=tag)
    monitor.measures(BASE + 3 * DAY + HOUR)
    return monitor


@pytest.fixture
def recompute(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, list[dict[str, object]], str]:
        code = main(["recompute", "--config", str(config), "--json", "--workers", "1", *words])
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()], said.err

    return run


@pytest.fixture
def old(monitor: Monitor) -> Monitor:
    """Twelve days; of the first four no seconds are left, of the first two no minutes."""
    rules = DeviceRules(periods=((0, 8),))
    monitor.store.close()
    kept = RetentionConfig(seconds_days=8, minutes_days=10)
    monitor.store = EmbeddedStore(EmbeddedStoreConfig(directory=monitor.directory, retention=kept))
    monitor.store.merge_with(lambda _, dense: merged_minutes(dense, rules))
    monitor.live = Live(monitor.store, lambda _: rules)
    for number, tag in enumerate((STD, ENH)):
        monitor.hears(BASE, walk(12 * DAY // 30, number), tag=tag)
    monitor.hears(BASE, [3] * (12 * DAY // 300), step=300, source="other")
    monitor.measures(BASE + 12 * DAY + HOUR)
    while monitor.store.compact(BASE + 12 * DAY + HOUR):
        pass
    return monitor
