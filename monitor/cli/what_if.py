"""`cubemon what-if`: what another release would change for a router, before it is installed."""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from monitor.cli import capture, remote
from monitor.cli.remote import UNKNOWN, AbsentError, Object, Remote, UnreachableError, tidy
from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import instant
from monitor.domain.release import Stopping, normal, rank
from monitor.errors import ReadingError
from monitor.evaluate import Limits
from monitor.evaluate.advice.changes import Change
from monitor.evaluate.what_if import Side, WhatIf, what_if
from monitor.pipeline.capture import read_capture

DESCRIPTION: Final = """\
Say what changes for a router with another release of IOS XE: whether calls stop at a missed
deadline, which findings open, resolve or change, how licences are counted and called, which outputs
look different, what telemetry appears. The router is read from captured output or, by its name,
from a running monitor; nothing is changed on either.

examples:
  cubemon what-if router.txt --release 17.18.1a
  cubemon what-if cube-1 --release 17.9.4a --url http://127.0.0.1:8080
  cubemon what-if router.txt --release 17.3.7 --json

exit codes: 0 nothing gets worse; 1 something does; 2 unusable input, or no such device; 3 the
monitor cannot be reached."""

_WORSE: Final = 1
_UNUSABLE: Final = 2
_STOPPING: Final = {
    Stopping.STOPS: "calls stop at a missed acknowledgement deadline",
    Stopping.MAY_STOP: "calls may stop at a missed acknowledgement deadline (not documented)",
    Stopping.NEVER: "calls go on at a missed acknowledgement deadline",
    Stopping.BEFORE_POLICY: "calls hang on registration and authorization, not on reports",
}


class UnusableError(ReadingError):
    """Nothing to ask about."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    capture.arguments(parser)
    parser.add_argument(
        "--device",
        metavar="DEVICE",
        help="a device of a running monitor (a single word that is no file is one as well)",
    )
    parser.add_argument(
        "--release", required=True, type=_release, help="the release to look at, like 17.18.1a"
    )
    remote.where(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Judge the router twice and say what differs."""
    now = time.time() if arguments.now is None else arguments.now
    try:
        device, facts, now = _router(arguments, now)
    except OSError as error:
        print(f"cubemon: {error.filename or 'input'}: {error.strerror}", file=sys.stderr)
        return _UNUSABLE
    except AbsentError as error:
        nearest = f"; nearest: {', '.join(error.nearest)}" if error.nearest else ""
        print(f"cubemon: {error}{nearest}", file=sys.stderr)
        return _UNUSABLE
    except UnreachableError as error:
        print(f"cubemon: {error}", file=sys.stderr)
        return UNKNOWN
    found = what_if(device, facts, release=arguments.release, now=now, limits=Limits())
    if arguments.json:
        print(json.dumps({"device": device.id, **as_json(found)}, indent=2))
    else:
        _print(device.id, found)
    return _WORSE if found.worse else 0


def _release(text: str) -> str:
    release = normal(text)
    if release is None or rank(release) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no release; write it like 17.18.1a")
    return release


Router = tuple[Device, Sequence[Fact], float]


def _router(arguments: argparse.Namespace, now: float) -> Router:
    if arguments.device and arguments.files:
        raise UnusableError("say either files or --device, not both")
    name = arguments.device or _lone_name(arguments.files)
    if name:
        return _asked(Remote.of(arguments), name)
    texts = capture.texts(arguments.files)
    read = read_capture(texts, zones=dict(arguments.timezone), now=now)
    if not read.recognised:
        raise UnusableError("no output of a known command was recognised")
    return read.device, read.timeless, now


def _lone_name(words: Sequence[str]) -> str | None:
    lone = words[0] if len(words) == 1 else "-"
    return None if lone == "-" or "/" in lone or Path(lone).exists() else lone


