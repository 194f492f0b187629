"""Findings as the API shows them: what, how bad, why, on what evidence, what to type next."""

import math

from monitor.domain.findings import EvidenceLine
from monitor.domain.state import FleetSnapshot, OpenFinding
from monitor.expose.finding_metrics import is_open
from monitor.expose.views.view import View, moment


class EvidenceView(View):
    """One statement a finding rests on."""

    what: str
    value: str
    source: str
    kind: str
    """exact, derived or inferred."""
    received: str | None
    age_seconds: float


class FindingView(View):
    """One finding that is open, or held back by another of the same subject."""

    rule: str
    step: str
    subject: str
    """A device, a pair, an account or a shared cause."""
    severity: str
    """critical, warning or info."""
    why: str
    next: str
    """The command to type or the thing to do next."""
    deadline: str | None
    """When it gets worse or calls stop."""
    deadline_seconds: float | None
    """The same in seconds since 1970 UTC."""
    open: bool
    """False while it has not yet lasted long enough to be raised."""
    opened: str | None
    since: str | None
    """When the condition was first seen."""
    clear_since: str | None
    """When the condition went away, while the finding is still held."""
    acknowledged: str | None
    stale: bool
    """Its evidence is older than it should be."""
    inhibited_by: str
    """The rule that speaks for it; such a finding pages nobody."""
    hidden_by: str
    """The maintenance window that hides it; empty where none does."""
    devices: list[str]
    evidence: list[EvidenceView]


class FindingsView(View):
    """Findings, worst first."""

    now: str | None
    total: int
    """How many there are, of which `findings` is the part asked for."""
    offset: int
    next: str | None = None
    """`cursor` of the next page; null at the end."""
    findings: list[FindingView]


def evidence_view(line: EvidenceLine, now: float) -> EvidenceView:
    """One line of evidence and its age."""
    return EvidenceView(
        what=line.what,
        value=line.value,
        source=line.source,
        kind=line.kind,
        received=moment(line.received),
        age_seconds=max(0.0, now - line.received),
    )


def finding_view(found: OpenFinding, now: float) -> FindingView:
    """One finding with the times kept for it."""
    finding, standing = found.finding, found.standing
    return FindingView(
        rule=finding.rule,
        step=finding.step,
        subject=finding.subject,
        severity=finding.severity.word,
        why=finding.why,
        next=finding.next,
        deadline=moment(finding.deadline),
        deadline_seconds=finding.deadline,
        open=is_open(found),
        opened=moment(standing.opened),
        since=moment(standing.since),
        clear_since=moment(standing.clear_since),
        acknowledged=moment(standing.acknowledged),
        stale=finding.stale,
        inhibited_by=finding.inhibited_by,
        hidden_by=finding.hidden_by,
        devices=list(finding.devices),
        evidence=[evidence_view(line, now) for line in finding.evidence],
    )


def worst_first(fleet: FleetSnapshot) -> list[OpenFinding]:
    """Unresolved findings by severity, then by deadline, then by name."""
    found = [each for each in fleet.findings if each.standing.resolved is None]
    return sorted(found, key=rank)


def rank(found: OpenFinding) -> tuple[bool, int, float, tuple[str, str, str]]:
    """What findings are sorted by; no two are equal."""
    finding = found.finding
    deadline = math.inf if finding.deadline is None else finding.deadline
    rule, step, subject = finding.key
    return bool(finding.inhibited_by), -finding.severity, deadline, (subject, rule, step)
