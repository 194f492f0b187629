"""`cubemon accounts`: licences by virtual account, when they run out, and what to move where."""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.cli.remote import AbsentError, Object, Remote, tidy, where

DESCRIPTION: Final = """\
Show licences by virtual account and tag: purchased (by the newest source), in use as CSSM would
count it, what is left, what the devices reported last and what was measured; the day on which the
balance reaches 0; and what to move between the accounts of one smart account. UNKNOWN is not 0.

examples:
  cubemon accounts
  cubemon accounts --account "Voice Edge" --explain
  cubemon accounts --json

exit codes: 0 nothing is short; 1 an account is short; 2 no monitor answers, or wrong arguments."""

_WIDE: Final = 200
_NAMED: Final = 3
_TITLES: Final = (
    "ACCOUNT", "TAG", "PURCHASED", "IN USE", "BALANCE", "REPORTED", "MEASURED", "REACHES 0",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--account", metavar="NAME", help="this account only")
    parser.add_argument(
        "--explain", action="store_true", help="sources, weekly peaks and errors of the forecasts"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    where(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask, print, and answer with 1 where an account is short."""
    told = Remote.of(arguments).get("accounts")
    accounts = _named(told["accounts"], arguments.account)
    if arguments.json:
        print(json.dumps({"now": told["now"], "accounts": accounts}))
    else:
        _print(accounts, explain=arguments.explain)
    return 1 if any(_short(one) for one in accounts) else 0


def _named(accounts: Sequence[Object], name: str | None) -> Sequence[Object]:
    if name is None:
        return accounts
    found = [one for one in accounts if one["name"].casefold() == name.casefold()]
    if not found:
        names = ", ".join(tidy(one["name"]) for one in accounts)
        raise AbsentError(f"no account is called {name!r}; there are: {names}", [])
    return found


def _short(account: Object) -> bool:
    return any(one["balance"] is not None and one["balance"] < 0 for one in account["balances"])


def _print(accounts: Sequence[Object], *, explain: bool) -> None:
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=_WIDE)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in _TITLES:
        table.add_column(title, overflow="fold")
    for account in accounts:
        for cells in _rows(account):
            table.add_row(*(Text(tidy(cell)) for cell in cells))
    console.print(table)
    for line in _lines(accounts, explain=explain):
        console.print(Text(tidy(line)), soft_wrap=True)


def _rows(account: Object) -> Iterator[tuple[object, ...]]:
    for one in account["balances"]:
        yield (
            account["name"],
            " + ".join([one["tag"], *one["asked"]]),
            _known(one["purchased"]) + (" (disputed)" if one["disputed"] else ""),
            one["in_use"],
            _known(one["balance"]),
            one["reported"],
            _known(one["measured"]),
            _zero(account, one),
        )


def _known(number: int | None) -> str:
    return "unknown" if number is None else str(number)


def _zero(account: Object, balance: Object) -> str:
    if balance["balance"] is not None and balance["balance"] <= 0:
        return "reached"
    found = next((one for one in account["forecasts"] if one["tag"] == balance["tag"]), None)
    if found is None:
        return "not measured"
    return str(found["zero"])[:10] if found["zero"] else str(found["outlook"]).replace("_", " ")


def _lines(accounts: Iterable[Object], *, explain: bool) -> Iterator[str]:
    for account in accounts:
        for move in account["transfers"]:
            yield _transfer(account["name"], move)
        if account["unmapped"]:
            yield _unmapped(account)
        if account["unknown_devices"]:
            yield f"{account['name']}: CSSM lists {account['unknown_devices']} devices not watched"
        if account["name"] == "unassigned" and account["balances"]:
            devices = sorted({name for one in account["balances"] for name in one["devices"]})
            yield f"unassigned: in no known account, so in no balance: {', '.join(devices)}"
        if explain:
            yield from _explained(account)


def _unmapped(account: Object) -> str:
    names = [one["name"] for one in account["unmapped"]]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (
        f"{account['name']}: in no balance, for no tag is known: {', '.join(names[:_NAMED])}{more};"
        " `license_names` in the configuration may name it"
    )


def _transfer(taker: str, move: Object) -> str:
    when = "now" if move["short_now"] else f"by {str(move['by'])[:10]}"
    if not move["giver"]:
        return f"{taker}: buy {move['count']} {move['tag']} {when}: no other account can spare it"
    return (
        f"{taker}: move {move['count']} {move['tag']} from {move['giver']} {when};"
        f" {move['giver']} keeps {move['giver_left']} above its own need and reserve"
    )


def _explained(account: Object) -> Iterator[str]:
    for one in account["balances"]:
        yield f"{account['name']} {one['tag']}:"
        how = ", ".join(one["profiles"]) or "nothing"
        said = _known(one["said_in_use"])
        yield f"  devices add up to {one['consumers']} ({how}), CSSM says {said}"
        for source in one["sources"]:
            yield f"  {_source(source)}"
    for forecast in account["forecasts"]:
        yield f"{account['name']} {forecast['tag']}: {forecast['why']}"
        weeks = " ".join(str(week["licenses"]) for week in forecast["weeks"])
        yield f"  weekly peaks: {weeks}"
        for test in forecast["backtests"]:
            yield (
                f"  {test['weeks_ahead']} weeks before it was off by {test['mean_error']:.1f}"
                f" on average ({test['cases']} cases, bias {test['bias']:+.1f}); last it said"
                f" {test['last_said']:.0f}, and {test['last_came']} came"
            )


def _source(source: Object) -> str:
    names = ("purchased", "in_use", "available", "reserved", "pending", "balance")
    said = ", ".join(f"{name} {source[name]}" for name in names if source[name] is not None)
    status = f", {source['status']}" if source["status"] else ""
    return f"{source['source']} of {source['time']}: {said or 'nothing'}{status}"
