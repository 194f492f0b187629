"""The way out of releases that stop calls."""

from typing import Final

from monitor.domain.release import rank

_OUT: Final = {
    (17, 3): ("17.3.5", "17.3.7"),
    (17, 4): ("17.6.2", "17.6.5"),
    (17, 5): ("17.6.2", "17.6.5"),
    (17, 6): ("17.6.2", "17.6.5"),
}
"""Train -> the nearest release that does not stop calls, and the nearest that piles up nothing."""


def way_out(release: str) -> str:
    """What to run in place of a release that stops calls."""
    number = rank(release)
    nearest = None if number is None else _OUT.get(number[:2])
    if nearest is None:
        return "Find out its exact release, or run 17.9.1 or later."
    return (
        f"The nearest release that does not is {nearest[0]}; {nearest[1]} also ends the pile-up of"
        " reports (FN72578)."
    )
