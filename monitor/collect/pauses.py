"""How long is waited before a source is asked again, in seconds; `chance` is in [0, 1); pure."""

from typing import Final

_JITTER: Final = 0.1
_MOST_DOUBLINGS: Final = 30


def next_round(interval: float, chance: float) -> float:
    """To the next round after an answer."""
    return interval * (1 - _JITTER * chance)


def doubled(first: float, longest: float, times: int) -> float:
    """`first` after the first failure in a row, twice as long after each further one, to a cap."""
    return min(longest, first * 2.0 ** min(times - 1, _MOST_DOUBLINGS))


def retry(first: float, longest: float, failures: int, chance: float) -> float:
    """To the next attempt after `failures` (1 or more) in a row."""
    return doubled(first, longest, failures) * (0.5 + 0.5 * chance)


def rest(first: float, longest: float, refusals: int, chance: float) -> float:
    """For which refused credentials rest: accounts get locked by trying."""
    return doubled(first, longest, refusals) * (1 + 0.25 * chance)
