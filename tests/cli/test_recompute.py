"""Measure stored readings again: what live measuring recorded, and every reason to differ."""

import json
import signal
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from monitor.aggregate.condensing import merged_minutes
from monitor.aggregate.live import Live
from monitor.aggregate.recompute import Compared, Recomputed
from monitor.aggregate.rules import DeviceRules
from monitor.cli import main
from monitor.cli.recompute import _ask
from monitor.cli.recompute_journal import Journal
from monitor.domain.measurement import Measurement, Reason
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.pipeline.recomputing import recomputed
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig
from monitor.store.embedded.store import RetentionConfig

BASE = 1_700_006_400
HOUR, DAY = 3_600, 86_400
STD, ENH = "CUBE_T_STD", "CUBE_T_ENH"
CONFIG = """
usage: {periodicity: 8h}
store: {directory: DIRECTORY}
"""


class Monitor:
    """A store that the live aggregator measures into, without the service around it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.store = EmbeddedStore(EmbeddedStoreConfig(directory=directory))
        self.live = Live(self.store, lambda _: DeviceRules(periods=((0, 8),)))
        self.now = float(BASE)

    def hears(
        self,
        start: int,
        counts: Sequence[int],
        *,
        device: str = "cube-1",
        tag: str = STD,
        source: str = "lab",
        step: int = 30,
    ) -> None:
        """So many readings from a second on, `step` apart."""
        seconds = array("q", range(start, start + len(counts) * step, step))
        columns = ReadingColumns(
            series=[Series(device, tag, source)],
            which=array("I", bytes(4 * len(counts))),
            seconds=seconds,
            counts=array("q", counts),
        )
        self.store.commit(Batch(readings=[columns]))
        self.live.feed(columns, self.now)

    def measures(self, now: float) -> None:
        self.now = now
        while self.live.due(now):
            work = self.live.work(now)
            self.store.commit(
                Batch(
                    origins=work.origins, hours=work.hours, chains=work.chains, worked=work.worked
                )
            )

    def latest(self) -> Sequence[Measurement]:
        return self.store.measurements()


def walk(length: int, seed: int = 1) -> list[int]:
    steps = np.random.default_rng(seed).integers(-2, 3, length)
    counts: list[int] = (np.abs(np.cumsum(steps)) + 5).tolist()
    return counts


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


Run = Callable[..., tuple[int, list[dict[str, object]], str]]


@pytest.fixture
def recompute(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, list[dict[str, object]], str]:
        code = main(["recompute", "--config", str(config), "--json", "--workers", "1", *words])
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()], said.err

    return run


def test_what_live_measuring_recorded_comes_out_again(three_days: Monitor, recompute: Run) -> None:
    code, periods, said = recompute("--all")
    assert code == 0, said
    recorded = three_days.latest()
    assert len(periods) == len(recorded) > 20
    assert all(one["equal"] and not one["causes"] for one in periods)
    assert {one["tag"] for one in periods} == {STD, ENH, "AGG"}
    assert f"{len(recorded)} periods: 0 differ" in said


def test_late_data_that_nobody_measured(three_days: Monitor, recompute: Run) -> None:
    late = BASE + DAY + 2 * HOUR
    three_days.store.commit(
        Batch(
            readings=[
                ReadingColumns(
                    series=[Series("cube-1", STD, "lab")],
                    which=array("I", bytes(4 * 600)),
                    seconds=array("q", range(late, late + 600)),
                    counts=array("q", [900]) * 600,
                )
            ]
        )
    )
    code, periods, _ = recompute("--device", "cube-1")
    assert code == 1
    assert {one["tag"] for one in periods} == {STD, "AGG"}
    first = next(one for one in periods if one["tag"] == STD)
    assert first["causes"] == ["late data"]
    assert any("follows from an earlier difference" in one["causes"] for one in periods)  # type: ignore[operator]  # a list


def test_apply_records_new_versions_and_keeps_the_old(three_days: Monitor, recompute: Run) -> None:
    before = three_days.store.measurements(versions="all")
    late = BASE + DAY + 2 * HOUR
    three_days.hears(late, [900] * 40, step=15)
    three_days.store.close()
    assert recompute("--apply")[0] == 0
    code, periods, said = recompute()
    assert (code, periods) == (0, []), said
    reader = EmbeddedStore.open_reader(three_days.directory)
    after = reader.measurements(versions="all")
    assert len(after) > len(before)
    assert {one.version for one in reader.measurements()} == {1, 2}
    assert [one for one in after if one.version == 1] == before
    reader.close()


def test_apply_beside_a_running_monitor_is_refused_with_what_to_do(
    three_days: Monitor, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert three_days.live is not None
    assert main(["recompute", "--config", str(config), "--apply"]) == 2
    said = capsys.readouterr().err
    assert "in use" in said
    assert "--url" in said


def test_an_excluded_source(three_days: Monitor, config: Path, recompute: Run) -> None:
    three_days.hears(BASE + 3 * DAY, [700] * 1_000, source="wrong", step=30)
    three_days.hears(BASE + 3 * DAY, walk(3_000), step=30)
    three_days.measures(BASE + 5 * DAY)
    text = config.read_text()
    config.write_text(f"{text}\ndevices: [{{name: cube-1, exclude_sources: [wrong]}}]\n")
    code, periods, _ = recompute()
    assert code == 1
    assert periods[0]["causes"][0] == "excluded source"  # type: ignore[index]  # a list
    three_days.store.close()
    assert recompute("--apply")[0] == 0
    assert recompute()[0] == 0


def test_another_rounding(three_days: Monitor, config: Path, recompute: Run) -> None:
    text = config.read_text()
    config.write_text(text.replace("8h", "8h, rounding: down"))
    code, periods, _ = recompute()
    assert code == 1
    assert {tuple(one["causes"]) for one in periods} <= {  # type: ignore[arg-type]  # lists
        ("rounding",),
        ("rounding", "follows from an earlier difference"),
    }
    assert three_days.latest()


def test_another_periodicity(three_days: Monitor, config: Path, recompute: Run) -> None:
    config.write_text(config.read_text().replace("8h", "10h"))
    code, periods, _ = recompute("--device", "cube-1")
    assert code == 1
    assert "other periods" in periods[0]["causes"]  # type: ignore[operator]  # a list
    assert three_days.latest()


def test_what_nobody_has_measured_yet(monitor: Monitor, recompute: Run) -> None:
    monitor.hears(BASE, walk(DAY // 30))
    code, periods, _ = recompute()
    assert code == 1
    assert {tuple(one["causes"]) for one in periods} == {("not recorded yet",)}  # type: ignore[arg-type]  # lists
    monitor.store.close()
    assert recompute("--apply")[0] == 0
    assert recompute()[0] == 0


def test_a_range_begins_with_the_checkpoint_before_it(three_days: Monitor, recompute: Run) -> None:
    start, end = BASE + DAY + 3 * HOUR, BASE + 2 * DAY
    code, periods, _ = recompute("--all", "--from", str(start), "--to", str(end))
    assert code == 0
    recorded = [one for one in three_days.latest() if one.end > start and one.start < end]
    assert len(periods) == len(recorded)


def test_a_stopped_run_goes_on_where_it_was(monitor: Monitor, config: Path, recompute: Run) -> None:
    for number in range(4):
        monitor.hears(BASE, walk(DAY // 30, number), device=f"cube-{number}")
    monitor.measures(BASE + DAY + HOUR)
    assert recompute("--all")[0] == 0
    journal = monitor.directory / "recompute.journal"
    assert journal.read_text() == ""
    whole = recompute("--all")[1]
    taken = 0

    def stopping(*given: object) -> Iterator[object]:
        nonlocal taken
        for found in recomputed(*given):  # type: ignore[arg-type]  # passed on
            if taken == 2:
                raise KeyboardInterrupt
            taken += 1
            yield found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor.cli.recompute.recomputed", stopping)
        assert recompute("--all")[0] == 130
    assert len(journal.read_text().splitlines()) == 3
    with journal.open("a") as file:
        file.write('{"device": "cube-2", "per')
    seen: list[str] = []

    def watching(source: object, tasks: Sequence[object], workers: int) -> Iterator[object]:
        seen.extend(task.device for task in tasks)  # type: ignore[attr-defined]  # a Task
        return recomputed(source, tasks, workers)  # type: ignore[arg-type]  # passed on

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor.cli.recompute.recomputed", watching)
        code, periods, _ = recompute("--all")
    assert (code, seen) == (0, ["cube-2", "cube-3"])
    assert periods == whole
    assert config.exists()


def test_workers_find_the_same(three_days: Monitor, config: Path) -> None:
    three_days.hears(BASE, walk(DAY // 30), device="cube-2")
    words = [sys.executable, "-m", "monitor", "recompute", "--config", str(config), "--all"]
    done = [
        subprocess.run([*words, "--workers", n], check=False, capture_output=True, text=True)
        for n in ("1", "2")
    ]
    assert done[0].returncode == done[1].returncode == 1, done[1].stderr
    assert done[0].stdout == done[1].stdout
    assert "not recorded yet" in done[0].stdout


def test_workers_end_with_a_killed_run(three_days: Monitor, config: Path) -> None:
    assert three_days.latest()
    words = [
        sys.executable,
        "-m",
        "monitor",
        "recompute",
        "--config",
        str(config),
        "--workers",
        "2",
    ]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
        found: list[str] = []
        deadline = time.monotonic() + 20
        while not found and run.poll() is None and time.monotonic() < deadline:
            found = children.read_text().split()
        run.send_signal(signal.SIGKILL)
        run.wait()
        for child in found:
            while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert not Path(f"/proc/{child}").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--device", "cube-9"], "no readings of 'cube-9'; it has cube-1"),
        (["--store", "influx"], "no database outside is named 'influx'"),
        (["--url", "http://127.0.0.1:1"], "--apply"),
        (["--apply", "--url", "http://127.0.0.1:1", "--store", "x"], "its own store"),
        (["--from", "yesterday"], "yesterday"),
    ],
)
def test_what_cannot_be_done_says_why(
    three_days: Monitor, recompute: Run, words: list[str], said: str
) -> None:
    assert three_days.latest()
    code, _, error = recompute(*words)
    assert code == 2
    assert said in error


def test_two_runs_at_once_are_one_too_many(three_days: Monitor, recompute: Run) -> None:
    journal = Journal(three_days.directory, "x", fresh=False)
    assert recompute()[0] == 2
    journal.close()
    assert recompute()[0] == 0


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


def test_old_ranges_come_out_again_from_minutes_and_hours(old: Monitor, recompute: Run) -> None:
    code, periods, said = recompute("--all")
    assert code == 0, said
    levels = {one["level"] for one in periods}
    assert levels == {"seconds", "minutes", "hours"}
    assert all(one["equal"] for one in periods)
    assert "not from seconds alone" in said
    by_level = [one["level"] for one in periods if one["tag"] == STD]
    assert [level for level, _ in groupby(by_level)] == ["hours", "minutes", "seconds"]
    assert len(by_level) == len([one for one in old.latest() if one.tag == STD])


def test_a_source_that_is_left_out_is_left_out_of_old_minutes_too(
    old: Monitor, config: Path, recompute: Run
) -> None:
    text = config.read_text()
    config.write_text(f"{text}\ndevices: [{{name: cube-1, exclude_sources: [lab]}}]\n")
    code, periods, _ = recompute()
    assert code == 1
    old_ones = [one for one in periods if one["tag"] == STD and one["level"] == "minutes"]
    assert old_ones[0]["causes"] == ["excluded source"]
    assert all("excluded source" in one["causes"] for one in old_ones)  # type: ignore[operator]  # a list
    values = {one["recomputed"]["value"] for one in old_ones if one["recomputed"]}  # type: ignore[index]  # an object
    assert values == {3.0}
    assert old.latest()


def test_a_range_that_ends_before_it_begins_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--from", "2026-12-01T00:00:00Z", "--to", "2026-11-01T00:00:00Z"]
    assert main(["recompute", "--data", str(tmp_path), *words]) == 2
    assert "--to has to be later than --from" in capsys.readouterr().err


class Unmoved:
    """A monitor whose own configuration gives what it has recorded."""

    def post(self, path: str, body: bytes, **query: object) -> dict[str, object]:
        del path, body, query
        return {"device": "cube-1", "renewed": 0}


def test_what_the_monitor_did_not_record_is_not_said_to_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = Measurement(
        device="cube-1", tag=STD, start=BASE, end=BASE + HOUR, units=36, count=1, coverage=1.0,
        minute_coverage=1.0, reason=Reason.PERIODIC, changed=False,
    )  # fmt: skip
    differs = Compared(device="cube-1", tag=STD, start=BASE, recorded=one, recomputed=None)
    found = Recomputed(device="cube-1", periods=(differs,))
    assert _ask(Unmoved(), found) is False  # type: ignore[arg-type]  # asked only so
    assert "by its own" in capsys.readouterr().err
    assert _ask(Unmoved(), Recomputed(device="cube-1")) is True  # type: ignore[arg-type]  # as above
