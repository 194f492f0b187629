"""Devices as metrics: what they are, whether they are heard, and what else they say."""

from collections.abc import Callable, Iterator
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.release import Stopping
from monitor.domain.state import DeviceState, FleetSnapshot, Registration
from monitor.expose.cycle_metrics import number
from monitor.expose.family import Family, Sample, per_device, word

_INFO_LABELS = (
    "device",
    "ha_type",
    "learned",
    "platform",
    "release",
    "transport",
    "virtual_account",
)


def said(state: DeviceState, name: FactName) -> Fact | None:
    """The newest fact of that name about the whole device, whichever source said it."""
    facts = [fact for fact in state.facts if fact.name is name and not fact.key]
    return max(facts, key=lambda fact: (fact.effective, fact.received), default=None)


def _word(fact: Fact | None) -> str:
    return "" if fact is None else word(fact.value)


def _info(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        yield (
            (
                state.device.id,
                _word(said(state, FactName.HA_TYPE)),
                "true" if state.device.learned else "false",
                _word(said(state, FactName.PLATFORM)),
                word(state.release),
                _word(state.cycle.transport),
                word(state.virtual_account),
            ),
            1.0,
        )


def _last_seen(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        for source, seen in state.last_seen.items():
            yield (state.device.id, source), seen


def _stopping(fleet: FleetSnapshot) -> Iterator[Sample]:
    words = [(stopping, stopping.value) for stopping in Stopping]
    for state in fleet.devices:
        for stopping, name in words:
            yield (state.device.id, name), float(state.stopping is stopping)


def _sip_up(state: DeviceState) -> float | None:
    return None if state.sip_service is None else float(state.sip_service == "up")


def _out_of_compliance(state: DeviceState) -> float | None:
    return None if state.out_of_compliance is None else float(state.out_of_compliance)


def _clock_offset(state: DeviceState) -> float | None:
    offset = number(said(state, FactName.CLOCK_OFFSET))
    # Minus zero would print as `-0.0`.
    return None if offset is None else offset + 0.0


_UNNAMED_PEER: Final = "CSSM"


def _failures(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        if state.communication_failed_since is not None:
            peer = word(state.communication_peer or _UNNAMED_PEER)
            yield (state.device.id, peer), state.communication_failed_since


def _refused(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        for manner, credential in state.refusals.items():
            yield (state.device.id, manner, word(credential)), 1.0


def _relays(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        if state.relay is not None:
            yield (state.device.id, word(state.relay)), 1.0


def _patience(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        for source, seconds in state.patience.items():
            yield (state.device.id, source), seconds


def _requests(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        request = state.redundancy.request if state.redundancy else None
        if request is not None:
            yield (state.device.id,), request.effective


def _registration(
    name: str, help_: str, value: Callable[[Registration], float | None], /
) -> Family:
    def told(state: DeviceState) -> float | None:
        known = None if state.registration is None else value(state.registration)
        return None if known is None else float(known)

    return per_device(name, help_, told)


DEVICE_FAMILIES: Final = (
    Family(
        name="cube_device_info",
        help="Always 1; what the device is. An empty label is unknown.",
        labels=_INFO_LABELS,
        samples=_info,
    ),
    Family(
        name="cube_stopping",
        help="1 for what the release does when the acknowledgement deadline is missed.",
        labels=("device", "state"),
        samples=_stopping,
    ),
    Family(
        name="cube_last_seen_timestamp_seconds",
        help="When a source last said anything about the device.",
        labels=("device", "source"),
        samples=_last_seen,
    ),
    per_device(
        "cube_device_stale",
        "1 while the evidence about the device is older than it should be.",
        lambda state: float(state.stale),
    ),
    per_device("cube_sip_service_up", "1 while the SIP service takes calls.", _sip_up),
    per_device(
        "cube_out_of_compliance", "1 while the device says so of any tag.", _out_of_compliance
    ),
    Family(
        name="cube_communication_failed_timestamp_seconds",
        help="Since when the device cannot reach its licence server; absent while it can.",
        labels=("device", "peer"),
        samples=_failures,
    ),
    Family(
        name="cube_device_credential_refused",
        help="1 while the device refuses a credential; absent once a login works.",
        labels=("device", "manner", "credential"),
        samples=_refused,
    ),
    Family(
        name="cube_device_relay",
        help="1 for the trusted relay that brought the device's syslog last; absent where none.",
        labels=("device", "relay"),
        samples=_relays,
    ),
    Family(
        name="cube_silence_threshold_seconds",
        help="How long a source of the device may be silent.",
        labels=("device", "source"),
        samples=_patience,
    ),
    Family(
        name="cube_license_request_timestamp_seconds",
        help="When a device of a redundant pair last asked for licences.",
        labels=("device",),
        samples=_requests,
    ),
    _registration(
        "cube_registration_expires_timestamp_seconds",
        "Before 17.3.2: when the registration ends.",
        lambda registration: registration.expires,
    ),
    _registration(
        "cube_authorization_deadline_timestamp_seconds",
        "Before 17.3.2: by when the authorization must be renewed.",
        lambda registration: registration.authorization_deadline,
    ),
    _registration(
        "cube_authorization_expired",
        "Before 17.3.2: 1 while the device says its authorization or evaluation has expired.",
        lambda registration: registration.expired,
    ),
    _registration(
        "cube_registration_in_order",
        "Before 17.3.2: 1 while the device is registered and authorized.",
        lambda registration: registration.in_order,
    ),
    _registration(
        "cube_calls_blocked",
        "Before 17.3.2: calls blocked for want of a licence since the last start.",
        lambda registration: registration.calls_blocked,
    ),
    per_device("cube_clock_offset_seconds", "The device's clock minus ours.", _clock_offset),
)
