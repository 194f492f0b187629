"""When a device is asked again after its stream ended, and how often it is pinged; pure."""

from dataclasses import dataclass
from typing import Final

from monitor.collect.pauses import rest, retry

_LONGEST_KEEPALIVE: Final = 7200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """All times in seconds."""

    spread: float = 30
    """The first connections after a start are spread over this time."""
    retry_first: float = 5
    retry_longest: float = 300
    refused_first: float = 900
    """After a refused login: accounts get locked by trying."""
    refused_longest: float = 86_400
    steady: float = 60
    """A stream that was heard for so long ended by chance; the next pause is the first again."""


def first_wait(pace: Pace, chance: float) -> float:
    """Seconds from the start to the first connection; `chance` is in [0, 1)."""
    return pace.spread * chance


def wait_after_end(pace: Pace, failures: int, chance: float) -> float:
    """Seconds to the next stream after `failures` (1 or more) in a row, doubling to a cap."""
    return retry(pace.retry_first, pace.retry_longest, failures, chance)


def wait_after_refusal(pace: Pace, failures: int, chance: float) -> float:
    """Seconds a device waits that refused a login."""
    return rest(pace.refused_first, pace.refused_longest, failures, chance)


def slower_keepalive(seconds: float) -> float:
    """Seconds between pings after a device said that they are too many."""
    return min(_LONGEST_KEEPALIVE, seconds * 2)


def stale_after(sample_seconds: float, least: float) -> float:
    """Seconds of silence after which a sampling stream counts as dead."""
    return max(least, 3 * sample_seconds)
