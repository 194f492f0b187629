"""Captured output in, verdict out: will calls stop on this router, when, why, and what to type."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from monitor.domain.facts import FactKind
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import HOUR, span
from monitor.domain.release import Stopping
from monitor.domain.state import DeviceState
from monitor.evaluate import Limits, judge_device
from monitor.evaluate.catalogue import CYCLE_RULES
from monitor.evaluate.evidence import instant
from monitor.evaluate.sip_service_down import NAME as SIP_DOWN
from monitor.evaluate.wording import utc
from monitor.pipeline.capture import read_capture

_CYCLE: Final = frozenset(rule.name for rule in CYCLE_RULES)


class Stops(StrEnum):
    """Whether calls stop for want of an acknowledgement (or, before 17.3.2, of registration)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said about one router from pasted or captured output."""

    stops: Stops
    headline: str
    reason: str
    """Why the headline is so, in one sentence."""
    release: str | None
    deadline: float | None
    """Next acknowledgement deadline, seconds since 1970 UTC; None where nothing is due or known."""
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    state: DeviceState

    @property
    def severity(self) -> Severity | None:
        """The worst of its findings."""
        return max((finding.severity for finding in self.findings), default=None)


def judge_capture(
    texts: Sequence[str],
    *,
    zones: Mapping[str, int],
    now: float,
    limits: Limits | None = None,
) -> Verdict:
    """Judge outputs of one device, in any mix and order.

    `zones`: offsets of zone words in seconds east of UTC. `now`: seconds since 1970 UTC; the
    outputs' own clock is never used for it, but a large difference is warned of.
    """
    capture = read_capture(texts, zones=zones, now=now)
    limits = limits or Limits()
    state = judge_device(capture.device, capture.timeless, last_seen={}, now=now, limits=limits)
    return _verdict(state, limits, capture.warnings)


def verdict_of(state: DeviceState, limits: Limits) -> Verdict:
    """The same of a device that is judged already."""
    return _verdict(state, limits, ())


def _verdict(state: DeviceState, limits: Limits, warnings: Iterable[str]) -> Verdict:
    stops, reason = _stops(state, limits)
    findings = tuple(sorted(state.findings, key=_prominence))
    deadline = instant(state.cycle.deadline) if _is_due(state) else None
    return Verdict(
        stops=stops,
        headline=_headline(state, stops, deadline),
        reason=reason,
        release=state.release,
        deadline=deadline,
        findings=findings,
        warnings=tuple(dict.fromkeys(warnings)),
        state=state,
    )


def _prominence(finding: Finding) -> tuple[bool, int, str]:
    return (bool(finding.inhibited_by), -finding.severity, finding.rule)


def _is_due(state: DeviceState) -> bool:
    required = state.cycle.required
    return required is None or required.value is not False


def _stops(state: DeviceState, limits: Limits) -> tuple[Stops, str]:
    if state.stopping is Stopping.BEFORE_POLICY:
        return _before_policy(state)
    if state.stopping is Stopping.NEVER:
        return Stops.NO, _never(state)
    deadline = state.cycle.deadline
    if deadline is None and _is_due(state):
        return Stops.UNKNOWN, "The output says no acknowledgement deadline (`show license status`)."
    if deadline is None or deadline.value is None or not _is_due(state):
        return Stops.NO, "No acknowledgement is due."
    return _by_cycle(state, limits)


def _by_cycle(state: DeviceState, limits: Limits) -> tuple[Stops, str]:
    if _is_sound(state, limits):
        return Stops.NO, "The next report push is planned with room before the deadline."
    if state.stopping is Stopping.STOPS:
        return Stops.YES, f"Release {state.release} stops calls at a missed deadline."
    return Stops.UNKNOWN, _unclear_release(state)


def _unclear_release(state: DeviceState) -> str:
    if state.release is None:
        return "The release is unknown: add the output of `show version` or `show cube status`."
    return f"Whether release {state.release} stops calls at a missed deadline is not documented."


def _never(state: DeviceState) -> str:
    if state.release is None:
        return "Only voice gateway sessions are in use; they never stop."
    return f"Release {state.release} (or its use by voice ports only) does not stop calls."


def _before_policy(state: DeviceState) -> tuple[Stops, str]:
    critical = any(
        finding.severity is Severity.CRITICAL and finding.rule != SIP_DOWN
        for finding in state.findings
    )
    if critical:
        return Stops.YES, "Registration or authorization is past due, and calls are blocked by it."
    return Stops.NO, "Releases before 17.3.2 have no report deadline."


def _is_sound(state: DeviceState, limits: Limits) -> bool:
    push, deadline = instant(state.cycle.next_push), instant(state.cycle.deadline)
    troubled = any(
        finding.rule in _CYCLE and finding.severity >= Severity.WARNING
        for finding in state.findings
    )
    if push is None or deadline is None or troubled or state.now > deadline:
        return False
    return deadline - push >= limits.retry_room_hours * HOUR


def _headline(state: DeviceState, stops: Stops, deadline: float | None) -> str:
    if stops is Stops.UNKNOWN:
        return _unknown(deadline, state.now)
    if stops is Stops.NO:
        down = any(finding.rule == SIP_DOWN for finding in state.findings)
        return "SIP service is down, but not for the licence" if down else "Calls do not stop"
    if deadline is None:
        return "CALLS ARE BLOCKED by the registration or authorization state"
    if state.now > deadline:
        late = span(state.now - deadline)
        return f"CALLS STOP: the acknowledgement deadline passed on {utc(deadline)}, {late} ago"
    return (
        f"CALLS STOP on {_bounded(state, deadline)} unless a report is acknowledged before"
        f" ({span(deadline - state.now)} left)"
    )


def _bounded(state: DeviceState, deadline: float) -> str:
    fact = state.cycle.deadline
    bound = fact is not None and (fact.bound or fact.kind is not FactKind.EXACT)
    return f"{utc(deadline)} (at the earliest)" if bound else utc(deadline)


def _unknown(deadline: float | None, now: float) -> str:
    if deadline is None:
        return "Cannot tell whether calls stop"
    if now > deadline:
        return f"CALLS MAY STOP: the acknowledgement deadline passed on {utc(deadline)}"
    return f"CALLS MAY STOP on {utc(deadline)} unless a report is acknowledged before"
