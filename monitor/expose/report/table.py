"""A true-up report as a plain table and as CSV; the columns are in docs/reports.md."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from monitor.expose.views.report import PeriodView, SeriesReportView, UsageReportView

COLUMNS: Final = (
    "device",
    "account",
    "tag",
    "start",
    "end",
    "value",
    "count",
    "requested",
    "requested_at",
    "acknowledged",
    "purchased",
    "reason",
    "changed",
    "weak",
    "coverage",
    "minute_coverage",
    "profile",
    "version",
)
"""Of CSV."""
_SHOWN: Final = ("device", "tag", "start", "end", "value", "count", "requested", "acked", "reason")
_RIGHT: Final = frozenset({"value", "count", "requested"})
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(report: UsageReportView) -> str:
    """One row a measurement; what is unknown is empty. Lines end in CR LF (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for series in report.series:
        for period in series.periods:
            writer.writerow(_row(series, period))
    return text.getvalue()


def _row(series: SeriesReportView, period: PeriodView) -> tuple[object, ...]:
    said = {**period.model_dump(), **series.model_dump(include={"device", "account", "tag"})}
    said["purchased"] = series.purchased
    return tuple(_cell(said[name]) for name in COLUMNS)


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(_FORMULA):
        # A spreadsheet must not take a router's name for a formula.
        return f"'{value}"
    return "" if value is None else value


def as_table(report: UsageReportView) -> str:
    """For people: one line a measurement, then gaps and notes."""
    rows = [_SHOWN, *_lines(report)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    head = f"{report.title}: ({report.start}, {report.end}], {report.total} measurements"
    return "\n".join([head, "", *(_aligned(row, widths) for row in rows), *_after(report)]) + "\n"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (
        cell.rjust(width) if title in _RIGHT else cell.ljust(width)
        for cell, width, title in zip(row, widths, _SHOWN, strict=True)
    )
    return "  ".join(cells).rstrip()


def _lines(report: UsageReportView) -> Iterator[tuple[str, ...]]:
    for series in report.series:
        for period in series.periods:
            yield (
                _plain(series.device),
                _plain(series.tag),
                period.start,
                period.end,
                "-" if period.value is None else f"{period.value:.2f}",
                "-" if period.count is None else str(period.count),
                "-" if period.requested is None else str(period.requested),
                {None: "-", True: "yes", False: "no"}[period.acknowledged],
                " ".join((period.reason, *marks(period))),
            )


def marks(period: PeriodView) -> Iterator[str]:
    """What is particular about a measurement, in words."""
    if period.changed and period.reason == "periodic":
        yield "(fell)"
    if period.weak:
        yield f"weak ({period.minute_coverage:.0%} of minutes)"
    if period.late:
        yield f"version {period.version}"


def _after(report: UsageReportView) -> Iterator[str]:
    gaps = [(series, gap) for series in report.series for gap in series.gaps]
    if gaps:
        yield ""
    for series, gap in gaps:
        yield f"{_plain(series.device)} {_plain(series.tag)}: {gap.start} to {gap.end}: {gap.text}"
    if report.notes:
        yield ""
    yield from report.notes


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
