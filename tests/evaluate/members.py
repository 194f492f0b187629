"""Two members of a pair as their facts are judged side by side."""

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.domain.pair import Pair
from monitor.domain.state import DeviceState, PairState
from monitor.evaluate import (
    Limits,
    judge_device,
    judge_pair,
)

NOW = 1_700_000_000.0
LIMITS = Limits()
EDGE = Pair(name="edge", members=("a", "b"))
HEALTHY: Mapping[str, Value] = {
    "release": "17.3.3",
    "ack_required": True,
    "ack_deadline": NOW + 60 * DAY,
    "last_ack": NOW - 5 * DAY,
    "last_push": NOW - 6 * DAY,
    "next_push": NOW + 40 * DAY,
    "trust_code": NOW - 200 * DAY,
    "virtual_account": "Voice Edge",
    "policy_name": "Voice Policy",
    "ha_communication/group": "up",
}
ACTIVE: Mapping[str, Value] = {
    "rg_role": "active", "rg_peer_role": "standby", "ha_state/group": "active",
    "ha_peer_state/group": "standby_hot",
}  # fmt: skip
STANDBY: Mapping[str, Value] = {
    "rg_role": "standby", "rg_peer_role": "active", "ha_state/group": "standby_hot",
    "ha_peer_state/group": "active",
}  # fmt: skip
UNTRUSTED: Mapping[str, Value] = {
    "trust_code": None, "last_ack": None, "last_push": None, "ack_deadline": NOW + 9 * DAY,
    "next_push": NOW + 20 * DAY,
}  # fmt: skip


def said(
    device: str, values: Mapping[str, Value], at: float = NOW - 600, *, plain: bool = False
) -> list[Fact]:
    return [
        Fact(
            subject=device, name=FactName(name.partition("/")[0]), key=name.partition("/")[2],
            source="syslog" if plain else "cli", value=value, received=at, effective=at,
            kind=FactKind.DERIVED if plain else FactKind.EXACT, authenticated=not plain,
        )
        for name, value in values.items()
    ]  # fmt: skip


def device(
    name: str, *values: Mapping[str, Value], more: Iterable[Fact] = (), seen: Any = None
) -> DeviceState:
    together: dict[str, Value] = {}
    for one in values:
        together |= one
    facts = [*said(name, together), *more]
    return judge_device(Device(id=name), facts, last_seen=seen or {}, now=NOW, limits=LIMITS)


def judged(one: DeviceState, other: DeviceState, pair: Pair = EDGE, **peaks: Any) -> PairState:
    return judge_pair(pair, [one, other], now=NOW, limits=LIMITS, peaks=peaks)


def rungs(pair: PairState) -> dict[str, tuple[str, Severity]]:
    return {one.rule: (one.step, one.severity) for one in pair.findings if not one.inhibited_by}


def loud(states: Iterable[DeviceState]) -> list[tuple[str, str, Severity]]:
    return [
        (one.subject, one.rule, one.severity)
        for state in states
        for one in state.findings
        if one.severity > Severity.INFO and not one.inhibited_by
    ]
