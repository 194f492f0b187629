"""One page per device: which of its findings speaks, and which stay silent behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from monitor.domain.findings import Finding
from monitor.evaluate import sip_service_down
from monitor.evaluate.catalogue import CYCLE_RULES

_ORDER = {rule.name: place for place, rule in enumerate(CYCLE_RULES)}


def inhibited(findings: Iterable[Finding], last_step: str) -> tuple[Finding, ...]:
    """Mark the findings of one device that another one speaks for.

    SIP service down speaks for the whole acknowledgement cycle; within the cycle the worst speaks.
    `last_step`: the step of the last day, which goes first so that it pages once more.
    """
    fresh = [replace(finding, inhibited_by="") for finding in findings]
    speaker = _speaker(fresh, last_step)
    return tuple(_marked(finding, speaker) for finding in fresh)


def _speaker(findings: Sequence[Finding], last_step: str) -> Finding | None:
    for finding in findings:
        if finding.rule == sip_service_down.NAME:
            return finding
    cycle = [finding for finding in findings if finding.rule in _ORDER]
    return min(cycle, key=lambda finding: _place(finding, last_step), default=None)


def _place(finding: Finding, last_step: str) -> tuple[int, bool, int]:
    return (-finding.severity, finding.step != last_step, _ORDER[finding.rule])


def _marked(finding: Finding, speaker: Finding | None) -> Finding:
    if speaker is None or finding is speaker or finding.rule not in _ORDER:
        return finding
    return replace(finding, inhibited_by=speaker.rule)
