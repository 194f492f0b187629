"""A run: its range, its workers, what stops it and where it goes on, what it cannot do."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.cli.recompute_journal import Journal
from monitor.pipeline.recomputing import recomputed
from tests.cli.recompute.measured import BASE, DAY, HOUR, Monitor, Run, walk


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


def test_a_range_that_ends_before_it_begins_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--from", "2026-12-01T00:00:00Z", "--to", "2026-11-01T00:00:00Z"]
    assert main(["recompute", "--data", str(tmp_path), *words]) == 2
    assert "--to has to be later than --from" in capsys.readouterr().err
