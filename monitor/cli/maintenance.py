"""`cubemon maintenance`: windows in which warnings about what is worked on are hidden."""

import argparse
import json
from collections.abc import Callable
from typing import Final

from monitor.cli.outcome import bounds, table, whom
from monitor.cli.remote import Object, Remote, tidy, where
from monitor.errors import ConfigError

DESCRIPTION: Final = """\
Announce work to a running monitor: warnings about what it names are hidden meanwhile. An overdue
acknowledgement and SIP down on a release that stops calls are never hidden, nor is any page.

examples:
  cubemon maintenance add cube-1 cube-2 --for 2h --reason "upgrade to 17.9"
  cubemon maintenance add berlin --from 2026-11-28T22:00:00Z --until 2026-11-29T02:00:00Z
  cubemon maintenance add "Voice Edge" --for 2d --reason "licences ordered"
  cubemon maintenance add "relay 192.0.2.9" "ssh credential noc" --for 1h
  cubemon maintenance list
  cubemon maintenance end m-1a2b3c4d

NAME is a device or a pair (which stands for both of its members), a virtual account (its shortages,
not what is wrong with its devices), or a shared cause as findings name it: a relay, a credential,
a licence server.

exit codes: 0 done; 2 it cannot be done, or no monitor answers."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("action", choices=("add", "list", "end"), help="see above")
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="what is worked on (add); a window's id (end)"
    )
    span_arguments(parser)
    parser.add_argument("--all", action="store_true", help="past ones too (list)")
    where(parser)


def span_arguments(parser: argparse.ArgumentParser) -> None:
    """From when until when, by whom and why."""
    parser.add_argument("--from", dest="start", default="", metavar="TIME", help="default: now")
    parser.add_argument("--until", dest="end", default="", metavar="TIME", help="RFC 3339")
    parser.add_argument("--for", dest="lasts", default="", metavar="SPAN", help="such as 2h or 1d")
    parser.add_argument("--by", default="", metavar="WHO", help="who says so (default: you)")
    parser.add_argument("--reason", default="", metavar="WHY", help="kept with it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Ask and print."""
    return ran(arguments, "maintenance", _add, _list, _whose)


def ran(
    arguments: argparse.Namespace,
    what: str,
    add: Callable[[Remote, argparse.Namespace], Object],
    listed: Callable[[Object, bool], None],
    told_of: Callable[[Object], str],
) -> int:
    """Add one, end one or list them; print what came of it. `what` is its word in the API."""
    remote = Remote.of(arguments)
    if arguments.action == "list":
        told = remote.get(what)
    elif arguments.action == "add":
        told = add(remote, arguments)
    else:
        told = _ended(remote, what, arguments.names, arguments.by)
    if arguments.json:
        print(json.dumps(told))
    elif arguments.action == "list":
        listed(told, arguments.all)
    else:
        print(f"{tidy(told['id'])}: {told_of(told)} until {told['end']}")
    return 0


def _add(remote: Remote, arguments: argparse.Namespace) -> Object:
    if not arguments.names:
        raise ConfigError("name what is worked on: cubemon maintenance add cube-1 --for 2h")
    start, end = bounds(arguments.start, arguments.end, arguments.lasts)
    body = {
        "subjects": arguments.names,
        "start": start,
        "end": end,
        "by": whom(arguments.by),
        "reason": arguments.reason,
    }
    return remote.post("maintenance", json.dumps(body).encode())


def _ended(remote: Remote, what: str, names: list[str], by: str) -> Object:
    """The window or silence that was ended."""
    if len(names) != 1:
        raise ConfigError(f"end one by its id; see `cubemon {what.removesuffix('s')} list`")
    return remote.post(f"{what}/{names[0]}/end", json.dumps({"by": whom(by)}).encode())


def _whose(one: Object) -> str:
    return ", ".join(map(tidy, one["subjects"]))


def _list(told: Object, everything: bool) -> None:  # noqa: FBT001 - as `ran` calls it
    table(
        ("ID", "STATE", "FROM", "UNTIL", "SUBJECTS", "BY", "REASON"),
        [
            (
                one["id"],
                state(one, told["now"]),
                one["start"],
                one["end"],
                ", ".join(one["subjects"]),
                one["by"],
                one["reason"],
            )
            for one in told["maintenance"]
            if everything or one["end"] > told["now"]
        ],
        "no maintenance is announced",
    )


def state(one: Object, now: str) -> str:
    """Open, to come or over."""
    if one["open"]:
        return "open"
    return "to come" if one["start"] > now else "over"
