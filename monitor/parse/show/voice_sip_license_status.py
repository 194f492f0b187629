"""`show voice sip license status`: the SIP service, when usage is next recorded, recent counts.

Source: Cisco's chapter "CUBE Smart Licensing". Before Smart Licensing Using Policy requests have a
result; after it counts are only recorded.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.domain.measurement import SHORTEST_PERIOD_HOURS
from monitor.parse.show.instants import TIME, Instant
from monitor.parse.show.output import Command, Told, count, instant, underscored, words
from monitor.parse.show.page import ALL_READ, Page, Unparsed, labelled, underline

_BLOCK = re.compile(
    r"Recent (?:request|use of license)(?:\(s\)|s)? for CUBE(?: (\w{1,40}))? Trunk:?", re.IGNORECASE
)
_HEADER = re.compile(r"Timestamp Count(?: Result)?", re.IGNORECASE)
_ROW = re.compile(rf"({TIME}) (\d{{1,9}})(?: (\D.{{0,60}}))?")
_INTERVAL = re.compile(r"(\d{1,6}) (second|minute|hour|day)(?:\(s\)|s)?", re.IGNORECASE)
_UNITS: Final = {"second": 1, "minute": MINUTE, "hour": HOUR, "day": DAY}
_LABELS: Final = {
    "host name": "host_name",
    "current time": "current_time",
    "sip service": "sip_service",
    "license request interval": "interval",
    "license use recorded every": "interval",
    "next request at": "next_at",
    "next record at": "next_at",
}
_RESULTS: Final = frozenset({"authorized", "out of compliance", "pending", "not authorized"})
_KIND_TAGS: Final[Mapping[str, str]] = {
    "standard": "CUBE_T_STD",
    "enhanced": "CUBE_T_ENH",
    "redundant": "CUBE_T_RED",
}
_UP: Final = frozenset({"up", "is up", "enabled"})
_DOWN: Final = frozenset({"down", "is down"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentCount:
    """One row of a recent list."""

    kind: str | None
    """The device's word before Trunk; None where the heading of the list is missing."""
    at: Instant | None
    count: int
    result: str | None = None
    """Only before Smart Licensing Using Policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSipLicenseStatus:
    """`interval` is the device's text, such as `8 Hour(s)`."""

    host_name: str | None = None
    current_time: Instant | None = None
    sip_service: str | None = None
    interval: str | None = None
    interval_seconds: int | None = None
    next_at: Instant | None = None
    recent: tuple[RecentCount, ...] | None = None
    """In the order printed; None where no list is printed at all."""
    unparsed: Unparsed = ALL_READ


class _Recent:
    """The recent lists: which one the next row belongs to."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._kind: str | None = None
        self._rows_begun = False
        self.seen = False
        self.rows: dict[tuple[str | None, str], RecentCount] = {}

    def take(self, line: str) -> bool:
        """Whether the line is part of a list."""
        if found := _BLOCK.fullmatch(line):
            self.seen, self._rows_begun = True, False
            self._kind = (found[1] or "").capitalize() or None
            if (self._kind or "standard").lower() not in _KIND_TAGS:
                self._page.unclear("Recent list", line, "of a known kind of trunk licence")
        elif _HEADER.fullmatch(line):
            self._header()
        elif row := _ROW.fullmatch(line):
            self._row(row)
        else:
            return False
        return True

    def _header(self) -> None:
        if self._rows_begun:
            # A second table under one heading: the heading of this one is lost.
            self._kind, self._rows_begun = None, False

    def _row(self, row: re.Match[str]) -> None:
        self.seen = self._rows_begun = True
        if self._kind is None:
            self._page.warn("a list of recent counts has no heading that names its trunk licence")
        result = row[3]
        if result is not None and result.lower() not in _RESULTS:
            self._page.unclear("Result", result, "a known result")
        new = RecentCount(
            kind=self._kind,
            at=self._page.instant("Timestamp", row[1]),
            count=int(row[2]),
            result=result,
        )
        kept = self.rows.setdefault((self._kind, row[1]), new)
        if kept != new:
            self._page.warn(f"{row[1]} stands twice in one list with different counts")


def read(page: Page) -> VoiceSipLicenseStatus:
    """The output's values."""
    values: dict[str, str] = {}
    recent = _Recent(page)
    for line in page:
        label, value = labelled(line) or ("", "")
        if key := _LABELS.get(label):
            page.file(values, key, value)
        elif not recent.take(line) and not underline(line):
            page.leave(line)
    interval = values.get("interval")
    return VoiceSipLicenseStatus(
        host_name=values.get("host_name"),
        current_time=page.instant("Current Time", values.get("current_time")),
        sip_service=_service(page, values.get("sip_service")),
        interval=interval,
        interval_seconds=_seconds(page, interval),
        next_at=page.instant("Next record", values.get("next_at")),
        recent=tuple(recent.rows.values()) if recent.seen else None,
        unparsed=page.unparsed,
    )


def _seconds(page: Page, text: str | None) -> int | None:
    if text is None:
        return None
    found = _INTERVAL.fullmatch(text)
    if found is None:
        page.unclear("interval", text, "a number of minutes, hours or days")
        return None
    return int(found[1]) * _UNITS[found[2].lower()]


def _service(page: Page, text: str | None) -> str | None:
    if text is not None and service_word(text) is None:
        page.unclear("SIP service", text, "a known state")
    return text


def service_word(text: str) -> str | None:
    """up, down or shutdown (an operator's doing) for the device's words; None for other words.

    Cisco prints only `Up` in its samples; what is printed when it is not up is not documented.
    """
    said = text.lower().rstrip(".")
    if said in _UP:
        return "up"
    if said in _DOWN:
        return "down"
    return "shutdown" if "shut" in said or "admin" in said else None


def tell(data: VoiceSipLicenseStatus) -> Iterator[Told]:
    """Facts."""
    yield from words(FactName.HOST_NAME, data.host_name)
    if service := service_word(data.sip_service or ""):
        yield Told(FactName.SIP_SERVICE, service, text=data.sip_service or "")
    hours, rest = divmod(data.interval_seconds or 0, HOUR)
    if not rest and hours >= SHORTEST_PERIOD_HOURS:
        yield from count(FactName.PERIOD_HOURS, hours)
    yield from instant(FactName.NEXT_RECORD, data.next_at)
    for row in _latest(data.recent or ()):
        yield from _row_facts(row)


def _latest(rows: tuple[RecentCount, ...]) -> Iterator[RecentCount]:
    newest: dict[str, RecentCount] = {}
    for row in rows:
        filed = newest.get(row.kind or "")
        if row.kind and (filed is None or _clock(row) > _clock(filed)):
            newest[row.kind] = row
    yield from newest.values()


def _clock(row: RecentCount) -> int:
    # Rows of one list share a zone, so their clock readings order them even where it is unknown.
    return row.at.local if row.at is not None and row.at.local is not None else 0


def _row_facts(row: RecentCount) -> Iterator[Told]:
    tag = _KIND_TAGS.get((row.kind or "").lower())
    if tag is None:
        return
    yield from count(FactName.RECENT_COUNT, row.count, tag)
    result = underscored(row.result or "")
    if result in {"authorized", "out_of_compliance"}:
        yield from count(FactName.OUT_OF_COMPLIANCE, result == "out_of_compliance", tag)


COMMAND: Final = Command(
    name="show voice sip license status",
    marks=frozenset(_LABELS) - {"current time"},
    begins="host name",
    patterns=(_BLOCK,),
    read=read,
    tell=tell,
)
