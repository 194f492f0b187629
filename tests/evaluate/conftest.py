"""Routers in a line: facts as `show license status` and syslog would give them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import pytest

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.findings import Finding, Severity
from monitor.domain.state import DeviceState
from monitor.evaluate import Limits, judge_device

NOW: Final = 1_700_000_000
_NAMES: Final = {
    "release": FactName.RELEASE,
    "required": FactName.ACK_REQUIRED,
    "deadline": FactName.ACK_DEADLINE,
    "acked": FactName.LAST_ACK,
    "push": FactName.NEXT_PUSH,
    "sent": FactName.LAST_PUSH,
    "pulled": FactName.LAST_PULL,
    "written": FactName.LAST_FILE_WRITE,
    "interval": FactName.REPORTING_INTERVAL_DAYS,
    "transport": FactName.TRANSPORT,
    "trust": FactName.TRUST_CODE,
    "sip": FactName.SIP_SERVICE,
    "out_of_compliance": FactName.OUT_OF_COMPLIANCE,
    "communication": FactName.COMMUNICATION,
    "peer": FactName.COMMUNICATION_PEER,
    "registration": FactName.REGISTRATION,
    "expires": FactName.REGISTRATION_EXPIRES,
    "authorization": FactName.AUTHORIZATION,
    "authorization_deadline": FactName.AUTHORIZATION_DEADLINE,
    "offset": FactName.CLOCK_OFFSET,
    "account": FactName.VIRTUAL_ACCOUNT,
}


def _said(
    at: float = NOW - 600, key: str = "", *, bound: bool = False, **values: Value
) -> list[Fact]:
    return [
        Fact(
            subject="r1",
            name=_NAMES.get(name) or FactName(name),
            source="cli",
            value=value,
            kind=FactKind.EXACT,
            received=at,
            effective=at,
            key=key,
            bound=bound and name in ("deadline", "push", "sent", "acked"),
        )
        for name, value in values.items()
    ]


def _told(at: float = NOW - 600, key: str = "", **values: Value) -> list[Fact]:
    return [
        Fact(
            subject="r1",
            name=_NAMES.get(name) or FactName(name),
            source="syslog",
            value=value,
            kind=FactKind.DERIVED,
            received=at,
            effective=at,
            key=key,
            authenticated=False,
        )
        for name, value in values.items()
    ]


def _judged(
    facts: Iterable[Fact],
    now: float = NOW,
    last_seen: Mapping[str, float] | None = None,
    limits: Limits | None = None,
    **device: str,
) -> DeviceState:
    return judge_device(
        Device(id="r1", **device),  # type: ignore[arg-type]  # only its text fields are used
        facts,
        last_seen=last_seen or {},
        now=now,
        limits=limits or Limits(),
    )


def _rungs(state: DeviceState) -> dict[str, tuple[str, Severity]]:
    return {finding.rule: (finding.step, finding.severity) for finding in state.findings}


def _speaking(state: DeviceState) -> list[Finding]:
    loud = [finding for finding in state.findings if not finding.inhibited_by]
    return [finding for finding in loud if finding.severity > Severity.INFO]


@pytest.fixture
def now() -> int:
    return NOW


@pytest.fixture
def said() -> Callable[..., list[Fact]]:
    """Facts the router printed on its command line."""
    return _said


@pytest.fixture
def told() -> Callable[..., list[Fact]]:
    """Facts from plain syslog."""
    return _told


@pytest.fixture
def judged() -> Callable[..., DeviceState]:
    return _judged


@pytest.fixture
def rungs() -> Callable[[DeviceState], dict[str, tuple[str, Severity]]]:
    """Rule -> (step, severity)."""
    return _rungs


@pytest.fixture
def speaking() -> Callable[[DeviceState], list[Finding]]:
    """What a person is shown: warnings and pages that no other finding speaks for."""
    return _speaking
