"""`show license rum id all` and `... detail`: the usage reports a device keeps for CSSM.

Report ids look like seconds since 1970 and rise. States are OPEN, CLOSED and ACK.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.show.instants import NONE_WORDS, Instant
from monitor.parse.show.output import Command, Told, count
from monitor.parse.show.page import ALL_READ, Block, Filed, Page, Unparsed, labelled, underline

_TITLE: Final = "smart licensing usage report"
_DETAIL_TITLE: Final = "smart licensing usage report detail"
_HEADER: Final = re.compile(r"Report Id, ?State, ?Flag, ?Feature Name", re.IGNORECASE)
_ROW: Final = re.compile(r"(\d{1,15}) ([A-Z][A-Za-z_-]{1,20}) ([A-Z]) (\S.{0,120})")
_STATES: Final = frozenset({"OPEN", "CLOSED", "ACK", "UNACK", "PENDING"})
_WAITING: Final = frozenset({"UNACK", "PENDING"})
_SPLIT: Final = re.compile(r", (?=[A-Z][A-Za-z ]{2,30}: ?)")
_LABELS: Final = frozenset(
    {
        "report id",
        "metric name",
        "feature name",
        "metric value",
        "udi",
        "previous report id",
        "next report id",
        "state",
        "state change reason",
        "close reason",
        "start time",
        "end time",
        "storage state",
        "transaction id",
        "transaction message",
    }
)
_UDI: Final = re.compile(r"UDI: ?PID:\S{1,60}, ?SN:\S{1,60}", re.IGNORECASE)
_MOST: Final = 20_000
"""A device that gets no acknowledgement piles up a thousand or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One row; `flag` as printed."""

    report_id: int
    state: str
    flag: str
    feature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseRumIdAll:
    """`reports` is empty where only the heading is printed."""

    reports: tuple[Report, ...] | None = None
    unparsed: Unparsed = ALL_READ


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDetail:
    """`close_reason` is the reason of the last change of state, by either of its labels.

    A text is empty where the device says that there is none.
    """

    report_id: int | None
    metric: str | None
    feature: str | None
    entitlement: str | None
    """`Metric Value`: the regid of what is counted."""
    udi: str | None
    previous_report_id: int | None
    next_report_id: int | None
    state: str | None
    close_reason: str | None
    start: Instant | None
    end: Instant | None
    storage_state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseRumIdDetail:
    """`reports` is None where none is printed."""

    reports: tuple[ReportDetail, ...] | None = None
    unparsed: Unparsed = ALL_READ


def read_all(page: Page) -> LicenseRumIdAll:
    """The values of `show license rum id all`."""
    rows: dict[int, Report] = {}
    headed = False
    for line in page:
        if found := _ROW.fullmatch(line):
            _file(page, rows, found)
        elif _HEADER.fullmatch(line):
            headed = True
        elif not underline(line) and line.lower().rstrip(": ") != _TITLE:
            page.leave(line)
    if rows and not headed:
        page.warn("the heading is missing: reports above the first one may be, too")
    reports = tuple(rows.values()) if rows or headed else None
    return LicenseRumIdAll(reports=reports, unparsed=page.unparsed)


def _file(page: Page, rows: dict[int, Report], found: re.Match[str]) -> None:
    row = Report(
        report_id=int(found[1]), state=_state(page, found[2]), flag=found[3], feature=found[4]
    )
    if len(rows) >= _MOST:
        page.warn(f"more than {_MOST} reports; the rest is not read")
    elif rows.setdefault(row.report_id, row) != row:
        page.warn(f"report {row.report_id} is printed twice, and differs")


def _state(page: Page, text: str) -> str:
    if text.upper() not in _STATES:
        page.unclear("State", text, "a known state of a report")
    return text


class _Reports:
    """Blocks of labelled values; `Report Id` begins one."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._block: Block | None = None
        self.found: list[ReportDetail] = []

    def take(self, label: str, value: str) -> None:
        """File one value under its report."""
        if label == "report id" and not self._repeated(value):
            self.end()
        block = self._block = self._block or Block()
        if block.put(label, value) is Filed.ELSEWHERE:
            self._page.warn(f"{label} stands twice in one report: the start of another was lost")
            self.end()
            self._block = Block()
            self._block.put(label, value)

    def _repeated(self, value: str) -> bool:
        return self._block is not None and self._block.values == {"report id": value}

    def end(self) -> None:
        """Close the report, if there is one."""
        block, self._block = self._block, None
        if block is None:
            return
        if "report id" not in block.values:
            self._page.warn("a report has no Report Id")
        if len(self.found) >= _MOST:
            self._page.warn(f"more than {_MOST} reports; the rest is not read")
        else:
            self.found.append(_detail(self._page, block.values))


def read_detail(page: Page) -> LicenseRumIdDetail:
    """The values of `show license rum id detail`."""
    reports = _Reports(page)
    for line in page:
        # `Previous Report Id: 0, Next Report Id: 0` are two on a line.
        parts = [labelled(part) for part in _SPLIT.split(line)]
        known = [part for part in parts if part and part[0] in _LABELS]
        if known and len(known) == len(parts):
            for label, value in known:
                reports.take(label, value.rstrip(","))
        elif not underline(line) and line.lower().rstrip(": ") not in {_TITLE, _DETAIL_TITLE}:
            page.leave(line)
    reports.end()
    return LicenseRumIdDetail(reports=tuple(reports.found) or None, unparsed=page.unparsed)


def _detail(page: Page, values: dict[str, str]) -> ReportDetail:
    state = values.get("state")
    words = {key: "" if text.lower() in NONE_WORDS else text for key, text in values.items()}
    return ReportDetail(
        report_id=page.number("Report Id", values.get("report id")),
        metric=words.get("metric name"),
        feature=words.get("feature name"),
        entitlement=words.get("metric value"),
        udi=words.get("udi"),
        previous_report_id=page.number("Previous Report Id", values.get("previous report id")),
        next_report_id=page.number("Next Report Id", values.get("next report id")),
        state=None if state is None else _state(page, state),
        close_reason=words.get("state change reason", words.get("close reason")),
        start=page.instant("Start Time", values.get("start time")),
        end=page.instant("End Time", values.get("end time")),
        storage_state=words.get("storage state"),
    )


def tell_all(data: LicenseRumIdAll) -> Iterator[Told]:
    """How many reports the router keeps, and how many of them wait for an acknowledgement."""
    if data.reports is not None:
        waiting = sum(one.state.upper() in _WAITING for one in data.reports)
        yield from count(FactName.RUM_TOTAL, len(data.reports))
        yield from count(FactName.RUM_WAITING, waiting)


def _tells_nothing(data: LicenseRumIdDetail) -> Iterator[Told]:
    # It may be about one report of many.
    del data
    return iter(())


ALL: Final = Command(
    name="show license rum id all",
    titles=frozenset({_TITLE}),
    patterns=(_HEADER,),
    read=read_all,
    tell=tell_all,
)
DETAIL: Final = Command(
    name="show license rum id detail",
    marks=frozenset(
        {
            "report id",
            "metric name",
            "metric value",
            "feature name",
            "state change reason",
            "close reason",
        }
    ),
    titles=frozenset({_DETAIL_TITLE}),
    patterns=(_UDI,),
    read=read_detail,
    tell=_tells_nothing,
)
