"""Try all changes to the rules in Python, on every core that is ours."""

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from tests.rules.mutation.court import Court
from tests.rules.mutation.python_mutants import limit_mutants, number_mutants, python_mutants
from tests.rules.mutation.trial import Mutant, trials

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - each play makes a directory of its own in it
"""Where there is a file system in memory: each play opens a store."""


def every_mutant() -> list[Mutant]:
    return [*limit_mutants(), *number_mutants(), *python_mutants()]


def python_killers(only: str) -> Mapping[str, str]:
    """Mutant -> the scenario that noticed it, or nothing."""
    names = [one.name for one in every_mutant() if only in one.name]
    processes = len(os.sched_getaffinity(0))
    parts = [names[begin::processes] for begin in range(processes)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        found = [one for part in pool.map(_tried, parts) for one in part.items()]
    return dict(found)


def _tried(names: Sequence[str]) -> Mapping[str, str]:
    if _MEMORY.is_dir():
        tempfile.tempdir = str(_MEMORY)
    # With the usual handler every play writes all of its result into a text that nobody reads.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    court = Court(trials())
    wanted = frozenset(names)
    found = {}
    for mutant in every_mutant():
        if mutant.name in wanted:
            found[mutant.name] = court.killer(mutant)
            told = found[mutant.name] or f"SURVIVED ({len(court.reaching(mutant))} come to it)"
            print(f"{mutant.name}\t{told}", flush=True)  # noqa: T201
    return found
