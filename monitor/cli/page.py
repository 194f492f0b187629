"""`cubemon page`: the pages of a running monitor, and what they turned out to be."""

import argparse
import json
from typing import Final

from monitor.cli.notify import figures
from monitor.cli.outcome import table, whom
from monitor.cli.remote import Object, Remote, tidy, where
from monitor.errors import ConfigError

DESCRIPTION: Final = """\
Pages: what people are told of.

  list                 open pages (--all: past ones too) and the count of false ones
  show ID              one page, with all it says
  mark ID false|real   say afterwards whether there was something to do; it is counted

examples:
  cubemon page list
  cubemon page show 17
  cubemon page mark 17 false --reason "planned reload, nobody told us"

`cubemon ack ID` takes a page.

exit codes: 0 done; 2 it cannot be done, or no monitor answers."""

_ALL: Final = 10_000


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("action", choices=("list", "show", "mark"), help="see above")
    parser.add_argument("id", metavar="ID", nargs="?", type=int, help="as `list` shows it")
    parser.add_argument(
        "mark", metavar="MARK", nargs="?", choices=("false", "real"), help="false or real"
    )
    parser.add_argument("--all", action="store_true", help="past ones too (list)")
    parser.add_argument("--by", default="", metavar="WHO", help="who says it (default: you)")
    parser.add_argument("--reason", default="", metavar="WHY", help="kept with the mark")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    where(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask and print."""
    remote = Remote.of(arguments)
    if arguments.action == "list":
        told = remote.get("pages", which="all" if arguments.all else "open")
    elif arguments.id is None:
        raise ConfigError(f"{arguments.action} needs the number of a page; see `cubemon page list`")
    elif arguments.action == "show":
        told = _page(remote, arguments.id)
    else:
        told = _marked(remote, arguments)
    if arguments.json:
        print(json.dumps(told))
    elif arguments.action == "list":
        _list(told)
    else:
        _show(told)
    return 0


def _page(remote: Remote, number: int) -> Object:
    for one in remote.get("pages", which="all", limit=_ALL)["pages"]:
        if one["id"] == number:
            found: Object = one
            return found
    raise ConfigError(f"no page has the number {number}")


def _marked(remote: Remote, arguments: argparse.Namespace) -> Object:
    if arguments.mark is None:
        raise ConfigError("say `false` or `real`: cubemon page mark ID false")
    body = {"mark": arguments.mark, "by": whom(arguments.by), "reason": arguments.reason}
    return remote.post(f"pages/{arguments.id}/mark", json.dumps(body).encode())


def _list(told: Object) -> None:
    table(
        ("ID", "SEVERITY", "SUBJECT", "RULE", "OPENED", "STATE", "TITLE"),
        [
            (
                one["id"],
                one["severity"],
                one["subject"],
                f"{one['rule']} / {one['step']}",
                one["opened"],
                _state(one),
                one["title"],
            )
            for one in told["pages"]
        ],
        "no page is open",
    )
    print(figures(told["figures"]))


def _state(one: Object) -> str:
    words = [str(one["turn"])]
    words += [f"taken by {one['acknowledged_by']}"] if one["acknowledged"] else []
    words += [f"marked {one['mark']}"] if one["mark"] else []
    return ", ".join(words)


def _show(one: Object) -> None:
    print(f"{one['id']}  {tidy(one['title'])}")
    print(f"  {tidy(_state(one))}; opened {tidy(one['opened'])}, key {tidy(one['key'])}")
    for name, words in one["lines"].items():
        print(f"  {tidy(name):<24} {tidy(words)}")
    if one["runbook"]:
        print(f"  {'Runbook':<24} {tidy(one['runbook'])}")
