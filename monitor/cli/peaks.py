"""`cubemon peaks`: measure licence usage from a file of readings."""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TextIO

from monitor.aggregate.bulk import Usage, measure
from monitor.aggregate.chain import Gap
from monitor.aggregate.rules import DeviceRules, period_hours
from monitor.cli import EXIT_UNUSABLE
from monitor.cli.readings_csv import Refused, TableError, read_csv
from monitor.domain.instants import instant, rfc3339
from monitor.domain.measurement import Measurement, Rounding
from monitor.errors import MonitorError

DESCRIPTION: Final = """\
Measure licence usage from a file of readings, as CUBE does: the mean of the three highest seconds
of a minute, of the three highest minutes of an hour, and the highest hour of each period.

The file has the columns device,tag,time,count and optionally source, in any order of rows. A time
is RFC 3339 with its zone, or seconds since 1970.

  device,tag,time,count
  cube-1,CUBE_T_STD,2023-11-15T08:00:00Z,12

examples:
  cubemon peaks readings.csv
  cubemon peaks readings.csv --periodicity 8h --json
  zcat old.csv.gz | cubemon peaks - --until 2023-12-01T00:00:00Z

exit codes: 0 fine; 1 some rows were refused (named on standard error); 2 unusable file or
option."""

_EXIT_REFUSED: Final = 1
_MOST_NAMED: Final = 1_000
"""Refused rows named one by one; beyond, they are only counted."""
_AHEAD_SECONDS: Final = 300
"""How much later than now a reading may be: clocks differ."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument("file", metavar="FILE.csv", help="readings; - reads standard input")
    parser.add_argument(
        "--periodicity", default="7d", metavar="P", help="8h to 23h, or 1d to 30d (default 7d)"
    )
    parser.add_argument(
        "--rounding",
        default=Rounding.UP.value,
        choices=[each.value for each in Rounding],
        help="how a value becomes a licence count (default up)",
    )
    parser.add_argument(
        "--until",
        metavar="TIME",
        help="close all that ends by then (default: the newest reading)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a measurement")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; 1 where rows were refused, 2 where the file or an option is unusable."""
    rules = DeviceRules(
        periods=((0, period_hours(arguments.periodicity)),),
        rounding=Rounding(arguments.rounding),
    )
    until = None if arguments.until is None else int(instant(arguments.until) // 1)
    refusals = _Refusals()
    latest = int(time.time()) + _AHEAD_SECONDS if until is None else until
    try:
        with _opened(arguments.file) as file:
            columns = read_csv(file, latest, refusals)
    except (OSError, TableError) as error:
        print(f"cubemon peaks: {arguments.file}: {_reason(error)}", file=sys.stderr)
        return EXIT_UNUSABLE
    _report(measure(columns, lambda _: rules, until=until), as_json=arguments.json)
    refusals.sum_up()
    return _EXIT_REFUSED if refusals.count else 0


def _reason(error: OSError | MonitorError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


@contextlib.contextmanager
def _opened(name: str) -> Iterator[TextIO]:
    # What is no UTF-8 becomes a mark that no name may contain, so that only its row is refused.
    target = sys.stdin.fileno() if name == "-" else Path(name)
    with open(target, encoding="utf-8-sig", errors="replace", closefd=name != "-") as file:
        yield file


class _Refusals:
    """Names refused rows on standard error, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, refused: Refused) -> None:
        """Take one."""
        self.count += 1
        if self.count <= _MOST_NAMED:
            print(f"line {refused.line}: {refused.reason}", file=sys.stderr)

    def sum_up(self) -> None:
        """Say how many there were."""
        if self.count > _MOST_NAMED:
            print(f"... and {self.count - _MOST_NAMED} more", file=sys.stderr)
        if self.count:
            rows = "row was" if self.count == 1 else "rows were"
            print(f"{self.count} {rows} refused", file=sys.stderr)


def _report(usages: Sequence[Usage], *, as_json: bool) -> None:
    every = (m for usage in usages for m in (*usage.measurements, usage.open))
    measurements = [m for m in every if m is not None]
    if as_json:
        for measurement in measurements:
            print(json.dumps(_as_object(measurement)))
    else:
        _print_table([_as_row(measurement) for measurement in measurements])
    for usage in usages:
        for gap in usage.gaps:
            print(_gap_note(usage, gap), file=sys.stderr)


def _as_object(measurement: Measurement) -> dict[str, object]:
    return {
        "device": measurement.device,
        "tag": measurement.tag,
        "start": rfc3339(measurement.start),
        "end": rfc3339(measurement.end),
        "value": measurement.value,
        "count": measurement.count,
        "coverage": measurement.coverage,
        "minute_coverage": measurement.minute_coverage,
        "reason": measurement.reason.value,
        "changed": measurement.changed,
        "profile": measurement.profile,
    }


_HEADER: Final = ("device", "tag", "start", "end", "value", "count", "minutes", "reason", "changed")
_RIGHT: Final = frozenset({"value", "count", "minutes"})


def _as_row(measurement: Measurement) -> tuple[str, ...]:
    return (
        measurement.device,
        measurement.tag,
        rfc3339(measurement.start),
        rfc3339(measurement.end),
        "-" if measurement.value is None else f"{measurement.value:.2f}",
        "-" if measurement.count is None else str(measurement.count),
        f"{measurement.minute_coverage:.1%}",
        measurement.reason.value,
        "yes" if measurement.changed else "",
    )


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        print("no readings", file=sys.stderr)
        return
    every = [_HEADER, *rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    for row in every:
        cells = (
            cell.rjust(width) if title in _RIGHT else cell.ljust(width)
            for cell, width, title in zip(row, widths, _HEADER, strict=True)
        )
        print("  ".join(cells).rstrip())


def _gap_note(usage: Usage, gap: Gap) -> str:
    periods = "a period" if gap.periods == 1 else f"{gap.periods} periods"
    span = f"{rfc3339(gap.start)} to {rfc3339(gap.end)}"
    return f"{usage.name.device} {usage.name.tag}: {periods} without any value, {span}"
