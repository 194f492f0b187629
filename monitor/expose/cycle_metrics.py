"""The acknowledgement cycle as metrics: moments as `_timestamp_seconds`, thresholds beside them."""

from collections.abc import Callable, Iterator
from typing import Final

from monitor.domain.facts import Fact
from monitor.domain.instants import DAY
from monitor.domain.state import DeviceState, FleetSnapshot
from monitor.expose.family import Family, Sample, per_device


def number(fact: Fact | None) -> float | None:
    """The number or instant a fact holds; None for no fact, "there is none" and other words."""
    if fact is None or isinstance(fact.value, bool | str) or fact.value is None:
        return None
    return fact.value


def _moment(of: Callable[[DeviceState], Fact | None]) -> Callable[[DeviceState], float | None]:
    return lambda state: number(of(state))


def _required(state: DeviceState) -> float | None:
    fact = state.cycle.required
    return float(fact.value) if fact is not None and isinstance(fact.value, bool) else None


def _due(state: DeviceState) -> float | None:
    fact = state.cycle.deadline
    return None if fact is None else float(fact.value is not None)


def _interval(state: DeviceState) -> float | None:
    days = number(state.cycle.interval_days)
    return None if days is None else days * DAY


def _trusted(state: DeviceState) -> float | None:
    fact = state.cycle.trust
    return None if fact is None else float(fact.value is not None and fact.value is not False)


def _deadlines(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        fact = state.cycle.deadline
        moment = number(fact)
        if fact is not None and moment is not None:
            yield (state.device.id, fact.source, fact.kind.value), moment


def _deadline_received(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        fact = state.cycle.deadline
        if fact is not None:
            yield (state.device.id, fact.source), fact.received


def _thresholds(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        for step, seconds in state.thresholds.items():
            yield (state.device.id, step), seconds


CYCLE_FAMILIES: Final = (
    per_device(
        "cube_ack_required", "1 where the policy wants usage reports acknowledged.", _required
    ),
    per_device(
        "cube_ack_due", "1 while an acknowledgement deadline is set, 0 where there is none.", _due
    ),
    Family(
        name="cube_ack_deadline_timestamp_seconds",
        help="By when the next usage report must be acknowledged, by the best evidence.",
        labels=("device", "source", "kind"),
        samples=_deadlines,
    ),
    Family(
        name="cube_ack_deadline_received_timestamp_seconds",
        help="When the deadline, or that there is none, was last heard.",
        labels=("device", "source"),
        samples=_deadline_received,
    ),
    Family(
        name="cube_ack_deadline_threshold_seconds",
        help="Time before the deadline at which a step begins for this device.",
        labels=("device", "step"),
        samples=_thresholds,
    ),
    per_device(
        "cube_last_ack_timestamp_seconds",
        "When the last acknowledgement was received.",
        _moment(lambda state: state.cycle.last_ack),
    ),
    per_device(
        "cube_next_push_timestamp_seconds",
        "When the device plans to send its next usage report.",
        _moment(lambda state: state.cycle.next_push),
    ),
    per_device(
        "cube_last_push_timestamp_seconds",
        "When a usage report last left the device (push, pull or file).",
        _moment(lambda state: state.cycle.last_push),
    ),
    per_device(
        "cube_report_interval_seconds", "Interval between reports; 0 says no reporting.", _interval
    ),
    per_device(
        "cube_trust_code_installed", "1 where a trust code is installed, 0 where none.", _trusted
    ),
)
