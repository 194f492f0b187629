"""A robust straight line through weekly numbers: Theil and Sen's, with Kendall's test.

The slope is the median of the slopes between all pairs of weeks, so that one odd week hardly moves
it. Kendall's test asks whether later weeks are higher than earlier ones more often than by chance.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final

Point = tuple[float, float]
"""(week, licences)."""
_CHANCE: Final = 1.645
"""Standard deviations that chance exceeds once in twenty times."""


@dataclass(frozen=True, slots=True)
class Line:
    """`level` at week 0, rising by `slope` a week."""

    slope: float
    level: float

    def at(self, week: float) -> float:
        """Licences in a week."""
        return self.level + self.slope * week


def theil_sen(points: Sequence[Point]) -> Line:
    """The line through two points or more of different weeks."""
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for earlier, later in combinations(points, 2)
    ]
    slope = median(slopes)
    return Line(slope, median(number - slope * week for week, number in points))


def rises(points: Sequence[Point]) -> bool:
    """Whether the numbers rise with the weeks more than by chance."""
    numbers = [number for _, number in sorted(points)]
    score = sum(
        (later > earlier) - (later < earlier) for earlier, later in combinations(numbers, 2)
    )
    spread = _variance(len(numbers)) - sum(_variance(ties) for ties in Counter(numbers).values())
    return score > 1 and (score - 1) / math.sqrt(spread) >= _CHANCE


def _variance(count: int) -> float:
    return count * (count - 1) * (2 * count + 5) / 18
