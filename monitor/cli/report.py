"""`cubemon report`: measured usage over a time, beside what CSSM should have received."""

import argparse
import contextlib
import getpass
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from monitor.cli.remote import Remote, UnreachableError, where
from monitor.config import Config, load
from monitor.domain.facts import Fact, FactKey, FactName
from monitor.domain.instants import DAY, instant
from monitor.errors import ConfigError
from monitor.expose.report.material import Material
from monitor.expose.report.page import zone_of
from monitor.expose.report.usage import Asked, usage_report
from monitor.expose.routes.reports import Format, as_text
from monitor.expose.views.report import UsageReportView
from monitor.pipeline.rum import Routers, RumLedgers
from monitor.store.embedded import EmbeddedStore
from monitor.store.embedded.reading import StoreReader

DESCRIPTION: Final = """\
List the measurements whose end lies in (from, to], with gaps, weak and late ones marked, beside
what the routers requested and what CSSM acknowledged. The HTML is one file that needs nothing else:
evidence for a true-up, fit to be printed.

examples:
  cubemon report --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z
  cubemon report --from 2026-10-01T00:00:00Z --format html --output october.html \\
                 --zone Europe/Berlin
  cubemon report --from 2026-10-01T00:00:00Z --device cube-1 --format csv
  cubemon report --from 2026-10-01T00:00:00Z --data ./cubemon-data --config cubemon.yaml

Without --from: the last 30 days. It asks the running monitor, or reads a data directory (--data).

exit codes: 0 fine; 1 nothing was measured in that time; 2 cannot be read, or wrong arguments."""

_EXIT_NOTHING: Final = 1
_DAYS: Final = 30


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="start", metavar="TIME", help="RFC 3339 or epoch seconds")
    parser.add_argument("--to", dest="end", metavar="TIME", help="default: now")
    of = parser.add_mutually_exclusive_group()
    of.add_argument("--device", metavar="NAME", help="this device only")
    of.add_argument("--account", metavar="NAME", help="this virtual account only")
    parser.add_argument(
        "--format", choices=[one.value for one in Format], default="table", help="default table"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there")
    parser.add_argument(
        "--zone", default="UTC", help="show times in this zone too, such as Europe/Berlin"
    )
    parser.add_argument("--by", metavar="NAME", help="who makes it (default: your login)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="read this directory instead")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="with --data: for accounts and purchases"
    )
    where(parser)


def run(arguments: argparse.Namespace) -> int:
    asked = _asked(arguments, time.time())
    zone_of(asked.zone)
    if arguments.data is None:
        report = _from_monitor(Remote.of(arguments), asked)
    else:
        report = _from_store(arguments, asked)
    _put(as_text(report, Format(arguments.format)), arguments.output)
    if not report.total:
        print("cubemon report: nothing was measured in that time", file=sys.stderr)
        return _EXIT_NOTHING
    return 0


def _asked(arguments: argparse.Namespace, now: float) -> Asked:
    end = now if arguments.end is None else instant(arguments.end)
    start = end - _DAYS * DAY if arguments.start is None else instant(arguments.start)
    if start >= end:
        raise ConfigError("--from has to be earlier than --to")
    return Asked(
        start=int(start),
        end=int(end),
        device=arguments.device,
        account=arguments.account,
        zone=arguments.zone,
        by=_login() if arguments.by is None else arguments.by,
    )


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # nobody in the list of users: containers
        return ""


def _from_monitor(remote: Remote, asked: Asked) -> UsageReportView:
    wanted = {"device": asked.device, "account": asked.account}
    query = {name: value for name, value in wanted.items() if value is not None}
    answered = remote.raw(
        "reports/usage",
        **{"from": asked.start, "to": asked.end, "zone": asked.zone, "by": asked.by, **query},
    )
    try:
        return UsageReportView.model_validate_json(answered)
    except ValidationError as error:
        raise UnreachableError("the answer is not a report of this version's monitor") from error


def _from_store(arguments: argparse.Namespace, asked: Asked) -> UsageReportView:
    config = Config() if arguments.config is None else load(arguments.config)
    with contextlib.closing(EmbeddedStore.open_reader(arguments.data)) as store:
        return usage_report(asked, _material(store, config), time.time())


def _material(store: StoreReader, config: Config) -> Material:
    """The parts of a report as a data directory and a configuration have them."""
    facts = list(store.facts())
    ledgers = _ledgers(facts, store)
    return Material(
        records=store,
        accounts=dict(_accounts(facts, store, config)),
        bought={
            (one.name, tag): count
            for one in config.accounts
            for tag, count in one.account().purchased.items()
        },
        told=lambda device: ledgers.ledger(device).told,
    )


def _ledgers(facts: Sequence[Fact], store: StoreReader) -> RumLedgers:
    sheets: defaultdict[str, dict[FactKey, Fact]] = defaultdict(dict)
    for fact in facts:
        sheets[fact.subject][fact.filed] = fact
    routers = Routers(sheet=lambda one: sheets.get(one, {}), called=lambda _: None)
    ledgers = RumLedgers(routers)
    ledgers.remember(store.rum_notes(), store.rum_listings(), facts)
    return ledgers


def _accounts(
    facts: Iterable[Fact], store: StoreReader, config: Config
) -> Iterator[tuple[str, str]]:
    """(device, virtual account); the later one holds: what is declared over what was said."""
    said = [one for one in facts if one.name is FactName.VIRTUAL_ACCOUNT and one.value]
    for fact in sorted(said, key=lambda one: one.effective):
        yield fact.subject, str(fact.value)
    for device in store.devices():
        if device.virtual_account is not None:
            yield device.id, device.virtual_account
    for declared in config.devices:
        if declared.virtual_account is not None:
            yield declared.name, declared.virtual_account


def _put(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"{output}: cannot be written: {error.strerror}") from error
    print(f"{output}: written", file=sys.stderr)
