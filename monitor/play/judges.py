"""Two judges of one scenario: the rules in Python, and the same rules in Prometheus."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from monitor.domain.state import FleetSnapshot
from monitor.evaluate.insufficient_licenses import NAME as _SHORT
from monitor.play.pages import Pages, Speaking, pages_of, speaking
from monitor.play.play import Played, played
from monitor.play.promtool import firing
from monitor.play.scenario import Scenario
from monitor.play.worlds import Rhythm, World

PLAIN: Final = Rhythm(interval=300, intervals=2)
"""Enough where nothing has to last before it counts."""
MINUTES: Final = Rhythm(interval=60, intervals=10)
"""For pairs and shared causes, which last or are held for minutes."""
HOURS: Final = Rhythm(interval=240, intervals=45)
"""For balances, which last and are held for an hour."""
HOURS_BY_MINUTES: Final = Rhythm(interval=60, intervals=180)
_LONGEST: Final = 8
"""A shortage that lasts is followed back to its start, over at most so many times the hours."""
_MOST_QUIET: Final = 20
"""Moments looked at in a play at which nothing changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A moment at which the two judges do not say the same."""

    at: float
    evaluate: Speaking
    promtool: Speaking


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What both judges said of one scenario."""

    played: Played
    evaluate: Pages
    promtool: Pages
    disagreements: Sequence[Disagreement]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One moment at which Prometheus is asked."""

    world: World
    step: int
    expected: Speaking


def rule_paths(directory: Path) -> Sequence[Path]:
    """The rule files of a directory in the order of evaluation: what is recorded comes first."""
    found = sorted(directory.glob("*.rules.yml"))
    return sorted(found, key=lambda path: not path.name.startswith("conditions"))


def judged(scenarios: Mapping[str, Scenario], rules: Sequence[Path]) -> Mapping[str, Judged]:
    """Play all of them, and let Prometheus judge what was exposed, in one run of promtool.

    `rules`: rule files in the order in which they are to be evaluated.
    """
    plays = {name: played(scenario) for name, scenario in scenarios.items()}
    looks = {
        name: list(_looks(f"{number}", scenario, plays[name]))
        for number, (name, scenario) in enumerate(scenarios.items())
    }
    every = [look for own in looks.values() for look in own]
    expected = {look.world.name: look.expected for look in every}
    told = firing([look.world for look in every], rules, expected)
    return {
        name: _judged(scenario, plays[name], looks[name], told)
        for name, scenario in scenarios.items()
    }


def _judged(
    scenario: Scenario, play: Played, looks: Sequence[_Look], told: Mapping[str, Speaking]
) -> Judged:
    return Judged(
        played=play,
        evaluate=play.pages,
        promtool=pages_of(scenario, [(look.step, told[look.world.name]) for look in looks]),
        disagreements=[
            Disagreement(at=look.world.end, evaluate=look.expected, promtool=told[look.world.name])
            for look in looks
            if told[look.world.name] != look.expected
        ],
    )


def _looks(name: str, scenario: Scenario, play: Played) -> Iterator[_Look]:
    moments = play.moments
    restarts = {number for number, step in enumerate(scenario.steps) if step.restart}
    states = [speaking(one.fleet.findings) for one in moments]
    rhythm = _rhythm([one.fleet for one in moments])
    for at in _worth_a_look(states, [one.step for one in moments]):
        fleet = moments[at].fleet
        changed = at > 0 and states[at] != states[at - 1]
        # While the monitor is away the clock goes on in Prometheus: nothing to compare with.
        away = moments[at].step in restarts and moments[at - 1].step != moments[at].step
        if changed and not away and moments[at - 1].fleet.now < fleet.now - 1:
            world = _world(f"{name}.{at}-", play, at - 1, fleet.now - 1, rhythm)
            yield _Look(world=world, step=moments[at].step, expected=states[at - 1])
        world = _world(f"{name}.{at}", play, at, fleet.now, rhythm)
        yield _Look(world=world, step=moments[at].step, expected=states[at])


def _worth_a_look(states: Sequence[Speaking], steps: Sequence[int]) -> Iterator[int]:
    quiet = max(1, len(states) // _MOST_QUIET)
    for at, state in enumerate(states):
        ends = at + 1 == len(states) or steps[at + 1] != steps[at]
        changed = at > 0 and state != states[at - 1]
        if ends or changed or at % quiet == 0:
            yield at


def _world(name: str, play: Played, last: int, end: float, rhythm: Rhythm) -> World:
    fleets = [one.fleet for one in play.moments[: last + 1]]
    rhythm = _reaching_back(rhythm, fleets, end)
    times = [end - rhythm.interval * back for back in range(rhythm.intervals, 0, -1)]
    return World(
        name=name,
        end=end,
        rhythm=rhythm,
        snapshots=[*(_shown(fleets, time) for time in times), fleets[-1]],
    )


def _reaching_back(rhythm: Rhythm, fleets: Sequence[FleetSnapshot], end: float) -> Rhythm:
    if rhythm not in (HOURS, HOURS_BY_MINUTES):
        return rhythm
    for times in range(1, _LONGEST):
        before = _shown(fleets, end - rhythm.length * times)
        if before is None or not any(one.finding.rule == _SHORT for one in before.findings):
            return replace(rhythm, intervals=rhythm.intervals * times)
    return replace(rhythm, intervals=rhythm.intervals * _LONGEST)


def _shown(fleets: Sequence[FleetSnapshot], time: float) -> FleetSnapshot | None:
    return next((fleet for fleet in reversed(fleets) if fleet.now <= time), None)


def _rhythm(fleets: Sequence[FleetSnapshot]) -> Rhythm:
    balanced = any(state.balances for fleet in fleets for state in fleet.accounts)
    lasting = any(
        fleet.pairs or any(one.communication_failed_since is not None for one in fleet.devices)
        for fleet in fleets
    )
    if balanced:
        return HOURS_BY_MINUTES if lasting else HOURS
    return MINUTES if lasting else PLAIN
