"""What the API says is wrong, beside what must be found."""

import asyncio
import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from monitor.domain.findings import Severity
from monitor.lab.fleet import Expectation
from monitor.lab.performance import Performance

_TIMEOUT: Final = 10.0
_LOOK: Final = 0.5
_CALM_LOOKS: Final = 6
_DRIFT: Final = "usage_drift"
_POLLS: Final = re.compile(
    r'^cube_monitor_polls_total\{manner="ssh",result="ok"\} (\S+)$', re.MULTILINE
)


def fetch(url: str) -> Any:
    """The JSON document at an http address of our own service; OSError where it does not answer."""
    with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 - our own http URL
        return json.load(answer)


def found(url: str) -> frozenset[Expectation]:
    """Open findings of warning or worse, and drift, without those that another one speaks for."""
    those = (
        Expectation(
            subject=one["subject"], rule=one["rule"], severity=Severity[one["severity"].upper()]
        )
        for one in fetch(f"{url}/api/v1/findings")["findings"]
        if one["open"] and not one["inhibited_by"]
    )
    return frozenset(one for one in those if one.severity >= Severity.WARNING or one.rule == _DRIFT)


def difference(expected: frozenset[Expectation], there: frozenset[Expectation]) -> Iterator[str]:
    """One line for each finding that is missing or should not be there."""
    for word, those in (("missing", expected - there), ("not expected", there - expected)):
        for one in sorted(those, key=lambda each: (each.subject, each.rule)):
            yield f"{word}: {one.subject}: {one.rule} ({one.severity.word})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How it came out."""

    expected: int
    differences: tuple[str, ...]
    took: float
    """Seconds since the service was started."""


async def await_verdict(shown: Performance, bound: float) -> Verdict:
    """Look until all that should be found is found and stays so, for `bound` seconds at most.

    It counts only once the past is told and every CUBE that answers has been polled over SSH.
    """
    calm = 0
    while True:
        lines = await asyncio.to_thread(_look, shown)
        calm = 0 if lines else calm + 1
        if calm >= _CALM_LOOKS or shown.seconds > bound or shown.over.is_set():
            return Verdict(
                expected=len(shown.fleet.expected), differences=lines, took=shown.seconds
            )
        await asyncio.sleep(_LOOK)


def _look(shown: Performance) -> tuple[str, ...]:
    try:
        return tuple(_differences(shown))
    except OSError as error:
        return (f"the API does not answer: {error}",)


def _differences(shown: Performance) -> Iterator[str]:
    if not shown.progress.told.is_set():
        yield "the past is not told yet"
    url = shown.place.url
    yield from difference(shown.fleet.expected, found(url))
    names = {device["id"] for device in fetch(f"{url}/api/v1/devices")["devices"]}
    for name in sorted(names ^ {cube.name for cube in shown.fleet.cubes}):
        yield f"device {name} is on one side only"
    polled = _polled(url)
    answering = sum(cube.silent_since is None for cube in shown.fleet.cubes)
    if polled < answering:
        yield f"{polled} of {answering} CUBEs were polled over SSH"


def _polled(url: str) -> int:
    with urllib.request.urlopen(f"{url}/metrics", timeout=_TIMEOUT) as answer:  # noqa: S310 - ours
        text: str = answer.read().decode()
    found_sample = _POLLS.search(text)
    return int(float(found_sample[1])) if found_sample else 0
