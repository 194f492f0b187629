"""Try all changes to the rules for Prometheus in promtool.

First in the likely and cheap moments. What goes unnoticed there is tried in every moment at which
the changed expression says anything else.
"""

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitor.play.judges import rule_paths
from monitor.play.looks import Look, looks
from monitor.play.pages import Speaking
from monitor.play.play import played
from monitor.play.promtool import PromtoolError, firing
from tests.rules.mutation.promql_mutants import RULES, PromqlMutant, mutants, written
from tests.rules.mutation.promql_sensor import touched
from tests.rules.mutation.trial import Trial, trials

_AT_ONCE: Final = 2
_FAR: Final = 8
"""Every so many moments are looked at where nothing says which."""
_FIRST: Final = 60
_SECOND: Final = 300
"""Moments of the first and the second try."""
_NOTICED_BEFORE: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A moment, and which rules it is about."""

    name: str
    """The scenario, and the seconds since its start."""
    look: Look
    speaking: frozenset[str]
    """They speak at it, or beside it."""
    turning: frozenset[str]
    """They begin or end at it."""

    @property
    def cost(self) -> int:
        """What promtool has to read for it: samples."""
        return len(self.look.world.series) * self.look.world.rhythm.intervals


def promql_killers(only: str, scenarios: str = "", every: int = 2) -> Mapping[str, str]:
    """Mutant -> a moment that noticed it, or nothing.

    `only`: part of the mutants' names; `scenarios`: a pattern in their names; `every`: of those
    that are generated.
    """
    tried = [one for one in mutants() if only in one.name]
    if not tried:
        return {}
    chosen = re.compile(scenarios)
    gallery = Gallery(sights(one for one in trials(every) if chosen.search(one.name)))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip([one.name for one in tried], pool.map(gallery.likely, tried), strict=True))
        left = [one for one in tried if not found[one.name]]
        print(f"{len(left)} of {len(tried)} go on to every moment", flush=True)  # noqa: T201
        where = gallery.touched(left)
        last = pool.map(lambda one: gallery.anywhere(one, where.get(one.name)), left)
        return found | dict(zip([one.name for one in left], last, strict=True))


def sights(every: Iterable[Trial]) -> Iterator[Sight]:
    """All moments of all scenarios at which something ends or changes."""
    for number, trial in enumerate(every):
        own = list(looks(f"{number}", trial.scenario, played(trial.scenario), quiet=0))
        rules = [_rules(look) for look in own]
        for at, look in enumerate(own):
            around = rules[max(0, at - 1) : at + 2]
            speaking = frozenset().union(*around)
            yield Sight(
                name=f"{trial.name} +{look.world.end - trial.scenario.start:.0f}s",
                look=look,
                speaking=frozenset(rule for rule, _ in speaking),
                turning=frozenset(rule for rule, _ in speaking - around[0].intersection(*around)),
            )


def _rules(look: Look) -> frozenset[tuple[str, str]]:
    """(rule, step) that speak; of a pair's page also those that it speaks for."""
    own = {(one.rule, one.step) for one in look.expected}
    return frozenset(own | {(step.partition(":")[0], step) for _, step in own if ":" in step})


class Gallery:
    """Tries mutants; a moment that noticed one goes first at the next of the same rule."""

    def __init__(self, every: Iterable[Sight]) -> None:
        self._sights = sorted(every, key=lambda one: one.cost)
        self._noticed: defaultdict[str, list[Sight]] = defaultdict(list)

    def likely(self, mutant: PromqlMutant) -> str:
        """Name of a likely moment that notices it; empty where none does."""
        topic = mutant.topic
        turning = [one for one in self._sights if not topic or topic in one.turning]
        far = [one for one in self._sights if topic and topic not in one.speaking]
        before = [*self._noticed[mutant.shown], *self._noticed[topic]]
        parts = (before, _spread(turning, _FIRST), _spread(far, _FIRST), _spread(turning, _SECOND))
        return self._killer(mutant, parts)

    def touched(self, mutants: Sequence[PromqlMutant]) -> Mapping[str, Sequence[Sight]]:
        """Of those that change an expression: the moments at which it says anything else."""
        changed = [one for one in mutants if one.key == "expr"]
        worlds = [one.look.world for one in self._sights]
        names = touched(changed, worlds, rule_paths(RULES)) if changed else {}
        return {
            one.name: [
                sight
                for sight in self._sights
                if sight.look.world.name in names.get(one.name, frozenset())
            ]
            for one in changed
        }

    def anywhere(self, mutant: PromqlMutant, where: Sequence[Sight] | None) -> str:
        """The same among those moments; among all where there are none to choose."""
        every = self._sights[::_FAR] if where is None else where
        found = self._killer(mutant, (every,))
        if not found:
            told = "" if where is None else f": says anything else in {len(where)} moments"
            print(f"{mutant.name}\tSURVIVED{told}", flush=True)  # noqa: T201
        return found

    def _killer(self, mutant: PromqlMutant, parts: Iterable[Sequence[Sight]]) -> str:
        with tempfile.TemporaryDirectory(prefix="cubemon-mutant-") as directory:
            rules = written(mutant, Path(directory))
            noticing = (_noticing(part, rules) for part in _without_twice(parts))
            found = next(filter(None, noticing), None)
        if found is None:
            return ""
        for name in (mutant.shown, mutant.topic):
            self._noticed[name] = [found, *self._noticed[name]][:_NOTICED_BEFORE]
        print(f"{mutant.name}\t{found.name}", flush=True)  # noqa: T201
        return found.name


def _without_twice(parts: Iterable[Sequence[Sight]]) -> Iterator[Sequence[Sight]]:
    seen: set[str] = set()
    for part in parts:
        fresh = {one.look.world.name: one for one in part if one.look.world.name not in seen}
        seen.update(fresh)
        if fresh:
            yield list(fresh.values())


def _noticing(part: Sequence[Sight], rules: Sequence[Path]) -> Sight | None:
    told = _told(part, rules)
    changed = [one for one in part if told.get(one.look.world.name) != one.look.expected]
    if not changed:
        return None
    # What comes out otherwise without the change as well says nothing of it.
    usual = _told(changed[:_FIRST], rule_paths(RULES))
    return next(
        (one for one in changed if usual.get(one.look.world.name) == one.look.expected), None
    )


def _told(part: Sequence[Sight], rules: Sequence[Path]) -> Mapping[str, Speaking]:
    expected = {one.look.world.name: one.look.expected for one in part}
    try:
        return firing([one.look.world for one in part], rules, expected)
    except PromtoolError:
        return {}  # It refuses the change.


def _spread(every: Sequence[Sight], most: int) -> Sequence[Sight]:
    return every[:: max(1, len(every) // most)]
