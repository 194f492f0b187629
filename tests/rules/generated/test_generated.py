"""Generated scenarios by both judges: they page what the slow judge reads in the paper.

The suite plays every third; `CUBEMON_SCENARIOS=all` plays all of them (some minutes).
"""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.play.judges import Judged, judged, rule_paths
from monitor.play.pages import compare_pages
from monitor.play.scenario import Scenario
from tests.rules.generated import outputs, plots

ROOT = Path(__file__).parents[3]
ALL = os.environ.get("CUBEMON_SCENARIOS") == "all"
STORIES = list(plots.stories())
PLAYED = STORIES if ALL else STORIES[::3]


@pytest.fixture(scope="module")
def scenarios() -> Mapping[str, Scenario]:
    return {one.name: Scenario.model_validate(outputs.scenario(one)) for one in PLAYED}


@pytest.fixture(scope="module")
def verdicts(scenarios: Mapping[str, Scenario]) -> Mapping[str, Judged]:
    return judged(scenarios, rule_paths(ROOT / "rules"), quiet=0)


def test_there_are_hundreds_and_each_has_its_name() -> None:
    names = [one.name for one in STORIES]

    assert len(names) >= 300
    assert len(set(names)) == len(names)
    assert names == [one.name for one in plots.stories()]


@pytest.mark.engine("promtool")
@pytest.mark.parametrize("name", [one.name for one in PLAYED])
def test_both_judges_agree_with_the_paper(
    scenarios: Mapping[str, Scenario], verdicts: Mapping[str, Judged], name: str
) -> None:
    verdict = verdicts[name]

    assert not verdict.differences
    assert not verdict.disagreements
    for number, step in enumerate(scenarios[name].steps):
        assert compare_pages(step.pages or (), verdict.promtool[number]) == ((), ())
