"""`cubemon notify`: how it stands with the channels that tell people; test them."""

import argparse
import json
from typing import Final

from monitor.cli.outcome import table
from monitor.cli.remote import Object, Remote, tidy, where

DESCRIPTION: Final = """\
The built-in notifier of a running monitor (`notify` in its configuration).

  status    channels: whether they take pages, how many wait, false pages of the last 30 days
  list      what channels were told, newest first (in shadow mode: would have been told)
  pending   what waits to be sent
  test      send a test and its end to one channel, or to all

examples:
  cubemon notify status
  cubemon notify test oncall
  cubemon notify list --channel oncall --limit 20
  cubemon notify pending --json

exit codes: 0 fine; 1 a channel takes nothing, or a test was not taken; 2 no monitor answers, or
wrong arguments."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("action", choices=("status", "list", "pending", "test"), help="see above")
    parser.add_argument(
        "channel_asked", metavar="CHANNEL", nargs="?", default="", help="one channel (test)"
    )
    parser.add_argument("--channel", metavar="NAME", help="one channel (list, pending)")
    parser.add_argument(
        "--limit", metavar="N", type=int, default=50, help="at most so many (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    where(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask, print; 1 where a channel takes nothing."""
    remote = Remote.of(arguments)
    action: str = arguments.action
    if action == "status":
        return _status(remote.get("channels"), arguments.json)
    if action == "test":
        asked = json.dumps({"channel": arguments.channel_asked}).encode()
        return _test(remote.post("channels/test", asked), arguments.json)
    query = {"limit": arguments.limit}
    query |= {"channel": arguments.channel} if arguments.channel else {}
    query |= {"state": "waiting"} if action == "pending" else {}
    return _list(remote.get("notices", **query), arguments.json)


def _status(told: Object, as_json: bool) -> int:  # noqa: FBT001 - as the user asks
    channels = told["channels"]
    if as_json:
        print(json.dumps(told))
    else:
        table(
            ("CHANNEL", "KIND", "STATE", "WAITING", "SENT", "DEAD"),
            [
                (one["name"], one["kind"], _state(one), one["waiting"], one["sent"], one["dead"])
                for one in channels
            ],
            "no channel is configured (`notify` in the configuration)",
        )
        print(figures(told["figures"]))
    return 1 if any(one["error"] for one in channels) else 0


def _state(one: Object) -> str:
    if one["shadow"]:
        return "shadow: records, sends nothing"
    return f"failing since {one['failing_since']}: {one['error']}" if one["error"] else "ok"


def figures(one: Object) -> str:
    """The count of false pages in one line."""
    rate = one["false_per_100_devices"]
    shown = "no devices" if rate is None else f"{rate:.2f} false per 100 devices"
    return (
        f"critical pages of 30 days: {one['pages']}, marked false {one['marked_false']}, real"
        f" {one['marked_real']}, unmarked and resolved by themselves {one['unmarked']}; {shown}"
    )


def _test(told: Object, as_json: bool) -> int:  # noqa: FBT001 - as the user asks
    tests = told["tests"]
    if as_json:
        print(json.dumps(told))
    else:
        for one in tests:
            word = "taken" if one["taken"] else f"not taken: {tidy(one['error'])}"
            print(f"{tidy(one['channel'])}: {word}")
        if not tests:
            print("no channel is configured (`notify` in the configuration)")
    return 0 if all(one["taken"] for one in tests) else 1


def _list(told: Object, as_json: bool) -> int:  # noqa: FBT001 - as the user asks
    if as_json:
        print(json.dumps(told))
        return 0
    table(
        ("PLANNED", "CHANNEL", "ACTION", "SEVERITY", "STATE", "TITLE"),
        [
            (
                one["planned"],
                one["channel"],
                one["action"],
                one["severity"],
                _notice_state(one),
                one["title"],
            )
            for one in told["notices"]
        ],
        "none",
    )
    return 0


def _notice_state(one: Object) -> str:
    error = f" ({one['attempts']} tries; {one['error']})" if one["error"] else ""
    return f"{one['state']}{error}"
