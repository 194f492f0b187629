"""Nothing comes by a relay any more, of all devices that speak by it: one cause, one finding."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import span
from monitor.domain.state import DeviceState
from monitor.evaluate.evidence import Sheet
from monitor.evaluate.promql import held
from monitor.evaluate.rule import Condition, Rule, Scope
from monitor.evaluate.shared import ENOUGH, STEP, SharedCase, finding_of
from monitor.evaluate.wording import utc

NAME: Final = "relay_silent"
_SOURCE: Final = "syslog"
_NEXT: Final = (
    "Look at the relay: does its syslog service run (rsyslog, syslog-ng), is its disk full, does it"
    " reach this monitor? Then send a line of its own through it with `logger`."
)


def relay_of(sheet: Sheet) -> str | None:
    """Address of the relay that brought the device's syslog last; None where it came directly."""
    said = sheet.best(FactName.RELAY)
    return None if said is None or said.value is None else str(said.value)


def cause_of(relay: str) -> str:
    """The subject of a relay's finding."""
    return f"relay {relay}"


def find(case: SharedCase) -> Iterator[Finding]:
    """One warning per relay of which every device is late; deadlines speak for themselves."""
    for relay, members in sorted(_members(case.devices).items()):
        enough = len(members) >= case.limits.shared_cause_devices
        if enough and all(_late(state) for state in members):
            what = _what(case, relay, members)
            yield finding_of(case, NAME, cause_of(relay), what, _NEXT, members)


def _members(devices: Sequence[DeviceState]) -> Mapping[str, Sequence[DeviceState]]:
    """Relay -> the devices of which anything is known by it."""
    members: dict[str, list[DeviceState]] = {}
    for state in devices:
        if state.relay is not None and _SOURCE in state.patience:
            members.setdefault(state.relay, []).append(state)
    return members


def _late(state: DeviceState) -> bool:
    return state.now - state.last_seen[_SOURCE] > state.patience[_SOURCE]


def _what(case: SharedCase, relay: str, members: Sequence[DeviceState]) -> str:
    seen = max(state.last_seen[_SOURCE] for state in members)
    return (
        f"Nothing came by {cause_of(relay)} for {span(case.now - seen)} (since {utc(seen)}) of"
        f" {len(members)} devices"
    )


_PATIENCE: Final = f'cube_silence_threshold_seconds{{source="{_SOURCE}"}}'
_AGE: Final = f'(time() - cube_last_seen_timestamp_seconds{{source="{_SOURCE}"}})'
_ALL: Final = f"({held.RELAY} and on (device, instance, job) {_PATIENCE})"
_LATE: Final = f"({_ALL} and on (device, instance, job) ({_AGE} > {_PATIENCE}))"
_EVERY: Final = f"(count without (device) ({_LATE}) == count without (device) ({_ALL}))"
_SHARED: Final = f"{_EVERY} {ENOUGH}"

RULE: Final = Rule(
    name=NAME,
    scope=Scope.SHARED,
    summary="Nothing comes by a syslog relay",
    runbook="relay-silent",
    steps=(STEP,),
    find=find,
    next=_NEXT,
    promql=(
        Condition(expr=_SHARED, severity=Severity.WARNING, step=STEP, subject="cause", frozen=True),
    ),
    hold_limit="communication_hold_seconds",
    concerns=held.RELAY,
    members=f'{held.RELAY}{{cause="%s"}}',
)
