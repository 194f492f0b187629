"""`cubemon doctor`: how well each device is heard, where sources disagree, what to set up."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from monitor.cli.remote import (
    UNKNOWN,
    AbsentError,
    CheckParser,
    Object,
    Remote,
    UnreachableError,
    age,
    tidy,
    where,
)

DESCRIPTION: Final = """\
Say of each device which sources work (command line, gNMI, RESTCONF, SNMP, traps, syslog) and when
each last spoke, where they disagree, how far its clock is off, which zone words are not known,
whether its call table counts calls or legs; then what to type on the router and what to write into
the configuration. Words in capitals are to be replaced. "may" would only add a source.

examples:
  cubemon doctor
  cubemon doctor sbc-berlin-1 --url http://127.0.0.1:9090
  cubemon doctor --json | jq '.doctor[] | select(.fine | not) | .device'

exit codes: 0 fine; 1 something to do; 2 no such device; 3 the monitor cannot be reached."""

_TO_DO: Final = 1
_NOT_FOUND: Final = 2


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them; wrong ones end with 3."""
    parser.__class__ = CheckParser
    parser.add_argument(
        "device", metavar="DEVICE", nargs="?", help="its name, or one of its aliases (default: all)"
    )
    where(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Ask, print, and answer with 1 where something is to be done."""
    try:
        found = _asked(Remote.of(arguments), arguments.device)
        fine = all(one["fine"] for one in found)
        text = json.dumps({"doctor": found}) if arguments.json else "\n".join(_all(found))
    except AbsentError as error:
        nearest = f"; nearest: {', '.join(error.nearest)}" if error.nearest else ""
        print(f"cubemon: {error}{nearest}", file=sys.stderr)
        return _NOT_FOUND
    except UnreachableError as error:
        print(f"cubemon: {error}", file=sys.stderr)
        return UNKNOWN
    except (LookupError, TypeError, ValueError) as error:
        print(f"cubemon: the answer is not a monitor's: {tidy(repr(error))}", file=sys.stderr)
        return UNKNOWN
    print(text)
    return 0 if fine else _TO_DO


def _asked(remote: Remote, device: str | None) -> list[Object]:
    return list(remote.all("doctor")) if device is None else [remote.get(f"doctor/{device}")]


def _all(found: Sequence[Object]) -> Iterator[str]:
    if not found:
        yield "no devices"
    for one in found:
        yield from _lines(one)
        yield ""


def _lines(one: Object) -> Iterator[str]:
    state = "fine" if one["fine"] else "something to do"
    known = f"{one['platform'] or 'platform unknown'}, {one['release'] or 'release unknown'}"
    yield tidy(f"{one['device']}: {known}: {state}")
    names = ", ".join(dict.fromkeys(filter(None, [*one["names"], one["udi"]])))
    yield tidy(f"  also known as  {names or 'nothing else'}")
    yield tidy(f"  clock          {_clock(one['clock_offset'])}")
    for source in one["sources"]:
        yield tidy(f"  {source['source']:<10}{_source(source)}")
    for calibration in one["calibrations"]:
        yield tidy(f"  call table ({calibration['source']}): {_calibrated(calibration)}")
    for apart in one["disagreements"]:
        yield tidy(f"  differs: {str(apart['what']).replace('_', ' ')}")
        yield from (tidy(f"    {_fact(fact)}") for fact in apart["said"])
    for remedy in one["remedies"]:
        yield from _remedy(remedy)


def _clock(offset: float | None) -> str:
    if offset is None:
        return "offset not known"
    return f"{abs(offset):.1f} s {'ahead of' if offset >= 0 else 'behind'} ours"


def _source(source: Object) -> str:
    seconds = source["age_seconds"]
    seen = "" if seconds is None else f" ({age(float(seconds))} ago)"
    return f"{source['state']}{seen}"


def _calibrated(one: Object) -> str:
    if not one["against"]:
        return "calls or legs? no sessions of another source to compare with"
    ratio = "no ratio" if one["ratio"] is None else f"{one['ratio']:.2f} to a session"
    return f"{one['counting']} ({ratio} of {one['against']}, {one['compared']} compared)"


def _fact(fact: Object) -> str:
    value = "none" if fact["value"] is None else fact["value"]
    proof = fact["kind"] if fact["authenticated"] else f"{fact['kind']}, unauthenticated"
    return f"{value}  {fact['source']} ({proof}), {age(float(fact['age_seconds']))} ago"


def _remedy(remedy: Object) -> Iterator[str]:
    yield tidy(f"  {'do ' if remedy['needed'] else 'may'}  {remedy['what']}")
    for title, lines in (("on the router", remedy["router"]),
                         ("in the configuration", remedy["configuration"])):  # fmt: skip
        if lines:
            yield f"       {title}:"
        yield from (tidy(f"         {line}") for line in lines)
