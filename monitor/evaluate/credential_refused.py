"""Several devices refuse the same credential: one cause, one finding."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Finding, Severity
from monitor.domain.state import DeviceState
from monitor.evaluate.evidence import Sheet
from monitor.evaluate.promql import held
from monitor.evaluate.rule import Condition, Rule, Scope
from monitor.evaluate.shared import SharedCase, earliest_of, named, when

NAME: Final = "credential_refused"
_NEXT: Final = (
    "Log in by hand with this credential to one of them, and look for the account on the AAA server"
    " (expired, locked, changed password); correct the secret here, then run `cubemon check`."
)


def refusals_of(sheet: Sheet) -> Mapping[str, str]:
    """Manner -> name of the credential the device refuses."""
    return {
        fact.key: str(fact.value)
        for fact in sheet.of(FactName.CREDENTIAL_REFUSED)
        if fact.value is not None
    }


def causes_of(refusals: Mapping[str, str]) -> frozenset[str]:
    """Subjects of the shared findings that a device's refusals belong to: `ssh credential noc`."""
    return frozenset(f"{manner} credential {name}" for manner, name in refusals.items())


def find(case: SharedCase) -> Iterator[Finding]:
    """One warning per credential and manner; the devices' own deadlines speak for themselves."""
    for cause in sorted({one for state in case.devices for one in causes_of(state.refusals)}):
        refusing = [state for state in case.devices if cause in causes_of(state.refusals)]
        if len(refusing) >= case.limits.shared_cause_devices:
            yield _finding(case, cause, refusing)


def _finding(case: SharedCase, cause: str, refusing: Sequence[DeviceState]) -> Finding:
    names = sorted(state.device.id for state in refusing)
    earliest = earliest_of(refusing)
    return Finding(
        rule=NAME,
        step="shared",
        subject=cause,
        severity=Severity.WARNING,
        why=f"{len(names)} devices refuse {cause}: {named(names)}. {when(case, earliest)}",
        next=_NEXT,
        deadline=earliest,
        devices=tuple(names),
        hold=case.limits.communication_hold_seconds,
    )


_SHARED: Final = (
    f"count without (device) ({held.REFUSED})"
    f' >= on (instance, job) group_left () {held.LIMIT_DEVICES}{{limit="shared_cause_devices"}}'
)

RULE: Final = Rule(
    name=NAME,
    scope=Scope.SHARED,
    summary="Several devices refuse the same credential",
    runbook="credential-refused",
    steps=("shared",),
    find=find,
    next=_NEXT,
    promql=(Condition(expr=_SHARED, severity=Severity.WARNING, step="shared", subject="cause"),),
    hold_limit="communication_hold_seconds",
    concerns=held.REFUSED,
    members=f'{held.REFUSED}{{cause="%s"}}',
)
