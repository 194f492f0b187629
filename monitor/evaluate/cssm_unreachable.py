"""Several devices cannot reach the same licence server: one cause, one finding."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.state import DeviceState
from monitor.evaluate import communication_failed
from monitor.evaluate.rule import Condition, Rule, Scope
from monitor.evaluate.shared import ENOUGH, STEP, SharedCase, finding_of

NAME: Final = "cssm_unreachable"
UNNAMED_PEER: Final = "CSSM"
_NEXT: Final = (
    "Look at what these routers share: the server itself, the proxy, DNS, the path; on one of them"
    " type `show license tech support | section Communication Statistics`."
)


def find(case: SharedCase) -> Iterator[Finding]:
    """One warning per peer; devices near their own deadline still speak for themselves."""
    for peer in sorted({peer_of(state) for state in case.devices if _fails(state)}):
        failing = [state for state in case.devices if _fails(state) and peer_of(state) == peer]
        if len(failing) >= case.limits.shared_cause_devices:
            what = f"{len(failing)} devices cannot reach {peer}"
            yield finding_of(case, NAME, peer, what, _NEXT, failing)


def peer_of(state: DeviceState) -> str:
    """The server the device failed to reach."""
    return state.communication_peer or UNNAMED_PEER


def _fails(state: DeviceState) -> bool:
    # Where no acknowledgement is due a failure is only for information, shared or not.
    return any(
        finding.rule == communication_failed.NAME and finding.severity > Severity.INFO
        for finding in state.findings
    )


_SHARED: Final = f"count without (device) ({communication_failed.COUNTS}) {ENOUGH}"

RULE: Final = Rule(
    name=NAME,
    scope=Scope.SHARED,
    summary="Several devices cannot reach the same licence server",
    runbook="cssm-unreachable",
    steps=(STEP,),
    find=find,
    next=_NEXT,
    promql=(Condition(expr=_SHARED, severity=Severity.WARNING, step=STEP, subject="peer"),),
    hold_limit="communication_hold_seconds",
    concerns=communication_failed.COUNTS,
    members='cube_communication_failed_timestamp_seconds{peer="%s"}',
)
