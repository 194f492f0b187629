"""`cubemon silence`: pages that are not sent for a while."""

import argparse
import json
from typing import Final

from monitor.cli.maintenance import ran, span_arguments, state
from monitor.cli.outcome import bounds, table, whom
from monitor.cli.remote import Object, Remote, tidy, where
from monitor.errors import ConfigError

DESCRIPTION: Final = """\
Keep a running monitor's own notifier from sending what matches; findings and metrics stay as they
are. At most 7 days at a time. Critical pages of releases that stop calls are sent all the same,
unless --force; a reason is always needed.

examples:
  cubemon silence add --rule out_of_compliance --for 2d --reason "licences ordered, PO 4711"
  cubemon silence add --subject 'lab-*' --severity warning --for 7d --reason "lab"
  cubemon silence list
  cubemon silence end s-1a2b3c4d

exit codes: 0 done; 2 it cannot be done, or no monitor answers."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("action", choices=("add", "list", "end"), help="see above")
    parser.add_argument("names", metavar="ID", nargs="*", help="a silence's id (end)")
    parser.add_argument("--rule", default="", metavar="NAME", help="as `cubemon status` shows it")
    parser.add_argument("--subject", default="", metavar="NAME", help="`*` for any letters")
    parser.add_argument("--severity", choices=("warning", "critical"), help="both, unless given")
    parser.add_argument("--force", action="store_true", help="also pages that say calls stop")
    span_arguments(parser)
    parser.add_argument("--all", action="store_true", help="past ones too (list)")
    where(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask and print."""
    return ran(arguments, "silences", _add, _list, _what)


def _add(remote: Remote, arguments: argparse.Namespace) -> Object:
    if not arguments.reason:
        raise ConfigError("say why with --reason: others will wonder")
    start, end = bounds(arguments.start, arguments.end, arguments.lasts)
    body = {
        "rule": arguments.rule,
        "subject": arguments.subject,
        "severity": arguments.severity,
        "forced": arguments.force,
        "start": start,
        "end": end,
        "by": whom(arguments.by),
        "reason": arguments.reason,
    }
    return remote.post("silences", json.dumps(body).encode())


def _what(one: Object) -> str:
    words = [f"rule {tidy(one['rule'])}"] if one["rule"] else []
    words += [f"subject {tidy(one['subject'])}"] if one["subject"] else []
    words += [f"severity {one['severity']}"] if one["severity"] else []
    words += ["forced"] if one["forced"] else []
    return ", ".join(words)


def _list(told: Object, everything: bool) -> None:  # noqa: FBT001 - as `ran` calls it
    table(
        ("ID", "STATE", "WHAT", "FROM", "UNTIL", "BY", "REASON"),
        [
            (
                one["id"],
                state(one, told["now"]),
                _what(one),
                one["start"],
                one["end"],
                one["by"],
                one["reason"],
            )
            for one in told["silences"]
            if everything or one["end"] > told["now"]
        ],
        "nothing is silenced",
    )
