"""`cubemon advise`: what to put right on a router, by Cisco's task flow, from captured output."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from monitor.cli import capture
from monitor.cli.remote import tidy
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import rfc3339
from monitor.pipeline.advising import Counsel, advise_capture

DESCRIPTION: Final = """\
Say from captured or pasted output of one router what is to be put right before its licences can
work: host name, name servers, transport, proxy, trust code, periodicity, release and more, each
with the rule and what to type. Best with `show running-config`, `show license all` (or `show
license status`), `show version`, `show voice sip license status`; any mix, in one file or several.
What could not be checked is listed with the command to add. No secret of a configuration is kept or
shown.

examples:
  cubemon advise router.txt
  ssh cube-1 'show running-config' | cubemon advise - license-all.txt
  cubemon advise router.txt --now 2026-11-22T10:00:00Z --json

exit codes: 0 nothing to put right, or only hints; 1 warnings; 2 unusable input."""

_WARNINGS: Final = 1
_UNUSABLE: Final = 2
_COLOURS: Final = {Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    capture.arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Check what the files hold."""
    try:
        texts = capture.texts(arguments.files)
    except OSError as error:
        print(f"cubemon: {error.filename or 'input'}: {error.strerror}", file=sys.stderr)
        return _UNUSABLE
    timed = arguments.now is not None
    now = arguments.now if timed else time.time()
    counsel = advise_capture(texts, zones=dict(arguments.timezone), now=now, timed=timed)
    if arguments.json:
        print(json.dumps(as_json(counsel), indent=2))
    else:
        _print(counsel)
    return exit_code(counsel)


def exit_code(counsel: Counsel) -> int:
    """0, 1 where a warning is given, 2 where nothing was recognised."""
    if not counsel.recognised:
        return _UNUSABLE
    worst = max((one.advice.severity for one in counsel.advised.given), default=None)
    return _WARNINGS if worst is not None and worst > Severity.INFO else 0


def as_json(counsel: Counsel) -> dict[str, object]:
    """The object `--json` prints."""
    return {
        "device": counsel.device,
        "release": counsel.release,
        "advice": [
            {
                "check": one.check.name,
                "step": one.advice.step,
                "severity": one.advice.severity.word,
                "why": one.advice.why,
                "rule": one.check.rule,
                "source": one.check.source,
                "next": one.advice.next,
                "evidence": list(_evidence(finding)),
            }
            for one, finding in zip(counsel.advised.given, counsel.findings, strict=True)
        ],
        "fine": [check.name for check in counsel.advised.fine],
        "not_checked": [{"check": one.check.name, "add": one.add} for one in counsel.not_checked],
        "warnings": list(counsel.warnings),
    }


def _evidence(finding: Finding) -> Iterator[dict[str, str]]:
    for line in finding.evidence:
        yield {
            "what": line.what,
            "value": line.value,
            "source": line.source,
            "kind": line.kind,
            "received": rfc3339(int(line.received)),
        }


def _print(counsel: Counsel) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for text in _lines(counsel):
        console.print(text)


def _lines(counsel: Counsel) -> Iterator[Text]:
    yield Text(tidy(_head(counsel)), style="bold")
    for one, finding in zip(counsel.advised.given, counsel.findings, strict=True):
        severity = one.advice.severity
        yield Text()
        head = Text(f"{severity.word.upper()}  ", style=_COLOURS[severity])
        yield head.append(f"{one.check.name}/{one.advice.step}", style="bold")
        yield Text(tidy(f"  because   {one.advice.why}"))
        yield Text(tidy(f"  rule      {one.check.rule}"))
        yield Text(tidy(f"  source    {one.check.source}"))
        yield Text(tidy(f"  type      {one.advice.next}"))
        for line in finding.evidence:
            yield Text(
                tidy(f"  evidence  {line.what.replace('_', ' ')}: {line.value}"), style="dim"
            )
    yield from _list("checked and fine", [check.name for check in counsel.advised.fine])
    missing = [f"{one.check.name:<26}{one.add}" for one in counsel.not_checked]
    yield from _list("not checked", missing)
    yield from (Text(tidy(f"note: {warning}"), style="dim") for warning in counsel.warnings)


def _list(title: str, lines: list[str]) -> Iterator[Text]:
    if lines:
        yield Text()
        yield Text(title, style="bold")
    for line in lines:
        yield Text(tidy(f"  {line}"))


def _head(counsel: Counsel) -> str:
    given = [one.advice.severity for one in counsel.advised.given]
    warnings = given.count(Severity.WARNING)
    release = f", release {counsel.release}" if counsel.release else ""
    return (
        f"{counsel.device}{release}: {warnings} to put right, {len(given) - warnings} hints,"
        f" {len(counsel.advised.fine)} fine, {len(counsel.not_checked)} not checked"
    )
