"""When a device is polled next and how long a refused credential rests; pure."""

from dataclasses import dataclass
from typing import Final

_JITTER: Final = 0.1
_MOST_DOUBLINGS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """All times in seconds."""

    interval: float = 6 * 3600
    near_interval: float = 3600
    """Interval while the acknowledgement deadline is nearer than `near`."""
    near: float = 14 * 86_400
    spread: float = 30
    """The first polls after a start are spread over this time."""
    retry_first: float = 60
    retry_longest: float = 6 * 3600
    rest_first: float = 1800
    rest_longest: float = 86_400


def first_wait(pace: Pace, chance: float) -> float:
    """Seconds from the start to the first poll; `chance` is in [0, 1)."""
    return pace.spread * chance


def wait_after_success(pace: Pace, now: float, deadline: float | None, chance: float) -> float:
    """Seconds to the next poll: shorter near a deadline, and never sleeping into its neighbourhood.

    `now` and `deadline` in seconds since 1970 UTC. A deadline long past is as if there were none.
    """
    return _interval(pace, now, deadline) * (1 - _JITTER * chance)


def _interval(pace: Pace, now: float, deadline: float | None) -> float:
    if deadline is None or now - deadline > pace.near:
        return pace.interval
    until_near = deadline - pace.near - now
    return min(pace.interval, max(pace.near_interval, until_near))


def wait_after_failure(pace: Pace, failures: int, chance: float) -> float:
    """Seconds to the next attempt after `failures` (1 or more) in a row, doubling to a cap."""
    longest = _doubled(pace.retry_first, pace.retry_longest, failures)
    return longest * (0.5 + 0.5 * chance)


def rest_after_refusal(pace: Pace, refusals: int) -> float:
    """Seconds a credential rests after `refusals` (1 or more) refused logins in a row."""
    return _doubled(pace.rest_first, pace.rest_longest, refusals)


def wait_after_refusal(pace: Pace, failures: int, chance: float) -> float:
    """Seconds a device waits that refused a login: longer than the rest, so others come first."""
    return rest_after_refusal(pace, failures) * (2 + chance)


def _doubled(first: float, longest: float, times: int) -> float:
    return min(longest, first * 2.0 ** min(times - 1, _MOST_DOUBLINGS))
