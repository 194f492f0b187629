"""Whether a change is noticed: play scenarios until one comes out otherwise than expected."""

import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from monitor.domain.findings import Severity
from monitor.domain.state import OpenFinding
from monitor.evaluate.catalogue import CYCLE_RULES
from monitor.play.play import Played, played
from monitor.play.scenario import Scenario, load
from tests.rules.generated import outputs, plots
from tests.rules.mutation.python_mutants import LimitMutant, PythonMutant

ROOT: Final = Path(__file__).parents[3]
_INFORMING: Final = frozenset(
    {*(rule.name for rule in CYCLE_RULES), "stale_data", "evidence_disagrees", "no_reporting"}
)
_LONGEST: Final = 20
"""Seconds of one play; a change may make it endless."""
Mutant = PythonMutant | LimitMutant


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One scenario."""

    name: str
    scenario: Scenario
    informs: bool
    """It names every finding that is for information, too."""

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
        return bool(result.differences) or (self.informs and self._informed(result))

    def _informed(self, result: Played) -> bool:
        last = {moment.step: moment.fleet.findings for moment in result.moments}
        return any(
            _informing(last.get(at, ())) - {(one.subject, one.rule) for one in step.expect or ()}
            for at, step in enumerate(self.scenario.steps)
        )


def _informing(findings: Iterable[OpenFinding]) -> set[tuple[str, str | None]]:
    return {
        (one.finding.subject, one.finding.rule)
        for one in findings
        if one.finding.severity is Severity.INFO
        and not (one.finding.inhibited_by or one.finding.hidden_by)
        and one.finding.rule in _INFORMING
    }


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(_LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def trials(every: int = 1) -> Sequence[Trial]:
    """Those written by hand, then those generated: one of each fault first."""
    hand = [
        Trial(name=path.stem, scenario=load(path), informs=False)
        for path in sorted((ROOT / "tests" / "scenarios").glob("*.yaml"))
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
            informs=not story.pair,
        )
        for _, story in sorted(order, key=lambda pair: pair[0])
    ]
    return [*generated, *hand]


_LIMITS: Final = {
    "push_too_late": "push_planned_too_late",
    "retry_room": "no_room_to_retry",
    "no_room": "no_room_to_retry",
    "push_overdue": "push_overdue",
    "unacknowledged": "sent_not_acknowledged",
    "backstop": "ack_backstop",
    "unknown_cycle": "cycle_unknown",
    "pull": "pull_due",
    "disagreement": "evidence_disagrees",
    "poll": "stale_data",
    "snmp": "stale_data",
    "telemetry": "stale_data",
    "syslog": "stale_data",
    "communication_hold": "cssm_unreachable",
    "communication_page": "communication_failed",
    "shared": "cssm_unreachable",
    "pair_roles": "not_one_active",
    "drift": "usage_drift",
    "balance": "insufficient_licenses",
}


_SHARED: Final = {
    "case": "ack_backstop",
    "evidence": "evidence_disagrees",
    "inhibition": "ack_backstop",
    "ladder": "pull_due",
    "pair_case": "takeover_at_risk",
    "pair_checks": "takeover_at_risk",
    "pair_grouping": "pair_page",
    "redundancy": "no_licensed_takeover",
    "settle": "cssm_unreachable",
    "silence": "stale_data",
}
"""Modules that serve several rules -> one that shows them."""


def _topic(mutant: Mutant) -> str:
    """The rule it is most likely about."""
    if isinstance(mutant, PythonMutant):
        module = mutant.module.rpartition(".")[2]
        return _SHARED.get(module, module)
    return next((rule for word, rule in _LIMITS.items() if mutant.field.startswith(word)), "")


class Court:
    """Tries mutants one after another; a scenario that noticed one goes first at the next."""

    def __init__(self, every: Sequence[Trial]) -> None:
        self._every = list(every)
        self._first: dict[str, list[Trial]] = {}
        self._good: dict[str, bool] = {}

    def killer(self, mutant: Mutant) -> str:
        """Name of the first scenario that notices it; empty where none does."""
        topic = _topic(mutant)
        if topic not in self._first:
            self._first[topic] = [one for one in self._every if topic in one.rules]
        first = self._first[topic]
        # Where its own rule does not speak, every fourth is enough to look at.
        others = [one for one in self._every if one not in first]
        for trial in (*first, *(others[::4] if first else others)):
            if self._notices(trial, mutant):
                if trial in first:
                    first.remove(trial)
                first.insert(0, trial)
                return trial.name
        return ""

    def _notices(self, trial: Trial, mutant: Mutant) -> bool:
        undo = mutant.apply() if isinstance(mutant, PythonMutant) else None
        try:
            noticed = trial.fails(mutant)
        finally:
            if undo is not None:
                undo()
        return noticed and self._is_good(trial)

    def _is_good(self, trial: Trial) -> bool:
        """It comes out as expected while nothing is changed."""
        if trial.name not in self._good:
            self._good[trial.name] = not trial.fails()
            if not self._good[trial.name]:
                print(f"fails by itself: {trial.name}", flush=True)  # noqa: T201
        return self._good[trial.name]
