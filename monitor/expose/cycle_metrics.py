"""The acknowledgement cycle as metrics: moments as `_timestamp_seconds`, thresholds beside them."""

from collections.abc import Callable, Iterator
from typing import Final

from monitor.domain.facts import Fact, FactKind
from monitor.domain.instants import DAY
from monitor.domain.state import DeviceState, FleetSnapshot
from monitor.expose.family import Family, Sample, per_device


def number(fact: Fact | None) -> float | None:
    """The number or instant a fact holds; None for no fact, "there is none" and other words."""
    if fact is None or isinstance(fact.value, bool | str) or fact.value is None:
        return None
    return fact.value


def moment(state: DeviceState, fact: Fact | None) -> float | None:
    """The instant a fact holds, on our clock: the device's own may be far off."""
    told = number(fact)
    exact = fact is not None and fact.kind is FactKind.EXACT
    return told if told is None or not exact else told - state.skew


def _moment(of: Callable[[DeviceState], Fact | None]) -> Callable[[DeviceState], float | None]:
    return lambda state: moment(state, of(state))


def _told(of: Callable[[DeviceState], Fact | None]) -> Callable[[DeviceState], float | None]:
    """1 where the device names such a moment, 0 where it says there is none."""

    def told(state: DeviceState) -> float | None:
        fact = of(state)
        return None if fact is None else float(fact.value is not None)

    return told


def _push_planned(state: DeviceState) -> float | None:
    transport, push = state.cycle.transport, state.cycle.next_push
    if transport is not None and transport.value == "off":
        return 0.0
    return None if push is None else float(push.value is not None)


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
        at = moment(state, fact)
        if fact is not None and at is not None:
            yield (state.device.id, fact.source, fact.kind.value), at


def _deadline_received(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        fact = state.cycle.deadline
        if fact is not None:
            yield (state.device.id, fact.source), fact.received


def _thresholds(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        for limit, step, seconds in state.rungs:
            yield (state.device.id, limit, step), seconds


def _limits(fleet: FleetSnapshot) -> Iterator[Sample]:
    for limit, step, seconds in fleet.limits:
        if step:
            yield (limit,), seconds


def _counts(fleet: FleetSnapshot) -> Iterator[Sample]:
    for limit, step, count in fleet.limits:
        if not step:
            yield (limit,), count


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
        labels=("device", "limit", "step"),
        samples=_thresholds,
    ),
    Family(
        name="cube_limit_seconds",
        help="A limit that is counted from something else than the deadline.",
        labels=("limit",),
        samples=_limits,
    ),
    Family(
        name="cube_limit_devices",
        help="A limit that is a number of devices.",
        labels=("limit",),
        samples=_counts,
    ),
    per_device(
        "cube_ack_received",
        "1 where the device names its last acknowledgement, 0 where there was none.",
        _told(lambda state: state.cycle.last_ack),
    ),
    per_device(
        "cube_report_sent",
        "1 where a usage report has left the device, 0 where none ever has.",
        _told(lambda state: state.cycle.last_push),
    ),
    per_device(
        "cube_push_planned",
        "1 where the device plans to send a report, 0 where it must be pulled or carried.",
        _push_planned,
    ),
    per_device(
        "cube_ack_deadline_disagreement_seconds",
        "Distance of two deadlines that sources disagree on; absent where they agree.",
        lambda state: state.disagreement,
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
