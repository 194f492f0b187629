"""Try mutants one after another, each first where it is most likely to be noticed."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.rules.mutation.changes import Met
from tests.rules.mutation.python_mutants import LimitMutant, NumberMutant, PythonMutant
from tests.rules.mutation.reach import Seen, limit_site, noting, number_site
from tests.rules.mutation.trial import Mutant, Trial

_AT_ONCE: Final = 12
"""Scenarios that are tried before it is asked which of them come to the place at all."""
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
    if not isinstance(mutant, LimitMutant):
        module = mutant.module.rpartition(".")[2]
        return _SHARED.get(module, module)
    return next((rule for word, rule in _LIMITS.items() if mutant.field.startswith(word)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A scenario played while nothing is changed."""

    fails: bool
    seconds: float
    seen: Seen


class Court:
    """Remembers who noticed what: at the next mutant of the same rule that one goes first."""

    def __init__(self, every: Sequence[Trial]) -> None:
        self._every = {one.name: one for one in every}
        self._killers: dict[str, list[str]] = {}
        self._runs: dict[str, _Run] = {}

    def killer(self, mutant: Mutant) -> str:
        """Name of the first scenario that notices it; empty where none of all does."""
        for number, name in enumerate(self._in_turn(mutant)):
            if number >= _AT_ONCE:
                break
            if self._notices(name, mutant):
                return self._remembered(mutant, name)
        for name in self._reached(mutant):
            if self._notices(name, mutant):
                return self._remembered(mutant, name)
        return ""

    def reaching(self, mutant: Mutant) -> Sequence[str]:
        """Scenarios in which it makes any difference to any step of the reckoning."""
        return list(self._reached(mutant))

    def _remembered(self, mutant: Mutant, name: str) -> str:
        for key in (_topic(mutant), ""):
            killers = self._killers.setdefault(key, [])
            if name in killers:
                killers.remove(name)
            killers.insert(0, name)
        return name

    def _in_turn(self, mutant: Mutant) -> Iterator[str]:
        """Who noticed one like it, then those in which its rule speaks, then all others."""
        topic = _topic(mutant)
        first = self._killers.get(topic, [])
        speaking = [name for name, one in self._every.items() if topic in one.rules]
        rest = [*self._killers.get("", []), *self._every]
        yield from dict.fromkeys((*first, *speaking, *rest))

    def _reached(self, mutant: Mutant) -> Iterator[str]:
        runs = self._all_runs()
        turn = {name: number for number, name in enumerate(self._in_turn(mutant))}
        # Cheap ones first, unless they noticed something before.
        few = len(self._killers.get(_topic(mutant), []))
        order = sorted(turn, key=lambda one: (turn[one] >= few, runs[one].seconds))
        yield from (name for name in order if _differs(mutant, runs[name].seen))

    def _all_runs(self) -> Mapping[str, _Run]:
        if len(self._runs) < len(self._every):
            with noting() as seen:
                for name, trial in self._every.items():
                    seen.clear()
                    began = time.process_time()
                    fails = trial.fails()
                    took = time.process_time() - began
                    met = {place: set(how) for place, how in seen.items()}
                    self._runs[name] = _Run(fails=fails, seconds=took, seen=met)
                    _warn(name, fails=fails)
        return self._runs

    def _notices(self, name: str, mutant: Mutant) -> bool:
        trial = self._every[name]
        if isinstance(mutant, LimitMutant):
            noticed = trial.fails(mutant)
        else:
            undo = mutant.apply()
            try:
                noticed = trial.fails()
            finally:
                undo()
        return noticed and self._is_good(name)

    def _is_good(self, name: str) -> bool:
        """It comes out as expected while nothing is changed."""
        if name not in self._runs:
            fails = self._every[name].fails()
            self._runs[name] = _Run(fails=fails, seconds=0, seen={})
            _warn(name, fails=fails)
        return not self._runs[name].fails


def _differs(mutant: Mutant, seen: Seen) -> bool:
    if isinstance(mutant, PythonMutant):
        return bool(seen.get((mutant.module, mutant.site), set[Met]()) & mutant.notices)
    if isinstance(mutant, NumberMutant):
        return (mutant.module, number_site(mutant.constant)) in seen
    return ("", limit_site(mutant.field)) in seen


def _warn(name: str, *, fails: bool) -> None:
    if fails:
        print(f"fails by itself: {name}", flush=True)  # noqa: T201
