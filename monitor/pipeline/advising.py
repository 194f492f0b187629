"""Captured output in, advice out: what to put right by Cisco's task flow, and what was not told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.findings import Finding
from monitor.evaluate import Limits
from monitor.evaluate.advice import Advised, advise, own_findings
from monitor.evaluate.advice.check import Check
from monitor.evaluate.case import case_of
from monitor.pipeline.capture import Capture, read_capture

_MESSAGES: Final = (
    ("//CUBE-SL/", FactName.DEBUG_LICENSE, True),
    ("%SMART_LIC-4-REPORTING_NOT_SUPPORTED", FactName.REPORTING_SUPPORTED, False),
)
"""What messages in a capture say: the lines of `debug license feature cube all`, an old On-Prem."""
_CLOCK: Final = "clock_off"
_CONFIG: Final = "show running-config"
_SHEET: Final = ("show license status", "show license usage")
_HELD: Final = {
    "show license all": _SHEET,
    "show license tech support": (*_SHEET, "show license all"),
    "show cube status": ("show version",),
}
"""What an output tells of another command's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotChecked:
    """A check the capture says nothing about, and what would tell."""

    check: Check
    add: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counsel:
    """What is advised for one router. `findings` stand beside `advised.given`, in its order."""

    device: str
    release: str | None
    advised: Advised
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    warnings: tuple[str, ...]
    recognised: bool


def advise_capture(
    texts: Sequence[str], *, zones: Mapping[str, int], now: float, timed: bool
) -> Counsel:
    """Check outputs of one device. `timed`: they were taken at `now`, so their clock counts."""
    capture = read_capture(texts, zones=zones, now=now)
    known = capture.facts if timed else capture.timeless
    facts = (*known, *_messages(capture, texts, now))
    case = case_of(capture.device, facts, last_seen={}, now=now, limits=Limits())
    advised = advise(case)
    return Counsel(
        device=capture.device.id,
        release=case.release_name,
        advised=advised,
        findings=own_findings(case),
        not_checked=tuple(
            NotChecked(check=check, add=_missing(check, capture, timed))
            for check in advised.unknown
        ),
        warnings=capture.warnings,
        recognised=capture.recognised,
    )


def _messages(capture: Capture, texts: Sequence[str], now: float) -> Iterator[Fact]:
    for words, name, value in _MESSAGES:
        if any(words in text for text in texts):
            yield Fact(
                subject=capture.device.id,
                name=name,
                source="cli",
                value=value,
                kind=FactKind.EXACT,
                received=now,
                effective=now,
                text=f"lines with {words}",
            )


def _missing(check: Check, capture: Capture, timed: bool) -> str:  # noqa: FBT001 - passed on
    shown = _shown(capture)
    absent = [command for command in check.asks if command not in shown]
    if check.name == _CLOCK and not timed:
        return "say with --now when the capture was taken"
    if absent:
        return f"add {' and '.join(f'`{command}`' for command in absent)}"
    if _CONFIG in check.asks and not _is_whole(capture):
        return f"add the whole of `{_CONFIG}`, not a part of it"
    return "the output does not tell"


def _shown(capture: Capture) -> set[str]:
    """Commands that need not be asked for again, with those that others hold."""
    shown = {output.command for output in capture.outputs if output.said}
    held = (command for output in tuple(shown) for command in _HELD.get(output, ()))
    return shown | set(held)


def _is_whole(capture: Capture) -> bool:
    return any(fact.name is FactName.CONFIG_WHOLE for fact in capture.facts)
