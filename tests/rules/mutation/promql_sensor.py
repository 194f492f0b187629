"""In which worlds a changed expression says anything else: elsewhere nobody can notice it.

Both expressions are asked over the same history, at every evaluation. Where they agree at each, the
change has no consequence, and the world need not be judged again.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from monitor.play.promtool import PromtoolError, asked, chunks, samples
from monitor.play.worlds import PREFIX_END, Rhythm, World, world_of
from tests.rules.mutation.promql_mutants import PromqlMutant

_AT_ONCE: Final = 2
_SAMPLES: Final = 20_000
"""Series times evaluations of worlds that are asked together."""
_MARK: Final = "mutant"


def touched(
    mutants: Sequence[PromqlMutant], worlds: Sequence[World], rules: Sequence[Path]
) -> Mapping[str, frozenset[str]]:
    """Name of the mutant -> names of the worlds in which it says anything else."""
    parts = [
        part
        for rhythm in {world.rhythm for world in worlds}
        for part in chunks(
            (world for world in worlds if world.rhythm == rhythm),
            max(1, _SAMPLES // (rhythm.intervals + 1)),
        )
    ]
    found: defaultdict[str, set[str]] = defaultdict(set)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for pairs in pool.map(lambda part: list(_differing(mutants, part, rules)), parts):
            for name, world in pairs:
                found[name].add(world)
    return {name: frozenset(names) for name, names in found.items()}


def _differing(
    mutants: Sequence[PromqlMutant], part: Sequence[World], rules: Sequence[Path]
) -> Iterator[tuple[str, str]]:
    queries = [_query(number, one, part[0].rhythm) for number, one in enumerate(mutants)]
    try:
        report = asked(part, rules, queries)
    except PromtoolError:
        report = "err:"
    if report is not None and "err:" in report:
        if len(mutants) > 1:
            yield from (pair for one in mutants for pair in _differing([one], part, rules))
        else:  # What cannot be asked may differ anywhere.
            yield from ((mutants[0].name, world.name) for world in part)
        return
    for labels in samples(report or ""):
        if _MARK in labels:
            number = int(labels[_MARK])
            yield from ((mutants[number].name, world) for world in _worlds(labels, part))


def _query(number: int, mutant: PromqlMutant, rhythm: Rhythm) -> Mapping[str, Any]:
    was, now = f"({mutant.before})", f"({mutant.value})"
    differs = f"({was} unless {now}) or ({now} unless {was}) or ({was} != {now})"
    ever = f"count_over_time(({differs})[{rhythm.length}s:{rhythm.interval}s])"
    return {"expr": f'label_replace({ever}, "{_MARK}", "{number}", "", "")', "exp_samples": []}


def _worlds(labels: Mapping[str, str], part: Sequence[World]) -> frozenset[str]:
    """Those that a series belongs to; all where none of its labels tells."""
    if "job" in labels:
        return frozenset({labels["job"]})
    told = {world_of(value)[0] for value in labels.values() if PREFIX_END in value}
    return frozenset(told or {world.name for world in part})