def _asked(monitor: Remote, name: str) -> Router:
    said = monitor.get(f"devices/{name}")
    try:
        device = Device(
            id=str(said["id"]),
            virtual_account=said["virtual_account"],
            release=said["release"],
        )
        facts = [fact for each in said["facts"] for fact in _fact(device.id, each)]
        return device, facts, instant(said["now"])
    except (LookupError, TypeError, ValueError, ReadingError) as error:
        what = tidy(repr(error))
        raise UnreachableError(f"the answer is not a monitor's: {what}") from error


def _fact(subject: str, said: Object) -> Iterator[Fact]:
    if said["name"] not in FactName.__members__.values():
        return
    received = instant(said["received"])
    device_time = said["device_time"]
    yield Fact(
        subject=subject,
        name=FactName(said["name"]),
        key=said["key"],
        value=said["value"] if said["seconds"] is None else said["seconds"],
        source=said["source"],
        kind=FactKind(said["kind"]),
        received=received,
        effective=received,
        device_time=None if device_time is None else instant(device_time),
        bound=said["bound"],
        authenticated=said["authenticated"],
        text=said["text"],
    )


def as_json(found: WhatIf) -> dict[str, object]:
    """What `--json` prints beside the device's name."""
    return {
        "before": _side(found.before),
        "after": _side(found.after),
        "back": found.back,
        "opened": [_finding(finding) for finding in found.opened],
        "resolved": [_finding(finding) for finding in found.resolved],
        "changed": [
            {**_finding(one.after), "was": one.before.severity.word} for one in found.moved
        ],
        "tags": dict(found.tags),
        "changes": [_change(change) for change in found.changes],
        "worse": found.worse,
    }


def _side(side: Side) -> dict[str, object]:
    return {
        "release": side.release,
        "stopping": side.stopping.value,
        "report_pile_up_ends_with": side.piles_up,
    }


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "step": finding.step,
        "severity": finding.severity.word,
        "why": finding.why,
        "next": finding.next,
    }


def _change(change: Change) -> dict[str, str]:
    return {
        "since": change.since,
        "area": change.area.value,
        "command": change.command,
        "text": change.text,
        "source": change.source,
    }


def _print(device: str, found: WhatIf) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for text in _lines(device, found):
        console.print(text)


def _lines(device: str, found: WhatIf) -> Iterator[Text]:
    before, after = found.before, found.after
    yield Text(tidy(f"{device}: {before.release or 'release unknown'} -> {after.release}"), "bold")
    yield Text(f"  now   {_STOPPING[before.stopping]}")
    yield Text(f"  then  {_STOPPING[after.stopping]}")
    yield from _pile_up(found)
    yield from _findings("opens", found.opened)
    yield from _findings("resolves", found.resolved)
    yield from _moved(found)
    for old, new in found.tags.items():
        yield Text(tidy(f"  tag {old} is called {new}"))
    yield from _changes(found)


def _pile_up(found: WhatIf) -> Iterator[Text]:
    before, after = found.before.piles_up, found.after.piles_up
    if after:
        yield Text(f"  reports that are not acknowledged pile up (FN72578) until {after}", "yellow")
    elif before:
        yield Text("  reports that are not acknowledged no longer pile up (FN72578)")


def _findings(title: str, findings: tuple[Finding, ...]) -> Iterator[Text]:
    for finding in sorted(findings, key=lambda one: -one.severity):
        style = "yellow" if title == "opens" and finding.severity > Severity.INFO else ""
        yield Text()
        named = f"{finding.severity.word.upper()} {finding.rule}/{finding.step}"
        yield Text(tidy(f"{title}  {named}"), style)
        yield Text(tidy(f"  because  {finding.why}"))


def _moved(found: WhatIf) -> Iterator[Text]:
    for one in found.moved:
        was, now = one.before.severity.word, one.after.severity.word
        yield Text()
        yield Text(tidy(f"changes  {one.after.rule}/{one.after.step}: {was} -> {now}"))


def _changes(found: WhatIf) -> Iterator[Text]:
    if found.changes:
        yield Text()
        yield Text("undone on the way back" if found.back else "what changes on the way", "bold")
    for change in found.changes:
        about = f"`{change.command}`: " if change.command else ""
        yield Text(tidy(f"  {change.since:<9}{change.area.value:<10}{about}{change.text}"))
