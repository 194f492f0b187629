"""Devices as the API shows them: a summary of each, and everything about one."""

from collections.abc import Sequence
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.state import AckCycle, DeviceState, OpenFinding
from monitor.expose.cycle_metrics import number
from monitor.expose.device_metrics import said
from monitor.expose.family import word
from monitor.expose.finding_metrics import speaks
from monitor.expose.views.finding import FindingView, finding_view
from monitor.expose.views.usage import MeasurementView, SessionsView
from monitor.expose.views.view import View, moment

_MOMENTS: Final = frozenset(
    {
        FactName.TRUST_CODE,
        FactName.TRUST_MEMBER,
        FactName.ACK_DEADLINE,
        FactName.LAST_ACK,
        FactName.NEXT_ACK_CHECK,
        FactName.NEXT_PUSH,
        FactName.LAST_PUSH,
        FactName.LAST_PULL,
        FactName.LAST_FILE_WRITE,
        FactName.REGISTRATION_EXPIRES,
        FactName.AUTHORIZATION_DEADLINE,
        FactName.NEXT_RECORD,
        FactName.POLLED,
    }
)


class FactView(View):
    """One statement about the device, who made it and when."""

    name: str
    key: str
    """A tag, a reason or a class, where the name has several."""
    value: bool | int | float | str | None
    """Moments in RFC 3339; null where the device says there is none."""
    seconds: float | None
    """A moment in seconds since 1970 UTC."""
    source: str
    kind: str
    """exact, derived or inferred."""
    received: str | None
    age_seconds: float
    device_time: str | None
    bound: bool
    """True for a moment whose zone is unknown: the earliest it can be."""
    authenticated: bool
    text: str
    """The device's own words."""


class CycleView(View):
    """The acknowledgement cycle by the best evidence; null where nothing is known."""

    required: FactView | None
    deadline: FactView | None
    last_ack: FactView | None
    next_push: FactView | None
    last_push: FactView | None
    interval_days: FactView | None
    transport: FactView | None
    trust: FactView | None


class DeviceSummary(View):
    """One device in the fleet."""

    id: str
    release: str | None
    stopping: str
    """At a missed deadline calls: stops, may_stop, never; before_policy for older licensing."""
    severity: str | None
    """The worst open finding about the device itself; null where there is none."""
    open_findings: int
    deadline: str | None
    """Acknowledgement deadline; null where none is set or none is known."""
    deadline_seconds: float | None
    last_ack: str | None
    next_push: str | None
    virtual_account: str | None
    sip_service: str | None
    stale: bool
    learned: bool
    """True where nobody declared the device; it was learned from its messages."""
    last_seen: str | None


class DevicesView(View):
    """The fleet, by name."""

    now: str | None
    total: int
    offset: int
    next: str | None = None
    """`cursor` of the next page; null at the end."""
    devices: list[DeviceSummary]


class DeviceView(DeviceSummary):
    """Everything about one device."""

    now: str | None
    aliases: list[str]
    platform: str | None
    cycle: CycleView
    thresholds: dict[str, float]
    """Step -> seconds before the deadline at which it begins."""
    in_use: dict[str, int]
    """Licences by tag as the device reports them."""
    out_of_compliance: bool | None
    communication_failed_since: str | None
    communication_peer: str
    seen: dict[str, str | None]
    """Source -> when it last said anything."""
    sessions: list[SessionsView]
    measurements: list[MeasurementView]
    findings: list[FindingView]
    """Findings about the device or naming it."""
    facts: list[FactView]


def fact_view(fact: Fact, now: float) -> FactView:
    """One fact and its age."""
    seconds = number(fact) if fact.name in _MOMENTS else None
    return FactView(
        name=fact.name.value,
        key=fact.key,
        value=fact.value if seconds is None else moment(seconds),
        seconds=seconds,
        source=fact.source,
        kind=fact.kind.value,
        received=moment(fact.received),
        age_seconds=max(0.0, now - fact.received),
        device_time=moment(fact.device_time),
        bound=fact.bound,
        authenticated=fact.authenticated,
        text=fact.text,
    )


def cycle_view(cycle: AckCycle, now: float) -> CycleView:
    """The cycle with the evidence for each value."""

    def seen(fact: Fact | None) -> FactView | None:
        return None if fact is None else fact_view(fact, now)

    return CycleView(
        required=seen(cycle.required),
        deadline=seen(cycle.deadline),
        last_ack=seen(cycle.last_ack),
        next_push=seen(cycle.next_push),
        last_push=seen(cycle.last_push),
        interval_days=seen(cycle.interval_days),
        transport=seen(cycle.transport),
        trust=seen(cycle.trust),
    )


def summary(state: DeviceState, about: Sequence[OpenFinding]) -> DeviceSummary:
    """The device in one line; `about` are the findings of which it is the subject."""
    speaking = [found.finding.severity for found in about if speaks(found)]
    deadline = number(state.cycle.deadline)
    return DeviceSummary(
        id=state.device.id,
        release=state.release,
        stopping=state.stopping.value,
        severity=max(speaking).word if speaking else None,
        open_findings=len(speaking),
        deadline=moment(deadline),
        deadline_seconds=deadline,
        last_ack=moment(number(state.cycle.last_ack)),
        next_push=moment(number(state.cycle.next_push)),
        virtual_account=state.virtual_account,
        sip_service=state.sip_service,
        stale=state.stale,
        learned=state.device.learned,
        last_seen=moment(max(state.last_seen.values(), default=None)),
    )


def device_view(
    state: DeviceState,
    now: float,
    about: Sequence[OpenFinding],
    sessions: list[SessionsView],
    measurements: list[MeasurementView],
) -> DeviceView:
    """Everything; `about` are findings of the device and findings naming it."""
    own = [found for found in about if found.finding.subject == state.device.id]
    platform = said(state, FactName.PLATFORM)
    return DeviceView(
        **summary(state, own).model_dump(),
        now=moment(now),
        aliases=sorted(state.device.aliases),
        platform=word(platform.value) if platform is not None else None,
        cycle=cycle_view(state.cycle, now),
        thresholds=dict(state.thresholds),
        in_use=dict(state.in_use),
        out_of_compliance=state.out_of_compliance,
        communication_failed_since=moment(state.communication_failed_since),
        communication_peer=state.communication_peer,
        seen={source: moment(at) for source, at in state.last_seen.items()},
        sessions=sessions,
        measurements=measurements,
        findings=[finding_view(found, now) for found in about],
        facts=[fact_view(fact, now) for fact in state.facts],
    )
