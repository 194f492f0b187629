"""The rules judged by Prometheus itself: many worlds in one run of `promtool test rules`."""

import json
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from monitor.errors import MonitorError
from monitor.play.pages import Speaking, Told
from monitor.play.worlds import Rhythm, World, subject_in, world_of

_FIRING: Final = (
    'count by (subject, severity, rule, step) (ALERTS{alertstate="firing",subject!=""})'
)
_SAMPLE: Final = re.compile(r"\{((?:[^\"{}]|\"(?:[^\"\\]|\\.)*\")*)\} [0-9.E+-]+")
_LABEL: Final = re.compile(r"(\w+)=(\"(?:[^\"\\]|\\.)*\")")
_SECONDS: Final = 600
_AT_ONCE: Final = 2
_MOST_SERIES: Final = 10_000
"""In one run: promtool refuses queries of more than 10,000 samples, and none reads all series."""


class PromtoolError(MonitorError):
    """promtool could not run the rules; the text says why."""


def firing(
    worlds: Iterable[World], rules: Sequence[Path], expected: Mapping[str, Speaking]
) -> Mapping[str, Speaking]:
    """Name of the world -> the alerts that fire at its end.

    Where `expected` holds, promtool itself says so; else what it found is read from its report.
    Raises PromtoolError where it cannot run.
    """
    parts = list(chunks(worlds))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        every = pool.map(lambda part: _part_firing(part, rules, expected), parts)
        return {name: told for found in every for name, told in found.items()}


def chunks(worlds: Iterable[World], most: int = _MOST_SERIES) -> Iterator[Sequence[World]]:
    """Worlds of one rhythm, so many that they have no more than `most` series together."""
    by_rhythm: defaultdict[Rhythm, list[World]] = defaultdict(list)
    for world in worlds:
        by_rhythm[world.rhythm].append(world)
    for members in by_rhythm.values():
        chunk: list[World] = []
        for world in members:
            if chunk and sum(len(one.series) for one in (*chunk, world)) > most:
                yield chunk
                chunk = []
            chunk.append(world)
        yield chunk


def _part_firing(
    worlds: Sequence[World], rules: Sequence[Path], expected: Mapping[str, Speaking]
) -> Mapping[str, Speaking]:
    wanted = [(world.name, one) for world in worlds for one in expected.get(world.name, ())]
    query = {
        "expr": _FIRING,
        "exp_samples": [{"labels": _labels(name, one), "value": 1} for name, one in wanted],
    }
    report = asked(worlds, rules, [query])
    if report is None:
        return {world.name: expected.get(world.name, frozenset()) for world in worlds}
    found: dict[str, set[Told]] = {world.name: set() for world in worlds}
    for name, told in _read(report):
        found[name].add(told)
    return {name: frozenset(told) for name, told in found.items()}


def asked(
    worlds: Sequence[World], rules: Sequence[Path], queries: Sequence[Mapping[str, Any]]
) -> str | None:
    """Ask for expressions at the end of worlds of one rhythm.

    `queries`: `expr` and `exp_samples` of a rule unit test. The report where something came out
    otherwise; None where all is as expected. Raises PromtoolError where it cannot run.
    """
    rhythm = worlds[0].rhythm
    interval = f"{rhythm.interval}s"
    series = [
        {"series": name, "values": values} for world in worlds for name, values in world.series
    ]
    at_the_end = [{**query, "eval_time": f"{rhythm.length}s"} for query in queries]
    return _run(
        {
            "rule_files": [str(path.resolve()) for path in rules],
            "group_eval_order": [name for path in rules for name in _groups(path)],
            "evaluation_interval": interval,
            "tests": [
                {"interval": interval, "input_series": series, "promql_expr_test": at_the_end}
            ],
        }
    )


@cache
def _groups(path: Path) -> tuple[str, ...]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(group["name"] for group in document["groups"])


def _labels(world: str, told: Told) -> str:
    own = told._replace(subject=subject_in(world, told.subject))
    return f"{{{','.join(f'{name}={json.dumps(value)}' for name, value in own._asdict().items())}}}"


def _run(test: Mapping[str, Any]) -> str | None:
    with tempfile.TemporaryDirectory(prefix="cubemon-rules-") as directory:
        file = Path(directory) / "worlds.test.yml"
        # JSON is YAML, and is written much faster.
        file.write_text(json.dumps(test), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - fixed words and a file of our own
            ["promtool", "test", "rules", str(file)],  # noqa: S607 - found on the path
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    report = done.stdout + done.stderr
    if done.returncode and "got:" not in report:
        raise PromtoolError(f"promtool cannot run the rules: {report[-2000:]}")
    return report if done.returncode else None


def samples(report: str) -> Iterator[Mapping[str, str]]:
    """Labels of each sample in a piece of a report."""
    for inside in _SAMPLE.findall(report):
        yield {name: json.loads(value) for name, value in _LABEL.findall(inside)}


def _read(report: str) -> Iterator[tuple[str, Told]]:
    for labels in samples(report.rpartition("got:")[2]):
        world, subject = world_of(labels["subject"])
        severity, rule, step = (labels.get(name, "") for name in ("severity", "rule", "step"))
        yield world, Told(subject, severity, rule, step)
