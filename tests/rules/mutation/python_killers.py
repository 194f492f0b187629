"""Try all changes to the rules in Python, in two processes."""

import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from tests.rules.mutation.python_mutants import limit_mutants, python_mutants
from tests.rules.mutation.trial import Court, Mutant, trials

_PROCESSES: Final = 2


def every_mutant() -> list[Mutant]:
    return [*limit_mutants(), *python_mutants()]


def python_killers(only: str) -> Mapping[str, str]:
    """Mutant -> the scenario that noticed it, or nothing."""
    names = [one.name for one in every_mutant() if only in one.name]
    halves = [names[begin::_PROCESSES] for begin in range(_PROCESSES)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_PROCESSES, mp_context=context) as pool:
        parts = pool.map(_tried, halves)
        return {name: killer for part in parts for name, killer in part.items()}


def _tried(names: Sequence[str]) -> Mapping[str, str]:
    court = Court(trials())
    found = {}
    for mutant in every_mutant():
        if mutant.name in names:
            found[mutant.name] = court.killer(mutant)
            print(f"{mutant.name}\t{found[mutant.name] or 'SURVIVED'}", flush=True)  # noqa: T201
    return found
