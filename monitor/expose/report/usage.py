"""Builds a true-up report: measurements that end in a range, gaps, requests, acknowledgements.

A report covers `(from, to]`: 8-hour periods without a change over 30 days are 90 measurements.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from monitor import __version__
from monitor.domain.events import LicenseRequest
from monitor.domain.instants import HOUR, rfc3339
from monitor.domain.measurement import WEAK_BELOW, Measurement
from monitor.domain.rum_ledger import Told
from monitor.domain.tags import NOT_A_LICENCE
from monitor.errors import OperationError
from monitor.expose.report.material import Material
from monitor.expose.views.report import (
    PeriodView,
    SeriesReportView,
    SpanView,
    UsageReportView,
)

MOST_ROWS: Final = 100_000
MOST_EVENTS: Final = 20_000
RULES: Final = (
    "A minute counts as the mean of its three highest seconds, an hour as the mean of its three"
    " highest minutes, a period as its highest hour, rounded to licences once at the end. A rise by"
    " more than 25 % over the last recorded value ends a period early; a measurement of which less"
    " than half of the minutes had a value is weak."
)
_SPANS: Final = {
    "before": "no measurement before",
    "missing": "no readings: nothing was measured",
    "running": "the period runs on beyond the end",
    "after": "no measurement after",
}
_AFTER: Final = HOUR
"""A router asks for licences right after its period ends; messages may be late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is to cover; times in seconds since 1970 UTC."""

    start: int
    end: int
    device: str | None = None
    account: str | None = None
    zone: str = "UTC"
    by: str = ""


class TooMuchError(OperationError):
    """More measurements than one report holds."""


Requests = Mapping[str, Sequence[tuple[float, int]]]
"""Tag -> (time, licences), by time."""


def usage_report(asked: Asked, material: Material, now: float) -> UsageReportView:
    """The report. Raises TooMuchError where the range holds more than it can show."""
    if asked.start >= asked.end:
        raise OperationError("the report's end has to be later than its beginning")
    series = _by_series(_measured(asked, material))
    devices = sorted({device for device, _ in series})
    requests = {device: _requests(device, asked, material) for device in devices}
    told = {device: {one.tag: one for one in material.told(device)} for device in devices}
    views = [
        _series(found, asked, material, requests[device].get(tag, ()), told[device].get(tag))
        for (device, tag), found in sorted(series.items(), key=_place)
    ]
    return UsageReportView(
        title="CUBE licence usage",
        start=rfc3339(asked.start),
        end=rfc3339(asked.end),
        start_seconds=asked.start,
        end_seconds=asked.end,
        zone=asked.zone,
        generated=rfc3339(int(now)),
        generated_by=asked.by,
        version=__version__,
        rules=RULES,
        device=asked.device,
        account=asked.account,
        total=sum(len(one.periods) for one in views),
        notes=list(_notes(views, asked, now)),
        series=views,
    )


def _measured(asked: Asked, material: Material) -> Iterator[Measurement]:
    found: list[Measurement] = []
    for device in _wanted(asked, material):
        found += material.records.measurements(
            device=device,
            tag=None,
            start=asked.start,
            end=asked.end,
            limit=MOST_ROWS + 1 - len(found),
        )
        if len(found) > MOST_ROWS:
            raise TooMuchError(
                f"more than {MOST_ROWS:,} measurements: ask for one device, one account, or less"
                " time"
            )
    yield from (one for one in found if asked.start < one.end <= asked.end)


def _wanted(asked: Asked, material: Material) -> Sequence[str | None]:
    """Devices to ask for one by one; None stands for all at once."""
    if asked.account is None:
        return [asked.device]
    of_account = sorted(material.devices_of(asked.account))
    return (
        of_account if asked.device is None else [one for one in of_account if one == asked.device]
    )


def _by_series(
    measured: Iterable[Measurement],
) -> dict[tuple[str, str], list[Measurement]]:
    series: defaultdict[tuple[str, str], list[Measurement]] = defaultdict(list)
    for one in measured:
        series[one.device, one.tag].append(one)
    for found in series.values():
        found.sort(key=lambda one: (one.end, one.start))
    return series


def _place(item: tuple[tuple[str, str], object]) -> tuple[str, bool, str]:
    """By device, licences before mere counts."""
    device, tag = item[0]
    return device, tag in NOT_A_LICENCE, tag


def _requests(device: str, asked: Asked, material: Material) -> Requests:
    found: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for event in material.records.events(device=device, since=asked.start, limit=MOST_EVENTS):
        for said in event.events:
            tag, count = said.get("tag"), said.get("count")
            known = isinstance(tag, str) and isinstance(count, int)
            if said.get("kind") == LicenseRequest.kind and known:
                found[str(tag)].append((event.effective, int(str(count))))
    return {tag: sorted(rows) for tag, rows in found.items()}


def _series(
    found: Sequence[Measurement],
    asked: Asked,
    material: Material,
    requests: Sequence[tuple[float, int]],
    told: Told | None,
) -> SeriesReportView:
    device, tag = found[0].device, found[0].tag
    account = material.accounts.get(device)
    highest = _highest(found)
    periods = [_period(one, requests, told) for one in found]
    return SeriesReportView(
        device=device,
        account=account,
        tag=tag,
        license=tag not in NOT_A_LICENCE,
        purchased=material.purchased(account, tag),
        highest=None if highest is None else highest.count,
        highest_at=None if highest is None else rfc3339(highest.end),
        acknowledged_until=None if told is None or told.until is None else rfc3339(told.until),
        acknowledged_value=None if told is None else told.value,
        waiting=None if told is None else told.waiting,
        weak=sum(one.weak for one in periods),
        late=sum(one.late for one in periods),
        periods=periods,
        gaps=list(_gaps(found, asked)),
    )


def _highest(found: Sequence[Measurement]) -> Measurement | None:
    strong = [one for one in found if one.minute_coverage >= WEAK_BELOW]
    counted = [one for one in strong or found if one.count is not None]
    return max(counted, key=lambda one: (one.count or 0, -one.end), default=None)


def _period(
    one: Measurement, requests: Sequence[tuple[float, int]], told: Told | None
) -> PeriodView:
    # What is asked for right after a period begins is about the one before it.
    asked = [row for row in requests if one.start + _AFTER < row[0] <= one.end + _AFTER]
    at, count = asked[-1] if asked else (None, None)
    return PeriodView(
        start=rfc3339(one.start),
        end=rfc3339(one.end),
        start_seconds=one.start,
        end_seconds=one.end,
        value=one.value,
        count=one.count,
        coverage=one.coverage,
        minute_coverage=one.minute_coverage,
        weak=one.minute_coverage < WEAK_BELOW,
        reason=one.reason.value,
        changed=one.changed,
        profile=one.profile,
        version=one.version,
        late=one.version > 1,
        requested=count,
        requested_at=None if at is None else rfc3339(at),
        acknowledged=_acknowledged(one.end, told),
    )


def _acknowledged(end: int, told: Told | None) -> bool | None:
    if told is None or told.until is None:
        return None
    missing = any(start < end <= until for start, until in told.missing)
    return end <= told.until and not missing


def _gaps(found: Sequence[Measurement], asked: Asked) -> Iterator[SpanView]:
    first, last = found[0], found[-1]
    if first.start > asked.start:
        yield _span(asked.start, first.start, "before")
    for before, after in pairwise(found):
        if after.start > before.end:
            yield _span(before.end, after.start, "missing")
    if last.end < asked.end:
        running = asked.end - last.end < last.end - last.start
        yield _span(last.end, asked.end, "running" if running else "after")


def _span(start: int, end: int, kind: str) -> SpanView:
    return SpanView(
        start=rfc3339(start),
        end=rfc3339(end),
        start_seconds=start,
        end_seconds=end,
        kind=kind,
        text=_SPANS[kind],
    )


def _notes(views: Sequence[SeriesReportView], asked: Asked, now: float) -> Iterator[str]:
    if not views:
        yield "Nothing was measured in this time."
    if asked.end > now:
        yield "The end lies in the future: periods that have not ended are missing."
    if weak := sum(one.weak for one in views):
        yield f"{weak} measurements are weak: less than half of their minutes had a value."
    if late := sum(one.late for one in views):
        yield f"{late} measurements were worked out again after late readings; the latest is shown."
