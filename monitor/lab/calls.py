"""How many calls a virtual CUBE carries in each second: a day curve, noise and bursts."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.domain.instants import DAY, HOUR

Counts = NDArray[np.int64]
"""One count a second."""

_NOISE: Final = 0.03
_BURST_CHANCE: Final = 0.04
_BURST_SECONDS: Final = 420
_WEEKEND: Final = 0.35
_QUIET: Final = 0.12
_DAYS_FROM_MONDAY: Final = 3
"""1970-01-01 was a Thursday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallProfile:
    """The calls of one tag. The same seed gives the same calls, hour by hour, in any order."""

    seed: int
    busy: float
    """Mean concurrent calls in the busy hours of a working day."""
    offset: int = 0
    """Seconds east of UTC in which people work."""
    steady: bool = False
    """Round the clock, as in a contact centre."""


def level(profile: CallProfile, at: float) -> float:
    """Mean concurrent calls at an instant, before noise and bursts."""
    if profile.steady:
        return profile.busy
    local = at + profile.offset
    hour = local % DAY / HOUR
    morning, afternoon = _bump(hour, 10.5), _bump(hour, 15.0)
    weekday = (local // DAY + _DAYS_FROM_MONDAY) % 7
    share = _QUIET + (1 - _QUIET) * min(1.0, max(morning, afternoon))
    return profile.busy * share * (_WEEKEND if weekday >= 5 else 1.0)  # noqa: PLR2004 - Saturday


def _bump(hour: float, top: float) -> float:
    return math.exp(-(((hour - top) / 2.6) ** 2))


def seconds_of_hour(profile: CallProfile, start: int) -> Counts:
    """3,600 counts of the hour beginning at `start`, a whole hour in seconds since 1970 UTC."""
    random = np.random.default_rng((profile.seed, start // HOUR))
    ends = [level(profile, start), level(profile, start + HOUR)]
    mean = np.interp(np.arange(HOUR), [0, HOUR], ends)
    counts = mean + np.sqrt(mean) * _drift(random) + _burst(random, mean)
    return np.maximum(np.rint(counts), 0).astype(np.int64)


def _drift(random: np.random.Generator) -> NDArray[np.float64]:
    # A walk that comes back to 0, so that one hour joins the next without a step.
    walk = np.cumsum(random.normal(0, _NOISE, HOUR))
    drift: NDArray[np.float64] = walk - np.linspace(0, walk[-1], HOUR)
    return drift


def _burst(random: np.random.Generator, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    burst = np.zeros(HOUR)
    if random.random() < _BURST_CHANCE:
        begin = int(random.integers(0, HOUR - _BURST_SECONDS))
        there = slice(begin, begin + _BURST_SECONDS)
        burst[there] = mean[there] * random.uniform(0.15, 0.45)
    return burst
