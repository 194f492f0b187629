"""Measure old ranges again, of which minutes or hours are left."""

from itertools import groupby
from pathlib import Path

from tests.cli.recompute.measured import STD, Monitor, Run


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
