"""When a device is asked next over RESTCONF; pure."""

from dataclasses import dataclass

from monitor.collect.pauses import next_round, rest, retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """All times in seconds."""

    interval: float = 60
    spread: float = 30
    """The first polls after a start are spread over this time."""
    retry_first: float = 30
    retry_longest: float = 1800
    refused_first: float = 900
    """After a refused login: accounts get locked by trying."""
    refused_longest: float = 86_400


def first_wait(pace: Pace, chance: float) -> float:
    """Seconds from the start to the first poll; `chance` is in [0, 1)."""
    return pace.spread * chance


def wait_after_success(pace: Pace, chance: float) -> float:
    """Seconds to the next poll."""
    return next_round(pace.interval, chance)


def wait_after_failure(pace: Pace, failures: int, chance: float) -> float:
    """Seconds to the next attempt after `failures` (1 or more) in a row, doubling to a cap."""
    return retry(pace.retry_first, pace.retry_longest, failures, chance)


def wait_after_refusal(pace: Pace, failures: int, chance: float) -> float:
    """Seconds a device waits that refused a login."""
    return rest(pace.refused_first, pace.refused_longest, failures, chance)
