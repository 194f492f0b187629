"""What a maintenance window hides: warnings of what it names, and never what stops calls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.maintenance import Window
from monitor.domain.release import Stopping
from monitor.domain.state import OpenFinding
from monitor.evaluate import (
    ack_overdue,
    insufficient_licenses,
    pair_page,
    sip_service_down,
    takeover_at_risk,
)

_STOPPING: Final = frozenset({Stopping.STOPS, Stopping.MAY_STOP})
_NEVER: Final = frozenset(
    {ack_overdue.NAME, sip_service_down.NAME, pair_page.NAME, takeover_at_risk.NAME}
)
"""Rules that say, or pass on from a pair's member, that calls stop or have stopped."""


def hidden(
    found: Sequence[OpenFinding],
    windows: Iterable[Window],
    stopping: Mapping[str, Stopping],
    *,
    now: float,
) -> tuple[OpenFinding, ...]:
    """The same findings, those that a window covers marked as hidden.

    `stopping`: device -> what its release does at a missed deadline. A finding about several
    devices is hidden only where windows name its subject, or all of them; one about an account
    only where they name the account: licences are short whoever works on the routers.
    """
    covering = [window for window in windows if window.covers(now)]
    if not covering:
        return tuple(found)
    owner = {subject: window.id for window in reversed(covering) for subject in window.subjects}
    return tuple(_marked(each, owner, stopping) for each in found)


def _marked(
    each: OpenFinding, owner: Mapping[str, str], stopping: Mapping[str, Stopping]
) -> OpenFinding:
    by = _window_of(each.finding, owner)
    if not by or not _may_be_hidden(each.finding, stopping):
        return each
    return replace(each, finding=replace(each.finding, hidden_by=by))


def _window_of(finding: Finding, owner: Mapping[str, str]) -> str:
    if finding.subject in owner:
        return owner[finding.subject]
    if finding.rule == insufficient_licenses.NAME:
        return ""
    named = [owner.get(device, "") for device in finding.devices]
    return named[0] if named and all(named) else ""


def _may_be_hidden(finding: Finding, stopping: Mapping[str, Stopping]) -> bool:
    if finding.severity > Severity.WARNING:
        return False
    devices = finding.devices or (finding.subject,)
    stops = any(stopping.get(device) in _STOPPING for device in devices)
    return not (stops and finding.rule in _NEVER)
