"""`cubemon judge`: will calls stop on this router? Pasted or captured output is all it needs."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from monitor.cli import capture
from monitor.cli.remote import CheckParser, tidy
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import rfc3339
from monitor.pipeline.verdict import Stops, Verdict, judge_capture

DESCRIPTION: Final = """\
Say from pasted or captured output of one router whether calls will stop, when, why, and what to
type. Best with `show license status` and `show version` or `show cube status`; any mix of outputs,
in one file or several, in any order. Nothing else is needed: no service, no configuration.

examples:
  cubemon judge router.txt
  ssh cube-1 'show license status' | cubemon judge
  cubemon judge status.txt usage.txt --now 2020-05-20T00:00:00Z
  cubemon judge router.txt --timezone IST=+05:30 --json

exit codes: 0 nothing is wrong; 1 warning; 2 critical; 3 cannot tell, or unusable input."""

_CANNOT_TELL: Final = 3
_COLOURS: Final = {
    Severity.CRITICAL: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "cyan",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them; wrong ones end with 3."""
    parser.__class__ = CheckParser
    capture.arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Judge what the files hold."""
    try:
        texts = capture.texts(arguments.files)
    except OSError as error:
        print(f"cubemon: {error.filename or 'input'}: {error.strerror}", file=sys.stderr)
        return _CANNOT_TELL
    now = time.time() if arguments.now is None else arguments.now
    verdict = judge_capture(texts, zones=dict(arguments.timezone), now=now)
    if arguments.json:
        print(json.dumps(as_json(verdict), indent=2))
    else:
        show_verdict(verdict, now)
    return exit_code(verdict)


def exit_code(verdict: Verdict) -> int:
    """1 for a warning, 2 for a critical finding; else 3 where it cannot tell, 0 where it can."""
    codes = {Severity.WARNING: 1, Severity.CRITICAL: 2}
    unclear = _CANNOT_TELL if verdict.stops is Stops.UNKNOWN else 0
    return unclear if verdict.severity is None else codes.get(verdict.severity, unclear)


def as_json(verdict: Verdict) -> dict[str, object]:
    """The object `--json` prints."""
    return {
        "stops": verdict.stops.value,
        "release": verdict.release,
        "deadline": None if verdict.deadline is None else rfc3339(verdict.deadline),
        "findings": [_finding(finding) for finding in verdict.findings],
        "warnings": list(verdict.warnings),
    }


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "step": finding.step,
        "severity": finding.severity.word,
        "subject": finding.subject,
        "why": finding.why,
        "next": finding.next,
    }


def show_verdict(verdict: Verdict, now: float) -> None:
    """Print it for people."""
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for text in _lines(verdict, now):
        console.print(text)


def _lines(verdict: Verdict, now: float) -> Iterator[Text]:
    yield Text(tidy(f"{verdict.headline}."), style=_style(verdict))
    yield Text(tidy(verdict.reason))
    for finding in verdict.findings:
        yield from _told(finding)
    yield from _evidence(verdict)
    for warning in verdict.warnings:
        yield Text(tidy(f"note: {warning}"), style="dim")
    yield Text(f"judged as of {rfc3339(int(now))}", style="dim")


def _style(verdict: Verdict) -> str:
    if verdict.severity in (Severity.CRITICAL, Severity.WARNING):
        return f"bold {_COLOURS[verdict.severity]}"
    return "bold green" if verdict.stops is Stops.NO else "bold yellow"


def _told(finding: Finding) -> Iterator[Text]:
    yield Text()
    head = Text(f"{finding.severity.word.upper()}  ", style=_COLOURS[finding.severity])
    yield head.append(tidy(f"{finding.rule}/{finding.step}"), style="bold")
    yield Text(tidy(f"  because  {finding.why}"))
    if not finding.inhibited_by:
        yield Text(tidy(f"  type     {finding.next}"))


def _evidence(verdict: Verdict) -> Iterator[Text]:
    lines = [line for finding in verdict.findings for line in finding.evidence]
    told = dict.fromkeys((line.what, line.value, line.source, line.kind) for line in lines)
    if told:
        yield Text()
        yield Text("evidence", style="bold")
    for what, value, source, kind in told:
        yield Text(tidy(f"  {what:<28}{value}  ({source}, {kind})"))
    if told:
        yield Text()
