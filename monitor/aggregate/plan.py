"""From marks on UTC hours to the hours of a device that are to be worked out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from monitor.aggregate.rules import HOUR

_LEAST: Final = 64
"""Hours that are always taken, so that every pass comes further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Marks of one device: starts of UTC hours that got readings."""

    touched: Collection[int]
    late: Collection[int] = ()
    """Those that got readings after they had closed; they may not be in the store's list."""
    half: Collection[int] = ()
    """Those whose first shifted hour was worked out already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be worked out of one device."""

    device: str
    closed: int
    """End of the last closed hour."""
    hours: list[int]
    """Starts of hours, rising."""
    worked: list[int]
    """UTC hours whose marks are done with."""
    half: list[int]
    """UTC hours of which only the first of two shifted hours is closed."""
    whole: bool
    """False where the budget left hours over: chains wait until all are there."""


def planned(device: str, marks: Marks, phase: int, closed: int, budget: int) -> Plan:
    """Plan up to about `budget` hours; `phase` in seconds."""
    hours: set[int] = set()
    worked: list[int] = []
    half: list[int] = []
    due = sorted(mark for mark in {*marks.touched, *marks.late} if _closed(mark, phase, closed))
    taken = 0
    for mark in due:
        if len(hours) >= max(budget, _LEAST):
            break
        done = _closed(mark, phase, closed)
        taken += 1
        if done[-1] == mark + phase:
            worked.append(mark)
        elif mark in marks.half and mark not in marks.late:
            continue
        else:
            half.append(mark)
        hours.update(done)
    whole = taken == len(due)
    return Plan(
        device=device,
        closed=closed,
        hours=sorted(hours),
        # The first mark is kept until all is done: from its hour on the chain is worked out.
        worked=worked if whole else worked[1:],
        half=half,
        whole=whole,
    )


def _closed(mark: int, phase: int, closed: int) -> list[int]:
    """The closed hours of the device that hold readings of a UTC hour."""
    # With a phase the readings of a UTC hour belong to two of the device's hours.
    starts = [mark + phase - HOUR, mark + phase] if phase else [mark]
    return [start for start in starts if start + HOUR <= closed]
