"""`cubemon rum`: the usage reports of routers, what is missing, and what CSSM can know."""

import argparse
import contextlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.cli.remote import AbsentError, Object, Remote, tidy, where
from monitor.domain.facts import Fact, FactKey
from monitor.errors import ConfigError
from monitor.expose.views.rum import file_view, ledger_view, router_view
from monitor.pipeline.rum import Routers, RumLedgers
from monitor.store.embedded import EmbeddedStore
from monitor.store.embedded.reading import StoreReader

DESCRIPTION: Final = """\
Show the usage (RUM) reports of all routers, or of one: open, closed, sent, acknowledged or lost,
gaps in ids and time, and up to when CSSM can know anything. Reports come from `show license rum id
all` and `detail`, from files (`cubemon import rum`), and from acknowledgements.

examples:
  cubemon rum
  cubemon rum cube-1
  cubemon rum cube-1 --json
  cubemon rum files
  cubemon rum export usage_all.xml --output copy.xml      (the very bytes that were brought)
  cubemon rum --data ./cubemon-data                       (without asking a running monitor)

exit codes: 0 no report is lost; 1 some are; 2 no monitor answers, or wrong arguments."""

_WIDE: Final = 200
_LINE: Final = 48
_MARKS: Final = {"open": ".", "closed": "-", "sent": "=", "acknowledged": "#", "lost": "x"}
_EXIT_LOST: Final = 1
_FEWEST: Final = 8
"""Characters of a digest that are enough to mean a file."""


class Source(Protocol):
    """Where the ledgers are asked."""

    def routers(self) -> list[Object]: ...
    def one(self, name: str) -> Object: ...
    def files(self) -> list[Object]: ...
    def file(self, digest: str) -> bytes: ...


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        metavar="DEVICE|files|export",
        help="one router, by name or UDI; the files; one file (default: all)",
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="export: its name or digest")
    parser.add_argument("--output", type=Path, metavar="FILE", help="export: write it there")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--data", type=Path, metavar="DIR", help="read this directory instead")
    where(parser)


def run(arguments: argparse.Namespace) -> int:
    with _source(arguments) as source:
        if arguments.what == "export":
            return _export(source, arguments.file, arguments.output)
        if arguments.file is not None:
            raise ConfigError(f"{arguments.file!r}: only `cubemon rum export` takes a FILE")
        if arguments.what == "files":
            return _show_files(source.files(), as_json=arguments.json)
        if arguments.what is not None:
            return _show_one(source.one(arguments.what), as_json=arguments.json)
        return _show_all(source.routers(), as_json=arguments.json)


@contextlib.contextmanager
def _source(arguments: argparse.Namespace) -> Iterator[Source]:
    if arguments.data is None:
        yield _Running(Remote.of(arguments))
        return
    with contextlib.closing(EmbeddedStore.open_reader(arguments.data)) as store:
        yield _Stored(store)


