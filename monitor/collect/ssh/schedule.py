"""When a device is polled next and how long a refused credential rests; pure."""

from dataclasses import dataclass
from typing import Final

from monitor.collect.pauses import doubled, retry

_PATIENT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """All times in seconds."""

    interval: float = 6 * 3600
    near_interval: float = 3600
    """Interval while the acknowledgement deadline is nearer than `near`."""
    near: float = 14 * 86_400
    hourly_interval: float = 3600
    """Interval of what is polled each hour."""
    spread: float = 30
    """The first polls after a start are spread over this time."""
    retry_first: float = 60
    retry_longest: float = 6 * 3600
    rest_first: float = 1800
    rest_longest: float = 86_400


def first_wait(pace: Pace, chance: float) -> float:
    """Seconds from the start to the first poll; `chance` is in [0, 1)."""
    return pace.spread * chance


def wait_after_failure(pace: Pace, failures: int, chance: float) -> float:
    """Seconds to the next attempt after `failures` (1 or more) in a row, doubling to a cap."""
    return retry(pace.retry_first, pace.retry_longest, failures, chance)


def rest_after_refusal(pace: Pace, refusals: int) -> float:
    """Seconds a credential rests after `refusals` (1 or more) refused logins in a row."""
    return doubled(pace.rest_first, pace.rest_longest, refusals)


def wait_after_refusal(pace: Pace, failures: int, chance: float) -> float:
    """Seconds a device waits that refused a login: longer than the rest, so others come first."""
    return rest_after_refusal(pace, failures) * (2 + chance)


def wait_after_no_line(pace: Pace, failures: int, chance: float) -> float:
    """Seconds to wait where all lines of a device were taken: longer, for they are people's."""
    return wait_after_failure(pace, failures + _PATIENT, chance)
