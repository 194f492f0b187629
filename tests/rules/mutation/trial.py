"""Whether a change is noticed: play scenarios until one comes out otherwise than expected."""

import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.state import OpenFinding
from monitor.evaluate.catalogue import CYCLE_RULES
from monitor.play.play import Played, played
from monitor.play.scenario import Expected, Scenario, load
from tests.rules.generated import outputs, plots
from tests.rules.mutation.python_mutants import LimitMutant, NumberMutant, PythonMutant

ROOT: Final = Path(__file__).parents[3]
_INFORMING: Final = frozenset(
    {*(rule.name for rule in CYCLE_RULES), "stale_data", "evidence_disagrees", "no_reporting"}
)
_LONGEST: Final = 20
"""Seconds of computing in one play; a change may make it endless."""
_STUCK: Final = 60
"""Seconds after which one waits for what never comes."""
Mutant = PythonMutant | NumberMutant | LimitMutant


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One scenario."""

    name: str
    scenario: Scenario
    informing: frozenset[str]
    """Rules of which it names every finding that is for information, too."""

    @property
    def rules(self) -> frozenset[str]:
        """Those that are expected to speak in it."""
        expected = [one.rule or "" for step in self.scenario.steps for one in step.expect or ()]
        return frozenset(expected)

    def fails(self, mutant: Mutant | None = None) -> bool:
        """Whether it comes out otherwise than expected, or not at all."""
        changes = isinstance(mutant, LimitMutant)
        scenario = mutant.changed(self.scenario) if isinstance(mutant, LimitMutant) else None
        if changes and scenario is self.scenario:
            return False
        try:
            with _alarm():
                result = played(scenario or self.scenario)
        except Exception:  # noqa: BLE001 - whatever a change breaks was noticed
            return True
        return bool(result.differences) or self._informed(result)

    def _informed(self, result: Played) -> bool:
        last = {moment.step: moment.fleet.findings for moment in result.moments}
        return any(
            not any(_names(one, finding) for one in step.expect)
            for at, step in enumerate(self.scenario.steps)
            if step.expect is not None
            for finding in self._shown(last.get(at, ()))
        )

    def _shown(self, findings: Iterable[OpenFinding]) -> Iterator[Finding]:
        for one in findings:
            info = one.finding.severity is Severity.INFO and one.finding.rule in self.informing
            if info and not (one.finding.inhibited_by or one.finding.hidden_by):
                yield one.finding


def _names(one: Expected, finding: Finding) -> bool:
    same = (one.subject, one.rule) == (finding.subject, finding.rule)
    return same and one.step in (None, finding.step)


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise TimeoutError

    kinds = (signal.SIGPROF, signal.SIGALRM)
    before = [signal.signal(kind, ring) for kind in kinds]
    signal.setitimer(signal.ITIMER_PROF, _LONGEST)
    signal.setitimer(signal.ITIMER_REAL, _STUCK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)


def trials(every: int = 1) -> Sequence[Trial]:
    """Those generated, one of each fault first; then those written by hand."""
    hand = [
        Trial(name=path.stem, scenario=scenario, informing=_named(scenario))
        for path in sorted((ROOT / "tests" / "scenarios").glob("*.yaml"))
        for scenario in (load(path),)
    ]
    stories = list(plots.stories())[::every]
    turn: dict[str, int] = {}
    order = []
    for story in stories:
        fault = story.name.partition(",")[0]
        turn[fault] = turn.get(fault, 0) + 1
        order.append((turn[fault], story))
    generated = [
        Trial(
            name=story.name,
            scenario=Scenario.model_validate(outputs.scenario(story)),
            informing=frozenset() if story.pair else _INFORMING,
        )
        for _, story in sorted(order, key=lambda pair: pair[0])
    ]
    return [*generated, *hand]


def _named(scenario: Scenario) -> frozenset[str]:
    """A scenario that names findings of a rule for information names all of them."""
    said = (one for step in scenario.steps for one in step.expect or ())
    return frozenset(one.rule for one in said if one.rule and one.severity == Severity.INFO.word)