class _Running:
    """A running monitor."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def routers(self) -> list[Object]:
        return list(self._remote.all("rum"))

    def one(self, name: str) -> Object:
        return self._remote.get(f"rum/routers/{name}")

    def files(self) -> list[Object]:
        return list(self._remote.get("rum/files")["files"])

    def file(self, digest: str) -> bytes:
        return self._remote.raw(f"rum/files/{digest}")


class _Stored:
    """A data directory."""

    def __init__(self, store: StoreReader) -> None:
        self._store = store
        sheets: defaultdict[str, dict[FactKey, Fact]] = defaultdict(dict)
        facts = list(store.facts())
        for fact in facts:
            sheets[fact.subject][fact.filed] = fact
        names = {
            name.casefold(): device.id
            for device in store.devices()
            for name in (device.id, *device.aliases)
        }
        self._ledgers = RumLedgers(
            Routers(sheet=lambda one: sheets.get(one, {}), called=lambda n: names.get(n.casefold()))
        )
        self._ledgers.remember(store.rum_notes(), store.rum_listings(), facts)

    def routers(self) -> list[Object]:
        book = self._ledgers
        return [
            router_view(book.ledger(one), attributed=book.known(one)).model_dump()
            for one in book.subjects()
        ]

    def one(self, name: str) -> Object:
        book = self._ledgers
        name = book.owner(name)
        if name not in book.subjects():
            raise AbsentError(f"no usage reports of {name!r}", [])
        return ledger_view(book.ledger(name), attributed=book.known(name)).model_dump()

    def files(self) -> list[Object]:
        return [file_view(one).model_dump() for one in self._store.rum_files()]

    def file(self, digest: str) -> bytes:
        data = self._store.rum_file(digest)
        if data is None:
            raise AbsentError(f"no file {digest}", [])
        return data


def _export(source: Source, named: str | None, output: Path | None) -> int:
    if named is None:
        raise ConfigError("export needs a FILE: a name or digest of `cubemon rum files`")
    digest = _digest(source.files(), named)
    data = source.file(digest)
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return 0
    try:
        output.write_bytes(data)
    except OSError as error:
        raise ConfigError(f"{output}: cannot be written: {error.strerror}") from error
    print(f"{output}: {len(data):,} bytes, SHA-256 {digest}", file=sys.stderr)
    return 0


def _digest(files: list[Object], named: str) -> str:
    by_digest = len(named) >= _FEWEST
    found = [
        str(one["digest"])
        for one in files
        if one["name"] == named or (by_digest and one["digest"].startswith(named.lower()))
    ]
    if not found:
        raise AbsentError(f"no file {named!r} was brought; see `cubemon rum files`", [])
    if len(set(found)) > 1:
        raise ConfigError(f"{len(found)} files are called {named!r}: give the digest of one")
    return found[0]


# What people see


def _show_all(routers: list[Object], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"rum": routers}))
        return _lost(routers)
    if not routers:
        print("no usage reports are known; see `cubemon import rum --help`", file=sys.stderr)
        return 0
    table = _table("ROUTER", "OPEN", "CLOSED", "SENT", "ACK", "LOST", "GAPS", "CSSM KNOWS UNTIL")
    for one in routers:
        counts = one["counts"]
        router = one["router"] if one["attributed"] else f"{one['router']} (no known device)"
        cells = (router, *(counts[state] for state in _MARKS), one["gaps"], _until(one))
        table.add_row(*(Text(tidy(cell)) for cell in cells))
    _console().print(table)
    return _lost(routers)


def _until(one: Object) -> str:
    """End of the newest acknowledged report; else the last acknowledgement, as a bound."""
    until = max((str(told["until"] or "") for told in one["told"]), default="")
    if until or one["last_ack"] is None:
        return until or "-"
    return f"at most {one['last_ack']}"


def _show_one(one: Object, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(one))
        return _lost([one])
    if not one["reports"]:
        print(tidy(f"no usage reports of {one['router']} are known"), file=sys.stderr)
        return 0
    console = _console()
    listed = one["listed"] or "never"
    console.print(Text(tidy(f"{one['router']}: all reports last listed: {listed}")))
    table = _table("REPORT", "STATE", "TAG", "START", "END", "VALUE", "SAMPLES", "WHY")
    for report in one["reports"]:
        table.add_row(*(Text(tidy(cell)) for cell in _cells(report)))
    console.print(table)
    for line in (*_timeline(one), *_gaps(one), *_told(one)):
        console.print(Text(tidy(line)))
    return _lost([one])


def _cells(report: Object) -> tuple[object, ...]:
    held = "" if report["piece"] is None else "; held here"
    value = report["value"]
    why = "; ".join((*report["reasons"], report["basis"])) + held
    return (
        report["report_id"],
        report["state"],
        report["tag"],
        report["start"] or "-",
        report["end"] or "-",
        "-" if value is None else value,
        "-" if report["samples"] is None else report["samples"],
        why,
    )


def _timeline(one: Object) -> Iterator[str]:
    lanes: defaultdict[str, list[Object]] = defaultdict(list)
    for report in one["reports"]:
        lanes[str(report["tag"]) or "(no tag)"].append(report)
    if lanes:
        yield ""
        yield "timeline: " + "  ".join(f"{mark} {state}" for state, mark in _MARKS.items())
    for tag, reports in sorted(lanes.items()):
        marks = "".join(_MARKS[report["state"]] for report in reports)
        cut = f"... {marks[-_LINE:]}" if len(marks) > _LINE else marks
        first, last = reports[0]["report_id"], reports[-1]["report_id"]
        yield f"  {tag[:30]:<30} {cut}  {first} to {last}"


def _gaps(one: Object) -> Iterator[str]:
    if one["found"]:
        yield ""
    for gap in one["found"]:
        span = f" ({gap['start'] or '?'} to {gap['end'] or '?'})"
        tag = f"{gap['tag']}: " if gap["tag"] else ""
        yield f"  {gap['kind']}: {tag}{gap['text']}{span}"


def _told(one: Object) -> Iterator[str]:
    if one["told"]:
        yield ""
    for told in one["told"]:
        known = _known(told, one["last_ack"])
        waiting = f"{told['waiting']} reports not acknowledged"
        since = f" since {told['waiting_since']}" if told["waiting_since"] else ""
        peak = f", peak {told['waiting_peak']}" if told["waiting_peak"] is not None else ""
        held = f"; {told['held']} of them can be uploaded from here" if told["held"] else ""
        yield f"  {told['tag']}: {known}; {waiting}{since}{peak}{held}"


def _known(told: Mapping[str, object], last_ack: object) -> str:
    if told["until"] is None and told["acknowledged"]:
        bound = f"; CSSM knows nothing later than {last_ack}" if last_ack else ""
        return f"{told['acknowledged']} reports acknowledged, of times that are not known{bound}"
    if told["until"] is None:
        return "CSSM knows nothing yet, as far as reports tell"
    value = "" if told["value"] is None else f" ({told['value']} licences)"
    return f"CSSM knows until {told['until']}{value}"


def _show_files(files: list[Object], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"files": files}))
        return 0
    table = _table("DIGEST", "NAME", "BROUGHT", "BYTES", "REPORTS", "NOT TAKEN")
    for one in files:
        cells = (
            one["digest"][:12],
            one["name"],
            one["received"],
            one["size"],
            one["reports"],
            one["refused"],
        )
        table.add_row(*(Text(tidy(cell)) for cell in cells))
    _console().print(table)
    return 0


def _lost(routers: list[Object]) -> int:
    return _EXIT_LOST if any(one["counts"]["lost"] for one in routers) else 0


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDE)
