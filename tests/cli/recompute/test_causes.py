"""Measure stored readings again: what live measuring recorded, and every reason to differ."""

from array import array
from pathlib import Path

from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from tests.cli.recompute.measured import BASE, DAY, ENH, HOUR, STD, Monitor, Run, walk


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
