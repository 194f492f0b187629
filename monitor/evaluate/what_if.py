"""The same router on another release: what would be judged, counted and printed differently."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.field_notice import mended
from monitor.domain.findings import Finding, Severity
from monitor.domain.release import Stopping, rank
from monitor.domain.state import DeviceState
from monitor.evaluate.advice.advise import own_findings
from monitor.evaluate.advice.changes import Change, changes, renamed
from monitor.evaluate.case import case_of
from monitor.evaluate.judge import judge_device
from monitor.evaluate.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The router on one release: how it is judged, with advice at its own severity."""

    release: str | None
    stopping: Stopping
    findings: tuple[Finding, ...]
    piles_up: str | None
    """The release that ends the pile-up of reports (FN72578), where this one has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One rule on both sides, at another step or with another severity."""

    before: Finding
    after: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Before and after, and what lies between."""

    before: Side
    after: Side
    back: bool
    """The other release is the older one: changes are undone."""
    changes: tuple[Change, ...]
    tags: Mapping[str, str]
    """Tags in use that change their name."""
    opened: tuple[Finding, ...]
    resolved: tuple[Finding, ...]
    moved: tuple[Moved, ...]

    @property
    def worse(self) -> bool:
        """A warning or worse opens, or a finding becomes worse."""
        opened = any(finding.severity > Severity.INFO for finding in self.opened)
        return opened or any(one.after.severity > one.before.severity for one in self.moved)


def what_if(
    device: Device, facts: Iterable[Fact], *, release: str, now: float, limits: Limits
) -> WhatIf:
    """Judge the same facts on their own release and on another. Pure; times are of our clock."""
    known = tuple(facts)
    if device.release is not None and not any(one.name is FactName.RELEASE for one in known):
        known = _on(device.release, known, device.id, now)
    before, state = _side(device, known, now, limits)
    after, _ = _side(device, _on(release, known, device.id, now), now, limits)
    start = before.release or ""
    old, new = _worst(before.findings), _worst(after.findings)
    return WhatIf(
        before=before,
        after=after,
        back=(rank(release) or ()) < (rank(start) or ()),
        changes=changes(start, release),
        tags={tag: name for tag in state.in_use if (name := renamed(tag, start, release)) != tag},
        opened=tuple(finding for finding in after.findings if finding.rule not in old),
        resolved=tuple(finding for finding in before.findings if finding.rule not in new),
        moved=tuple(
            Moved(before=old[rule], after=finding)
            for rule, finding in new.items()
            if rule in old and _says_other(old[rule], finding)
        ),
    )


def _worst(findings: Iterable[Finding]) -> dict[str, Finding]:
    """The worst finding of each rule: its steps are rungs of one ladder."""
    return {one.rule: one for one in sorted(findings, key=lambda one: one.severity)}


def _says_other(one: Finding, other: Finding) -> bool:
    return (one.step, one.severity) != (other.step, other.severity)


def _side(
    device: Device, facts: tuple[Fact, ...], now: float, limits: Limits
) -> tuple[Side, DeviceState]:
    state = judge_device(device, facts, last_seen={}, now=now, limits=limits)
    case = case_of(device, facts, last_seen={}, now=now, limits=limits)
    side = Side(
        release=state.release,
        stopping=state.stopping,
        findings=(*state.findings, *own_findings(case)),
        piles_up=mended(state.release),
    )
    return side, state


def _on(release: str, facts: tuple[Fact, ...], subject: str, now: float) -> tuple[Fact, ...]:
    others = (fact for fact in facts if fact.name is not FactName.RELEASE)
    said = next((fact for fact in facts if fact.name is FactName.RELEASE), None)
    asked = Fact(
        subject=subject,
        name=FactName.RELEASE,
        source="asked",
        value=release,
        kind=FactKind.EXACT,
        received=now,
        effective=now,
    )
    return (*others, asked if said is None else replace(asked, subject=said.subject))
