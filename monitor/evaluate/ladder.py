"""Ladders: which rung stands so long before the deadline."""

from collections.abc import Sequence

from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.evaluate.rule import Rung
from monitor.evaluate.wording import step_name

Ladder = Sequence[tuple[float, Severity]]
"""(days before the deadline, severity) of each rung, in any order."""


def standing_rung(left: float, ladder: Ladder) -> Rung | None:
    """The last rung reached, the worst where a later one is milder; None before the first."""
    reached = [(severity, -days) for days, severity in ladder if left <= days * DAY]
    if not reached:
        return None
    severity, days = max(reached)
    return Rung(step_name(-days * DAY), severity)
