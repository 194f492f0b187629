"""A true-up report as one HTML file: nothing is loaded from elsewhere, no script runs in it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from monitor.errors import OperationError
from monitor.expose.report.chart import bought_fits, chart
from monitor.expose.report.style import STYLE
from monitor.expose.report.table import marks
from monitor.expose.views.report import PeriodView, SeriesReportView, SpanView, UsageReportView

_UTC: Final = "UTC"
_HATCH: Final = (
    '<svg width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="7" height="7"'
    ' patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="stripe" x1="0" y1="0" x2="0" y2="7"/></pattern></defs></svg>'
)
_KEYS: Final = (
    ('<rect class="bar" width="14" height="10"/>', "period"),
    ('<rect class="bar change" width="14" height="10"/>', "ended by a rise over 25 %"),
    ('<rect class="bar failover" width="14" height="10"/>', "ended by a failover"),
    ('<rect class="bar weak" width="14" height="10"/>', "weak: under half of the minutes"),
    ('<rect class="gap" width="14" height="10"/>', "no measurement"),
    ('<circle class="asked" cx="7" cy="5" r="3"/>', "licences the router requested"),
    ('<circle class="late" cx="7" cy="5" r="2.2"/>', "worked out again after late readings"),
)
_ONE_PAGE_MOST: Final = 8


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; OperationError where there is none of that name here."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise OperationError(
            f"zone {name[:100]!r} is not known here; write a name such as Europe/Berlin, or UTC"
        ) from error


def as_page(report: UsageReportView) -> str:
    """The whole file. OperationError where the zone is not known here."""
    zone = zone_of(report.zone)
    body = "".join(
        (
            _HATCH,
            _head(report, zone),
            _summary(report),
            *(_series(report, one, zone) for one in report.series),
            _foot(report),
        )
    )
    title = escape(f"{report.title}, {report.start[:10]} to {report.end[:10]}")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def _head(report: UsageReportView, zone: ZoneInfo) -> str:
    about = [
        f"{name} {escape(value)}"
        for name, value in (("device", report.device), ("account", report.account))
        if value is not None
    ]
    notes = "".join(f"<p>{escape(note)}</p>" for note in report.notes)
    local = ""
    if report.zone != _UTC:
        local = (
            f'<p class="soft">{_local(report.start_seconds, zone)} to'
            f" {_local(report.end_seconds, zone)} in {escape(report.zone)}</p>"
        )
    return (
        f"<h1>{escape(report.title)}</h1>"
        f'<p class="range">{_utc(report.start)} to {_utc(report.end)} UTC'
        f"{' · ' + ', '.join(about) if about else ''}</p>{local}"
        f'<p class="soft">{report.total} measurements whose end lies after the beginning and not'
        f" after the end · generated {_utc(report.generated)} UTC{_by(report)} with"
        f" cube-license-monitor {escape(report.version)}</p>"
        f'<p class="rules">{escape(report.rules)}</p>{notes}'
    )


def _by(report: UsageReportView) -> str:
    return f" by {escape(report.generated_by)}" if report.generated_by else ""


_SUMMARY: Final = (
    ("device", ""),
    ("account", ""),
    ("tag", ""),
    ("highest", "n"),
    ("at (UTC)", ""),
    ("bought", "n"),
    ("measured", "n"),
    ("weak", "n"),
    ("gaps", "n"),
    ("CSSM knows until", ""),
    ("reports waiting", "n"),
)


def _summary(report: UsageReportView) -> str:
    if not report.series:
        return ""
    rows = (_row(_summary_cells(one)) for one in report.series)
    return f"<table>{_titles(_SUMMARY)}<tbody>{''.join(rows)}</tbody></table>"


def _summary_cells(one: SeriesReportView) -> Iterator[tuple[str, str]]:
    over = one.purchased is not None and (one.highest or 0) > one.purchased
    highest = _number(one.highest)
    yield escape(one.device), "text"
    yield escape(one.account or "-"), "text"
    yield escape(one.tag), ""
    yield f'<span class="over">{highest}</span>' if over else highest, "n"
    yield _utc(one.highest_at), ""
    yield _number(one.purchased), "n"
    yield str(len(one.periods)), "n"
    yield str(one.weak or "-"), "n"
    yield str(sum(gap.kind == "missing" for gap in one.gaps) or "-"), "n"
    yield _utc(one.acknowledged_until), ""
    yield _number(one.waiting), "n"


def _series(report: UsageReportView, one: SeriesReportView, zone: ZoneInfo) -> str:
    title = escape(f"{one.tag} of {one.device}")
    break_ = ' class="page"' if len(one.periods) > _ONE_PAGE_MOST else ""
    account = f" · {escape(one.account)}" if one.account else ""
    return (
        f"<h2{break_}>{escape(one.tag)} <span>{escape(one.device)}{account}</span></h2>"
        f"{_facts(one)}{chart(report, one, title)}{_key(one)}{_table(report, one, zone)}"
    )


def _facts(one: SeriesReportView) -> str:
    facts = [f"<b>{_number(one.highest)}</b> highest"]
    if not one.license:
        facts.append("a count of calls, no licence by itself")
    if one.purchased is not None:
        facts.append(f"<b>{one.purchased:,}</b> bought for the account{_beyond(one)}")
    if one.acknowledged_until is not None:
        value = f", <b>{one.acknowledged_value:,}</b>" if one.acknowledged_value is not None else ""
        facts.append(f"acknowledged until {_utc(one.acknowledged_until)}{value}")
    if one.waiting:
        facts.append(f"<b>{one.waiting}</b> usage reports wait for an acknowledgement")
    return f'<ul class="facts">{"".join(f"<li>{fact}</li>" for fact in facts)}</ul>'


def _beyond(one: SeriesReportView) -> str:
    return "" if bought_fits(one) else " (above the chart)"


def _key(one: SeriesReportView) -> str:
    kinds = {period.reason for period in one.periods}
    shown = (
        True,
        "change" in kinds,
        "failover" in kinds,
        bool(one.weak),
        bool(one.gaps),
        any(period.requested is not None for period in one.periods),
        bool(one.late),
    )
    items = "".join(
        f'<li><svg viewBox="0 0 14 10">{mark}</svg>{text}</li>'
        for (mark, text), seen in zip(_KEYS, shown, strict=True)
        if seen
    )
    return f'<ul class="key">{items}</ul>'


def _table(report: UsageReportView, one: SeriesReportView, zone: ZoneInfo) -> str:
    local = report.zone != _UTC
    titles = (
        ("from (UTC)", ""),
        ("to (UTC)", ""),
        *([(f"to ({report.zone})", "")] if local else []),
        ("value", "n"),
        ("licences" if one.license else "count", "n"),
        ("requested", "n"),
        ("acknowledged", ""),
        ("minutes read", "n"),
        ("why it ended", ""),
    )
    spans: list[PeriodView | SpanView] = [*one.periods, *one.gaps]
    rows = sorted(spans, key=lambda each: (each.start_seconds, each.end))
    lines = "".join(_line(each, zone if local else None, len(titles)) for each in rows)
    return f"<table>{_titles(titles)}<tbody>{lines}</tbody></table>"


def _line(each: PeriodView | SpanView, zone: ZoneInfo | None, columns: int) -> str:
    if isinstance(each, SpanView):
        return (
            f'<tr class="gap"><td>{_utc(each.start)}</td><td>{_utc(each.end)}</td>'
            f'<td class="text" colspan="{columns - 2}">{escape(each.text)}</td></tr>'
        )
    return _row(_cells(each, zone), "weak" if each.weak else "")


def _cells(period: PeriodView, zone: ZoneInfo | None) -> Iterator[tuple[str, str]]:
    yield _utc(period.start), ""
    yield _utc(period.end), ""
    if zone is not None:
        yield _local(period.end_seconds, zone, "%m-%d %H:%M %Z"), ""
    yield "-" if period.value is None else f"{period.value:,.2f}", "n"
    yield f"<b>{_number(period.count)}</b>", "n"
    yield _number(period.requested), "n"
    yield {None: "-", True: "yes", False: "not yet"}[period.acknowledged], ""
    yield f"{period.minute_coverage:.0%}", "n"
    yield _why(period), "text"


def _why(period: PeriodView) -> str:
    words = {"change": "rise over 25 %", "periodic": "period", "failover": "failover"}
    reason = escape(words.get(period.reason, period.reason))
    kind = period.reason if period.reason in {"change", "failover"} else ""
    shown = f'<span class="{kind}">{reason}</span>' if kind else reason
    return " ".join((shown, *(escape(mark) for mark in marks(period))))


def _foot(report: UsageReportView) -> str:
    return (
        "<footer>Licences are what CSSM should have received for each period. Requested: what the"
        " router asked for in its messages (LICENSE_INFO), the last one up to an hour after the"
        " period. Acknowledged: whether a usage report that CSSM acknowledged covers its end; a"
        f" dash says that nobody knows. Range in seconds since 1970: {report.start_seconds} to"
        f" {report.end_seconds}.</footer>"
    )


def _titles(titles: Sequence[tuple[str, str]]) -> str:
    cells = "".join(f"<th{_kind(kind)}>{escape(text)}</th>" for text, kind in titles)
    return f"<thead><tr>{cells}</tr></thead>"


def _row(cells: Iterable[tuple[str, str]], kind: str = "") -> str:
    inside = "".join(f"<td{_kind(each)}>{text}</td>" for text, each in cells)
    return f"<tr{_kind(kind)}>{inside}</tr>"


def _kind(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _utc(text: str | None) -> str:
    # `2024-02-03T09:00:00Z` as people read it; seconds only where there are any.
    if text is None:
        return "-"
    return text[:16].replace("T", " ") if text.endswith(":00Z") else text[:19].replace("T", " ")


def _local(second: int, zone: ZoneInfo, shape: str = "%Y-%m-%d %H:%M %Z") -> str:
    return datetime.fromtimestamp(second, zone).strftime(shape)
