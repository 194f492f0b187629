"""Two judges of one scenario: the rules in Python, and the same rules in Prometheus."""

import multiprocessing
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitor.play.looks import MOST_QUIET, Look, looks
from monitor.play.pages import Pages, Speaking, pages_of
from monitor.play.play import Difference, played
from monitor.play.promtool import firing
from monitor.play.scenario import Scenario

_MANY: Final = 8
"""From so many scenarios on, starting other processes pays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A moment at which the two judges do not say the same."""

    at: float
    """Seconds since 1970 UTC."""
    evaluate: Speaking
    promtool: Speaking


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What both judges said of one scenario."""

    differences: Sequence[Difference]
    """From `expect` and `pages` of the scenario, by the rules in Python."""
    evaluate: Pages
    promtool: Pages
    disagreements: Sequence[Disagreement]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A scenario as played, and the moments at which Prometheus is asked about it."""

    differences: Sequence[Difference]
    pages: Pages
    looks: Sequence[Look]


def rule_paths(directory: Path) -> Sequence[Path]:
    """The rule files of a directory in the order of evaluation: what is recorded comes first."""
    found = sorted(directory.glob("*.rules.yml"))
    return sorted(found, key=lambda path: not path.name.startswith("conditions"))


def judged(
    scenarios: Mapping[str, Scenario],
    rules: Sequence[Path],
    *,
    quiet: int = MOST_QUIET,
    processes: int = 2,
) -> Mapping[str, Judged]:
    """Play all of them, and let Prometheus judge what was exposed, in one run of promtool.

    `rules`: rule files in the order in which they are to be evaluated. `quiet`: moments of each
    scenario that are looked at although nothing changes. Raises PromtoolError where promtool cannot
    run.
    """
    jobs = [(f"{at}", one, quiet) for at, one in enumerate(scenarios.values())]
    seen = dict(zip(scenarios, _all_seen(jobs, processes), strict=True))
    every = [look for one in seen.values() for look in one.looks]
    expected = {look.world.name: look.expected for look in every}
    told = firing([look.world for look in every], rules, expected)
    return {name: _judged(scenarios[name], one, told) for name, one in seen.items()}


def _all_seen(jobs: Sequence[tuple[str, Scenario, int]], processes: int) -> Iterable[_Seen]:
    if len(jobs) < _MANY or processes < 2:  # noqa: PLR2004 - one process is this one
        return [_seen(job) for job in jobs]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        return list(pool.map(_seen, jobs, chunksize=max(1, len(jobs) // (8 * processes))))


def _seen(job: tuple[str, Scenario, int]) -> _Seen:
    name, scenario, quiet = job
    play = played(scenario)
    return _Seen(
        differences=play.differences,
        pages=play.pages,
        looks=list(looks(name, scenario, play, quiet=quiet)),
    )


def _judged(scenario: Scenario, seen: _Seen, told: Mapping[str, Speaking]) -> Judged:
    return Judged(
        differences=seen.differences,
        evaluate=seen.pages,
        promtool=pages_of(scenario, [(look.step, told[look.world.name]) for look in seen.looks]),
        disagreements=[
            Disagreement(at=look.world.end, evaluate=look.expected, promtool=told[look.world.name])
            for look in seen.looks
            if told[look.world.name] != look.expected
        ],
    )
