"""Moments of a played scenario as worlds of their own: short input series for rule unit tests.

Many worlds share one unit test: each has its own job, and its own names of devices and subjects.
Only the last minutes before a moment are sampled, so a scenario of months costs no more than one of
hours; time begins at 0 in a unit test, so instants are moved.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.domain.state import FleetSnapshot
from monitor.expose.metrics import FAMILIES

PREFIX_END: Final = "|"
_NAMES: Final = frozenset({"device", "pair", "account", "peer", "manner", "relay", "subject"})
"""Labels that hold names, or that a name begins with: they must not be the same in two worlds."""
_BEFORE_NAMES: Final = "relay "
"""What a rule itself puts before a name to make a subject."""
_INSTANT: Final = "_timestamp_seconds"
_FAMILIES: Final = tuple(
    family
    for family in FAMILIES
    if not family.name.startswith(("cube_finding", "cube_sessions", "cube_license_peak"))
)
_LABELS: Final[Mapping[str, tuple[str, ...]]] = {one.name: one.labels for one in _FAMILIES}
SeriesId = tuple[str, ...]
"""Name of the metric, then the values of its labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How a world is sampled: so many intervals up to its moment."""

    interval: int
    """Seconds."""
    intervals: int

    @property
    def length(self) -> int:
        """Seconds from the first sample to the last."""
        return self.interval * self.intervals


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One moment, and what was exposed before it."""

    name: str
    end: float
    """Seconds since 1970 UTC."""
    rhythm: Rhythm
    series: Sequence[tuple[str, str]]
    """(series, values) in the notation of rule unit tests."""


def world(
    name: str,
    end: float,
    rhythm: Rhythm,
    snapshots: Sequence[FleetSnapshot | None],
    *,
    monitors: int = 1,
) -> World:
    """`snapshots`: what is exposed at each sample, oldest first; None before anything was.

    `monitors` that stand side by side expose the same.
    """
    begin = end - rhythm.length
    rows: dict[SeriesId, list[float | None]] = {}
    known: dict[int, list[tuple[SeriesId, float]]] = {}
    for number, fleet in enumerate(snapshots):
        if fleet is None:
            continue
        if id(fleet) not in known:
            known[id(fleet)] = list(_samples(fleet))
        for key, value in known[id(fleet)]:
            moved = value - begin if key[0].endswith(_INSTANT) else value
            rows.setdefault(key, [None] * len(snapshots))[number] = moved
    series = [
        (_written(name, f"monitor-{instance}", key), notation(row))
        for key, row in rows.items()
        for instance in range(monitors)
    ]
    return World(name=name, end=end, rhythm=rhythm, series=series)


def _samples(fleet: FleetSnapshot) -> Iterator[tuple[SeriesId, float]]:
    for family in _FAMILIES:
        for labels, value in dict(family.samples(fleet)).items():
            yield (family.name, *labels), float(value)


def _written(world: str, instance: str, key: SeriesId) -> str:
    name, *labels = key
    pairs = [("job", world), ("instance", instance)]
    for label, value in zip(_LABELS[name], labels, strict=True):
        own = f"{world}{PREFIX_END}{value}" if label in _NAMES else value
        pairs.append((label, own))
    inside = ",".join(f'{label}="{_escaped(value)}"' for label, value in pairs)
    return f"{name}{{{inside}}}"


def subject_in(world: str, subject: str) -> str:
    """The subject as the rules name it there."""
    before = _BEFORE_NAMES if subject.startswith(_BEFORE_NAMES) else ""
    return f"{before}{world}{PREFIX_END}{subject.removeprefix(before)}"


def world_of(subject: str) -> tuple[str, str]:
    """The world of a subject that the rules name, and its name there."""
    world, _, name = subject.removeprefix(_BEFORE_NAMES).partition(PREFIX_END)
    return world, (_BEFORE_NAMES if subject.startswith(_BEFORE_NAMES) else "") + name


def notation(values: Sequence[float | None]) -> str:
    """Runs of equal values; a series that ends is marked stale, as a scrape would mark it.

    >>> notation([None, 1.0, 1.0, None, None, 2.5])
    '_ 1+0x1 stale _ 2.5'
    """
    runs: list[tuple[float | None, int]] = []
    for value in values:
        if runs and runs[-1][0] == value:
            runs[-1] = (value, runs[-1][1] + 1)
        else:
            runs.append((value, 1))
    return " ".join(_run(value, count, first=not at) for at, (value, count) in enumerate(runs))


def _run(value: float | None, count: int, *, first: bool) -> str:
    if value is not None:
        text = f"{value:.6f}".rstrip("0").rstrip(".")
        return text if count == 1 else f"{text}+0x{count - 1}"
    gaps = ["_"] * count
    if not first:
        gaps[0] = "stale"
    return " ".join(gaps)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
