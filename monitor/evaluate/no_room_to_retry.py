"""The planned push leaves too little time before the deadline to try again."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import HOUR, span
from monitor.evaluate.case import Case
from monitor.evaluate.promql import cycle, held
from monitor.evaluate.report import at, cycle_finding
from monitor.evaluate.rule import Rule, Rung, Scope, Words
from monitor.evaluate.wording import step_name

NAME: Final = "no_room_to_retry"
_NEXT: Final = (
    "Type `license smart sync all` now, then `show license status` until `Last ACK received` moves;"
    " and configure a shorter interval with `license smart usage interval DAYS`: one failed push"
    " then costs nothing."
)


def find(case: Case) -> Iterator[Finding]:
    """Healthy routers do this every month, so it stands as one finding until it is fixed."""
    left, deadline, push = case.ahead, case.deadline, case.planned_push
    if left is None or deadline is None or push is None:
        return
    room = deadline - push
    if not 0 <= room < case.limits.retry_room_hours * HOUR:
        return
    why = (
        f"The next report push at {at(case, case.cycle.next_push, push)} leaves {span(room)} until"
        " the acknowledgement deadline: if it fails there is no time to try again."
    )
    yield cycle_finding(case, NAME, _rung(case, left), Words(why, _NEXT))


def _rung(case: Case, left: float) -> Rung:
    if not case.stops:
        return Rung("standing", Severity.INFO)
    limit = case.limits.no_room_critical_hours * HOUR
    if left <= limit:
        return Rung(step_name(limit), Severity.CRITICAL)
    return Rung("standing", Severity.WARNING)


_ROOM: Final = f"({held.DEADLINE} - {cycle.PLANNED} >= 0)"
_NO_ROOM: Final = f"({_ROOM} < {cycle.LIMITS_ON} {cycle.limit('retry_room')}) and {cycle.AHEAD}"

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="The planned push leaves no room to retry before the deadline",
    runbook="no-room-to-retry",
    steps=("standing", "24h"),
    find=find,
    next=_NEXT,
    promql=(
        cycle.going_on(_NO_ROOM, Severity.INFO, step="standing"),
        cycle.stopping(_NO_ROOM, Severity.WARNING, step="standing"),
        cycle.stopping(_NO_ROOM, Severity.CRITICAL, limit="no_room_critical"),
    ),
)
