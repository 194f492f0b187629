"""`cubemon explain DEVICE`: why a device is judged as it is, with the evidence for each value."""

import argparse
import json
import sys
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
Say why a device is judged as it is: each finding with its evidence (value, source, kind, age), the
rule and what to type next, then the acknowledgement cycle with the evidence for each value.

examples:
  cubemon explain sbc-berlin-1
  cubemon explain 192.0.2.10 --url http://127.0.0.1:9090

exit codes: 0 shown; 2 no device has that name (the nearest are named); 3 the monitor cannot be
reached.
"""

_NOT_FOUND: Final = 2
_CYCLE: Final = {
    "required": "ACK required",
    "deadline": "next ACK deadline",
    "last_ack": "last ACK received",
    "next_push": "next report push",
    "last_push": "last report sent",
    "interval_days": "reporting interval (days)",
    "transport": "transport",
    "trust": "trust code installed",
}
_STOPPING: Final = {
    "stops": "stop when an acknowledgement deadline is missed",
    "may_stop": "may stop when an acknowledgement deadline is missed (treated as: stop)",
    "never": "go on when an acknowledgement deadline is missed",
    "before_policy": "do not hang on acknowledgements, but on registration",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them; wrong ones end with 3."""
    parser.__class__ = CheckParser
    parser.add_argument("device", metavar="DEVICE", help="its name, or one of its aliases")
    where(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Ask for one device and print it."""
    try:
        device = Remote.of(arguments).get(f"devices/{arguments.device}")
        text = json.dumps(device) if arguments.json else "\n".join(_lines(device))
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
    return 0


def _lines(device: Object) -> list[str]:
    findings = device["findings"]
    platform = _known(device["platform"], "platform unknown")
    release = _known(device["release"], "release unknown")
    stale = " (stale)" if device["stale"] else ""
    lines = [
        f"{tidy(device['id'])}: {platform}, {release}",
        f"Calls {_STOPPING.get(device['stopping'], tidy(device['stopping']))}.",
        f"SIP service: {_known(device['sip_service'], 'unknown')}",
        f"virtual account: {_known(device['virtual_account'], 'unassigned')}",
        f"last heard: {_known(device['last_seen'], 'never')}{stale}",
        "",
    ]
    lines += [] if findings else ["no findings", ""]
    for found in findings:
        lines += [*_finding(found), ""]
    return [*lines, "acknowledgement cycle", *_cycle(device["cycle"])]


def _finding(found: Object) -> list[str]:
    marks = [mark for mark in ("stale",) if found["stale"]]
    marks += [f"held by {tidy(found['inhibited_by'])}"] if found["inhibited_by"] else []
    marks += ["hidden by maintenance"] if found.get("hidden_by") else []
    mark = f" ({', '.join(marks)})" if marks else ""
    subject = tidy(found["subject"])
    lines = [
        f"{tidy(found['severity']).upper()}{mark}: {tidy(found['why'])}",
        f"  rule      {tidy(found['rule'])} / {tidy(found['step'])} about {subject}",
        f"  next      {tidy(found['next'])}",
        f"  since     {_known(found['opened'] or found['since'], 'unknown')}",
    ]
    lines += [f"  deadline  {tidy(found['deadline'])}"] if found["deadline"] else []
    return [*lines, *(_evidence(line["what"], line) for line in found["evidence"])]


def _cycle(cycle: Object) -> list[str]:
    return [
        f"  {title:<25} unknown" if cycle[name] is None else _evidence(title, cycle[name])
        for name, title in _CYCLE.items()
    ]


def _evidence(what: str, line: Object) -> str:
    bound = " at the earliest (zone unknown)" if line.get("bound") else ""
    plain = ", not authenticated" if line.get("authenticated") is False else ""
    value = _value(line["value"])
    heard = f"{tidy(line['kind'])}, {tidy(line['source'])}, {age(line['age_seconds'])} ago"
    return f"  {tidy(what):<25} {value}{bound}  [{heard}{plain}]"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _known(value, "none")


def _known(value: object, otherwise: str) -> str:
    return otherwise if value is None else tidy(value)
