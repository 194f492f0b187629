"""Every scenario by both judges: the rules in Python, and the same rules in real Prometheus."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.play.judges import Judged, judged, rule_paths
from monitor.play.pages import compare_pages
from monitor.play.scenario import Scenario, load

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "scenarios").glob("*.yaml"))
RULES = rule_paths(ROOT / "rules")
pytestmark = pytest.mark.engine("promtool")


@pytest.fixture(scope="module")
def scenarios() -> Mapping[str, Scenario]:
    return {file.stem: load(file) for file in FILES}


@pytest.fixture(scope="module")
def verdicts(scenarios: Mapping[str, Scenario]) -> Mapping[str, Judged]:
    return judged(scenarios, RULES)


@pytest.mark.parametrize("name", [file.stem for file in FILES])
def test_both_judges_give_the_expected_pages(
    scenarios: Mapping[str, Scenario], verdicts: Mapping[str, Judged], name: str
) -> None:
    verdict = verdicts[name]

    assert not verdict.disagreements
    for number, step in enumerate(scenarios[name].steps):
        if step.pages is not None:
            for pages in (verdict.evaluate, verdict.promtool):
                assert compare_pages(step.pages, pages[number]) == ((), ())


def test_every_step_says_its_pages(scenarios: Mapping[str, Scenario]) -> None:
    silent = [
        f"{name} step {number + 1}"
        for name, scenario in scenarios.items()
        for number, step in enumerate(scenario.steps)
        if step.pages is None
    ]
    assert silent == []


def test_prometheus_judges_by_itself(scenarios: Mapping[str, Scenario], tmp_path: Path) -> None:
    """Without the rule about pushes planned too late it finds another speaker, or none."""
    path = RULES[0]
    less = path.read_text().replace("rule: push_planned_too_late", "rule: nothing_of_the_kind")
    (tmp_path / path.name).write_text(less)
    name = "03-push-after-deadline-17.3.2"

    found = judged({name: scenarios[name]}, [tmp_path / path.name, *RULES[1:]])[name]

    assert found.disagreements
    assert found.evaluate != found.promtool
    told = {one.rule for one in found.disagreements[0].promtool}
    assert told == {"never_acknowledged"}
