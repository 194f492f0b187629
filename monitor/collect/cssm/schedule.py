"""When CSSM is asked next; pure."""

from dataclasses import dataclass
from typing import Final

from monitor.collect.pauses import next_round, rest, retry

_JITTER: Final = 0.1
_LONGEST_ASKED: Final = 6 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """All times in seconds."""

    interval: float = 6 * 3600
    spread: float = 60
    retry_first: float = 60
    retry_longest: float = 3600
    refused_first: float = 1800
    """After refused credentials: a new client is refused for about half an hour."""
    refused_longest: float = 86_400


def first_wait(pace: Pace, chance: float) -> float:
    """Seconds from the start to the first question; `chance` is in [0, 1)."""
    return pace.spread * chance


def wait_after_success(pace: Pace, chance: float) -> float:
    """Seconds to the next round."""
    return next_round(pace.interval, chance)


def wait_after_failure(pace: Pace, failures: int, chance: float, asked: float = 0.0) -> float:
    """Seconds after `failures` (1 or more) in a row; at least what the server asked for."""
    wait = retry(pace.retry_first, pace.retry_longest, failures, chance)
    return max(wait, min(asked, _LONGEST_ASKED) * (1 + _JITTER * chance))


def wait_after_refusal(pace: Pace, failures: int, chance: float) -> float:
    """Seconds for which refused credentials rest."""
    return rest(pace.refused_first, pace.refused_longest, failures, chance)
