"""Which moments of a play Prometheus is asked about, and how far back it must have seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from monitor.domain.state import Balance, FleetSnapshot
from monitor.evaluate.insufficient_licenses import NAME as _SHORT
from monitor.play.pages import Speaking, speaking
from monitor.play.play import Played
from monitor.play.scenario import Scenario
from monitor.play.worlds import Rhythm, World, world

PLAIN: Final = Rhythm(interval=300, intervals=1)
"""Enough where nothing has to last before it counts."""
_PAIRS: Final = 120
"""Roles of pairs count after so many seconds: moments and samples then fall together."""
_CAUSES: Final = 60
"""Shared causes are held for 300 s."""
_BALANCES: Final = 240
_MINUTES: Final = 600
_HOURS: Final = 8_160
"""Balances last for an hour before they count, and are held for an hour."""
_LONGEST: Final = 5
"""What a balance of 0 holds is followed back to its start, over so many times the hours."""
MOST_QUIET: Final = 20
"""Moments looked at in a play at which nothing changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One moment at which Prometheus is asked."""

    world: World
    step: int
    expected: Speaking


def looks(
    name: str, scenario: Scenario, play: Played, *, quiet: int = MOST_QUIET
) -> Iterator[Look]:
    """Every end of a step, every change and the second before it, and some quiet moments."""
    moments = play.moments
    states = [speaking(one.fleet.findings) for one in moments]
    steps = [one.step for one in moments]
    sampler = _Sampler(name, scenario.monitors, [one.fleet for one in moments])
    for at in _worth_a_look(states, steps, quiet):
        if at and states[at] != states[at - 1] and not _was_away(scenario, steps, at):
            before = sampler.second_before(at)
            if before is not None:
                yield Look(world=before, step=steps[at], expected=states[at - 1])
        yield Look(world=sampler.at(at), step=steps[at], expected=states[at])


def _was_away(scenario: Scenario, steps: Sequence[int], at: int) -> bool:
    # While the monitor is away the clock goes on in Prometheus: nothing to compare with.
    return scenario.steps[steps[at]].restart and steps[at - 1] != steps[at]


def _worth_a_look(states: Sequence[Speaking], steps: Sequence[int], quiet: int) -> Iterator[int]:
    every = max(1, len(states) // max(1, quiet))
    for at, state in enumerate(states):
        ends = at + 1 == len(states) or steps[at + 1] != steps[at]
        changed = at > 0 and state != states[at - 1]
        if ends or changed or (quiet and at % every == 0):
            yield at


@dataclass(frozen=True, slots=True)
class _Sampler:
    name: str
    monitors: int
    fleets: Sequence[FleetSnapshot]

    def at(self, number: int) -> World:
        """What was exposed up to a moment."""
        return self._world(f"{self.name}.{number}", number, self.fleets[number].now)

    def second_before(self, number: int) -> World | None:
        """The same up to the second before it; None where it was judged just before."""
        end = self.fleets[number].now - 1
        if self.fleets[number - 1].now >= end:
            return None
        return self._world(f"{self.name}.{number}-", number - 1, end)

    def _world(self, name: str, last: int, end: float) -> World:
        fleets = self.fleets[: last + 1]
        rhythm = _reaching_back(_rhythm(self.fleets), fleets, end)
        times = [end - rhythm.interval * back for back in range(rhythm.intervals, 0, -1)]
        shown = [*(_shown(fleets, time) for time in times), fleets[-1]]
        return world(name, end, rhythm, shown, monitors=self.monitors)


def _shown(fleets: Sequence[FleetSnapshot], time: float) -> FleetSnapshot | None:
    return next((fleet for fleet in reversed(fleets) if fleet.now <= time), None)


def _rhythm(fleets: Sequence[FleetSnapshot]) -> Rhythm:
    balanced = any(True for fleet in fleets for _ in _balances(fleet))
    if any(one.communication_failed_since is not None for fleet in fleets for one in fleet.devices):
        interval = _CAUSES
    elif any(fleet.pairs for fleet in fleets):
        interval = _PAIRS
    elif balanced:
        interval = _BALANCES
    else:
        return PLAIN
    return Rhythm(interval=interval, intervals=(_HOURS if balanced else _MINUTES) // interval)


def _balances(fleet: FleetSnapshot) -> Iterator[Balance]:
    for state in fleet.accounts:
        yield from (one for one in state.balances if one.purchased is not None)


def _reaching_back(rhythm: Rhythm, fleets: Sequence[FleetSnapshot], end: float) -> Rhythm:
    begin = end - rhythm.length
    before = _shown(fleets, begin)
    if before is None or not _is_short(before):
        return rhythm
    seen = (before, *(fleet for fleet in fleets if fleet.now > begin))
    if not any(one.balance == 0 and one.in_use for fleet in seen for one in _balances(fleet)):
        return rhythm
    return replace(rhythm, intervals=rhythm.intervals * _LONGEST)


def _is_short(fleet: FleetSnapshot) -> bool:
    """A shortage is open, or may come to be."""
    low = any(one.balance is not None and one.balance < 0 for one in _balances(fleet))
    return low or any(one.finding.rule == _SHORT for one in fleet.findings)
