"""What shared causes have in common: whom they concern, and by when it matters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import span
from monitor.domain.state import DeviceState
from monitor.evaluate.evidence import instant
from monitor.evaluate.limits import Limits
from monitor.evaluate.promql import held
from monitor.evaluate.wording import utc

STEP: Final = "shared"
"""The only one of each rule about a shared cause."""
ENOUGH: Final = (
    f'>= on (instance, job) group_left () {held.LIMIT_DEVICES}{{limit="shared_cause_devices"}}'
)
"""In PromQL, behind a count of devices: so many share the cause."""
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCase:
    """All devices, as summaries."""

    devices: Sequence[DeviceState]
    now: float
    limits: Limits


def finding_of(
    case: SharedCase, rule: str, cause: str, what: str, next_: str, members: Sequence[DeviceState]
) -> Finding:
    """The one warning about a cause. `what`: the beginning of its sentence, before the names."""
    names = sorted(state.device.id for state in members)
    earliest = earliest_of(members)
    return Finding(
        rule=rule,
        step=STEP,
        subject=cause,
        severity=Severity.WARNING,
        why=f"{what}: {named(names)}. {when(case, earliest)}",
        next=next_,
        deadline=earliest,
        devices=tuple(names),
    )


def named(names: Sequence[str]) -> str:
    """The first of them, for a sentence."""
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def earliest_of(devices: Iterable[DeviceState]) -> float | None:
    """The earliest acknowledgement deadline among them; None where none is known."""
    deadlines = (instant(state.cycle.deadline) for state in devices)
    return min((moment for moment in deadlines if moment is not None), default=None)


def when(case: SharedCase, earliest: float | None) -> str:
    """The sentence about that deadline."""
    if earliest is None:
        return "No acknowledgement deadline is known among them."
    left = earliest - case.now
    ends = f"in {span(left)}" if left >= 0 else f"{span(left)} ago"
    return f"The earliest acknowledgement deadline among them is {utc(earliest)}, {ends}."
