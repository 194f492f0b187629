"""Findings of a pair and of its members side by side: which speak, which stay behind."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.pair import MemberRole
from monitor.domain.state import DeviceState
from monitor.evaluate import not_one_active, pair_page, takeover_at_risk
from monitor.evaluate.catalogue import CYCLE_RULES
from monitor.evaluate.pair_page import pages_now

_CYCLE: Final = frozenset(rule.name for rule in CYCLE_RULES)
_SILENT: Final = ("stale_data", "syslog")
"""The step that says a device has sent no message for long."""


def grouped(
    state: DeviceState, member: MemberRole, findings: Sequence[Finding]
) -> tuple[Finding, ...]:
    """A member's own findings behind its pair's: `findings` are those of the pair.

    A proven standby wakes nobody: its pages become warnings behind "if it takes over now", what it
    would do late as an active one is for information, and its silence in syslog is normal.
    """
    rules = {finding.rule for finding in findings}
    if member.is_proven_standby:
        latent = takeover_at_risk.NAME if takeover_at_risk.NAME in rules else ""
        kept = (one for one in state.findings if (one.rule, one.step) != _SILENT)
        return tuple(_softened(one, latent) for one in kept)
    return tuple(
        replace(one, inhibited_by=pair_page.NAME)
        if pair_page.NAME in rules and pages_now(one)
        else one
        for one in state.findings
    )


def _softened(finding: Finding, latent: str) -> Finding:
    if finding.severity is Severity.CRITICAL:
        why = f"Standby; if it takes over now: {finding.why}"
        return replace(finding, severity=Severity.WARNING, why=why, inhibited_by=latent)
    if finding.rule in _CYCLE:
        why = f"Standby, it reports nothing: {finding.why}"
        return replace(finding, severity=Severity.INFO, why=why)
    return finding


def settled(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """One page of the pair itself: what stops calls goes before who is active."""
    if not any(finding.rule == pair_page.NAME for finding in findings):
        return tuple(findings)
    return tuple(
        replace(one, inhibited_by=pair_page.NAME) if one.rule == not_one_active.NAME else one
        for one in findings
    )
