"""The chart of one series as SVG: a bar for each period, gaps, what was asked and bought."""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from monitor.domain.instants import DAY, HOUR, rfc3339
from monitor.expose.views.report import PeriodView, SeriesReportView, UsageReportView

_WIDTH: Final = 960
_HEIGHT: Final = 230
_LEFT: Final = 46
_RIGHT: Final = 12
_TOP: Final = 16
_BOTTOM: Final = 26
_STEPS: Final = (HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)
_TICKS: Final = 16
_LINES: Final = 5
_FARTHEST: Final = 2.5
"""A purchase that is further above the highest count would flatten the bars; words say it."""


class _Scale(NamedTuple):
    """Seconds and licences to places on the canvas."""

    start: int
    end: int
    top: int

    def x(self, second: float) -> float:
        share = (second - self.start) / (self.end - self.start)
        inside = min(1.0, max(0.0, share))
        return round(_LEFT + inside * (_WIDTH - _LEFT - _RIGHT), 2)

    def y(self, count: float) -> float:
        room = _HEIGHT - _TOP - _BOTTOM
        return round(_HEIGHT - _BOTTOM - room * min(1.0, count / self.top), 2)


def chart(report: UsageReportView, series: SeriesReportView, title: str) -> str:
    """SVG text; `title` is escaped already."""
    scale = _Scale(report.start_seconds, report.end_seconds, _top(series))
    parts = (
        *_grid(scale),
        *_gaps(series, scale),
        *(_bar(period, scale) for period in series.periods if period.count is not None),
        *_asked(series, scale),
        *_bought(series, scale),
        *_days(scale),
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
        f"{''.join(parts)}</svg>"
    )


def bought_fits(series: SeriesReportView) -> bool:
    """Whether the purchased line is in the chart."""
    highest = _highest(series)
    return series.purchased is not None and series.purchased <= max(4.0, highest * _FARTHEST)


def _highest(series: SeriesReportView) -> int:
    return max((one for each in series.periods for one in _counts(each)), default=0)


def _counts(period: PeriodView) -> Iterator[int]:
    yield from (one for one in (period.count, period.requested) if one is not None)


def _top(series: SeriesReportView) -> int:
    highest = _highest(series)
    if bought_fits(series):
        highest = max(highest, series.purchased or 0)
    step = _nice(max(1, highest) / _LINES)
    return step * math.ceil(max(1, highest) * 1.04 / step)


def _nice(least: float) -> int:
    """The next 1, 2 or 5 times a power of ten, and at least 1."""
    size = int(10.0 ** max(0, math.floor(math.log10(max(1.0, least)))))
    return next(step * size for step in (1, 2, 5, 10) if step * size >= least)


def _grid(scale: _Scale) -> Iterator[str]:
    step = _nice(scale.top / _LINES)
    for count in range(0, scale.top + 1, step):
        y = scale.y(count)
        kind = "grid" if count else "axis"
        yield f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{count:,}</text>'


def _days(scale: _Scale) -> Iterator[str]:
    span = scale.end - scale.start
    step = next((one for one in _STEPS if span / one <= _TICKS), 30 * DAY)
    # Far ranges get as many ticks as fit, in whole months of 30 days.
    step *= max(1, math.ceil(span / step / _TICKS))
    unit = min(step, DAY)
    first = -(-scale.start // unit) * unit
    for second in range(first, scale.end + 1, step):
        x, text = scale.x(second), _tick(second, step)
        base = _HEIGHT - _BOTTOM
        anchor = "end" if x > _WIDTH - _RIGHT - 18 else "middle"
        yield f'<line class="axis" x1="{x}" x2="{x}" y1="{base}" y2="{base + 5}"/>'
        yield f'<text x="{x}" y="{_HEIGHT - 6}" text-anchor="{anchor}">{text}</text>'


def _tick(second: int, step: int) -> str:
    text = rfc3339(second)
    return text[5:10] if step >= DAY else f"{text[8:10]}. {text[11:16]}"


def _gaps(series: SeriesReportView, scale: _Scale) -> Iterator[str]:
    height = _HEIGHT - _TOP - _BOTTOM
    for gap in series.gaps:
        x, end = scale.x(gap.start_seconds), scale.x(gap.end_seconds)
        yield (
            f'<rect class="gap" x="{x}" y="{_TOP}" width="{max(1.0, end - x):.2f}"'
            f' height="{height}"><title>{gap.start} to {gap.end}: {gap.text}</title></rect>'
        )


def _bar(period: PeriodView, scale: _Scale) -> str:
    x, end = scale.x(period.start_seconds), scale.x(period.end_seconds)
    y = scale.y(period.count or 0)
    # A thin slit between neighbours, where they are wide enough for one.
    slit = 1.0 if end - x > 4 else 0.0  # noqa: PLR2004 - of the canvas
    weak = " weak" if period.weak else ""
    kind = period.reason if period.reason in {"change", "failover"} else ""
    late = (
        f'<circle class="late" cx="{(x + end) / 2:.2f}" cy="{y - 6}" r="2.2"/>'
        if period.late
        else ""
    )
    return (
        f'<rect class="bar {kind}{weak}" x="{x}" y="{y}" width="{max(0.8, end - x - slit):.2f}"'
        f' height="{max(1.0, _HEIGHT - _BOTTOM - y):.2f}"><title>{period.start} to {period.end}:'
        f" {period.count}</title></rect>{late}"
    )


def _asked(series: SeriesReportView, scale: _Scale) -> Iterator[str]:
    for period in series.periods:
        if period.requested is not None:
            x, y = scale.x(period.end_seconds), scale.y(period.requested)
            yield f'<circle class="asked" cx="{x}" cy="{y}" r="2.6"/>'


def _bought(series: SeriesReportView, scale: _Scale) -> Iterator[str]:
    if series.purchased is None or not bought_fits(series):
        return
    y = scale.y(series.purchased)
    yield f'<line class="bought" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
    yield (
        f'<text class="label" x="{_WIDTH - _RIGHT}" y="{y - 5}" text-anchor="end">'
        f"bought {series.purchased:,}</text>"
    )
