"""Several devices refuse the same credential: one cause, one finding."""

from collections.abc import Iterator, Mapping
from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Finding, Severity
from monitor.evaluate.evidence import Sheet
from monitor.evaluate.promql import held
from monitor.evaluate.rule import Condition, Rule, Scope
from monitor.evaluate.shared import ENOUGH, STEP, SharedCase, finding_of

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
            what = f"{len(refusing)} devices refuse {cause}"
            yield finding_of(case, NAME, cause, what, _NEXT, refusing)


_SHARED: Final = f"count without (device) ({held.REFUSED}) {ENOUGH}"

RULE: Final = Rule(
    name=NAME,
    scope=Scope.SHARED,
    summary="Several devices refuse the same credential",
    runbook="credential-refused",
    steps=(STEP,),
    find=find,
    next=_NEXT,
    promql=(Condition(expr=_SHARED, severity=Severity.WARNING, step=STEP, subject="cause"),),
    hold_limit="communication_hold_seconds",
    concerns=held.REFUSED,
    members=f'{held.REFUSED}{{cause="%s"}}',
)
