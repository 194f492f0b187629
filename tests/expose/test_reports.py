"""The usage report: what is in it, and its forms."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

import pytest

from monitor.domain.instants import DAY, HOUR
from monitor.domain.measurement import Measurement, Reason
from monitor.domain.records import EventRecord, Json
from monitor.domain.rum_ledger import RumLedger, Told
from monitor.errors import OperationError
from monitor.expose.api import show_reports
from monitor.expose.report import usage
from monitor.expose.report.material import Material
from monitor.expose.report.page import as_page
from monitor.expose.report.table import COLUMNS, as_csv, as_table
from monitor.expose.report.usage import Asked, TooMuchError, usage_report
from monitor.expose.views.report import UsageReportView

T0 = 1_700_006_400  # 2023-11-15T00:00:00Z
MONTH = Asked(start=T0, end=T0 + 30 * DAY)
EVIL = '<script>alert("x")</script>&\'=1+1'


def measured(start: int, hours: int = 8, count: int | None = 10, **more: Any) -> Measurement:
    plain = Measurement(
        device="cube-1",
        tag="CUBE_T_STD",
        start=start,
        end=start + hours * HOUR,
        units=None if count is None else count * 36,
        count=count,
        coverage=1.0,
        minute_coverage=1.0,
        reason=Reason.PERIODIC,
        changed=False,
    )
    return replace(plain, **more)


def request(at: int, count: int, tag: str = "CUBE_T_STD") -> EventRecord:
    said: dict[str, Json] = {"kind": "license_request", "tag": tag, "count": count}
    return EventRecord(
        device="cube-1",
        source="syslog",
        received=at,
        device_time=None,
        effective=at,
        clock="synchronised",
        counter=None,
        facility="",
        severity=5,
        mnemonic="CUBE-5-LICENSE_INFO",
        text="",
        events=(said, {"kind": "license_request", "tag": None, "count": 3}, {"kind": "other"}),
    )


@dataclass
class Shelf:
    """What a report is made of."""

    found: Sequence[Measurement] = ()
    kept: Sequence[EventRecord] = ()
    accounts: dict[str, str] = field(default_factory=lambda: {"cube-1": "voice"})
    bought: dict[str, int] = field(default_factory=dict)
    ledger: Sequence[Told] = ()

    def measurements(
        self, *, device: str | None, limit: int, **asked: object
    ) -> Iterable[Measurement]:
        del asked
        return [one for one in self.found if device in {None, one.device}][:limit]

    def events(self, **asked: object) -> Iterable[EventRecord]:
        del asked
        return self.kept

    def material(self) -> Material:
        return Material(
            records=self,
            accounts=self.accounts,
            bought={("voice", tag): count for tag, count in self.bought.items()},
            told=lambda _: self.ledger,
        )


def thirty_days() -> list[Measurement]:
    """8-hour periods from before the range to after it."""
    return [measured(T0 + at * 8 * HOUR, count=10 + at % 3) for at in range(-3, 93)]


def made(shelf: Shelf, asked: Asked = MONTH) -> UsageReportView:
    return usage_report(asked, shelf.material(), T0 + 40 * DAY)


def test_eight_hour_periods_over_thirty_days_list_exactly_ninety() -> None:
    report = made(Shelf(thirty_days()))
    (series,) = report.series
    assert (report.total, len(series.periods)) == (90, 90)
    # The end counts: the one that ends where the range begins is out, the last one is in.
    assert series.periods[0].end_seconds == T0 + 8 * HOUR
    assert series.periods[-1].end_seconds == MONTH.end
    assert series.gaps == []
    assert (series.highest, series.weak, series.late) == (12, 0, 0)


def test_gaps_weak_and_late_measurements_are_marked() -> None:
    found = [
        measured(T0 + 8 * HOUR),
        measured(T0 + 24 * HOUR, minute_coverage=0.49, count=99),
        measured(T0 + 32 * HOUR, version=2, reason=Reason.CHANGE, changed=True, hours=3),
    ]
    (series,) = made(Shelf(found), replace(MONTH, end=T0 + 36 * HOUR)).series
    spans = [(one.start_seconds - T0, one.end_seconds - T0, one.text) for one in series.gaps]
    assert spans == [
        (0, 8 * HOUR, "no measurement before"),
        (16 * HOUR, 24 * HOUR, "no readings: nothing was measured"),
        (35 * HOUR, 36 * HOUR, "the period runs on beyond the end"),
    ]
    assert [one.kind for one in series.gaps] == ["before", "missing", "running"]
    assert [one.weak for one in series.periods] == [False, True, False]
    assert [one.late for one in series.periods] == [False, False, True]
    assert series.highest == 10  # a weak measurement is no evidence where there are others


def test_requests_and_acknowledgements_stand_beside_what_was_measured() -> None:
    found = [measured(T0 + at * 8 * HOUR) for at in range(4)]
    told = Told(
        tag="CUBE_T_STD",
        value=9,
        until=T0 + 24 * HOUR,
        acknowledged=1,
        waiting=2,
        waiting_since=None,
        waiting_peak=None,
        held=0,
        missing=((T0 + 8 * HOUR, T0 + 16 * HOUR),),
    )
    kept = [request(T0 + 60, 4), request(T0 + 8 * HOUR + 30, 11), request(T0 + HOUR, 5, "OTHER")]
    shelf = Shelf(found, kept, bought={"CUBE_T_STD": 50}, ledger=[told])
    (series,) = made(shelf).series
    assert [one.requested for one in series.periods] == [11, None, None, None]
    assert [one.acknowledged for one in series.periods] == [True, False, True, False]
    assert (series.purchased, series.waiting, series.acknowledged_value) == (50, 2, 9)
    assert made(Shelf(found)).series[0].periods[0].acknowledged is None


def test_one_account_is_small_enough_where_all_are_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitor.expose.report.usage.MOST_ROWS", 100)
    others = [replace(one, device="cube-9") for one in thirty_days()]
    shelf = Shelf([*others, *thirty_days()])
    with pytest.raises(TooMuchError):
        made(shelf, MONTH)
    assert made(shelf, replace(MONTH, account="voice")).total == 90


def test_one_account_only() -> None:
    other = measured(T0, device="cube-2")
    report = made(Shelf([measured(T0), other]), replace(MONTH, account="voice"))
    assert [one.device for one in report.series] == ["cube-1"]
    assert made(Shelf([other]), replace(MONTH, account="none")).notes[0].startswith("Nothing was")


def test_limits_and_nonsense_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST_ROWS", 2)
    with pytest.raises(TooMuchError, match="more than 2 measurements"):
        made(Shelf(thirty_days()))
    with pytest.raises(OperationError, match="later than its beginning"):
        made(Shelf(), replace(MONTH, end=T0))
    with pytest.raises(OperationError, match="Mars/Base"):
        as_page(made(Shelf(), replace(MONTH, zone="Mars/Base")))


def test_csv_is_one_row_a_measurement_and_no_formula() -> None:
    found = [measured(T0, device="=cmd()"), measured(T0, count=None)]
    rows = list(csv.DictReader(io.StringIO(as_csv(made(Shelf(found))))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["device"] for row in rows] == ["'=cmd()", "cube-1"]
    assert (rows[0]["count"], rows[0]["weak"], rows[0]["value"]) == ("10", "no", "10.0")
    assert (rows[1]["count"], rows[1]["requested"], rows[1]["acknowledged"]) == ("", "", "")


def test_the_table_has_a_line_for_each_measurement() -> None:
    text = as_table(made(Shelf([*thirty_days(), measured(T0, hours=1, device="a\x1b[2J")])))
    assert text.count("periodic") == 91
    assert "\x1b" not in text
    assert "90" not in as_table(made(Shelf()))


class _Tags(HTMLParser):
    """Collects what could load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def looked_at(page: str) -> _Tags:
    parser = _Tags()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def test_the_page_needs_nothing_else_and_lets_nothing_in() -> None:
    found = [replace(one, device=EVIL, tag=EVIL) for one in thirty_days()]
    shelf = Shelf(found, accounts={EVIL: "voice"}, bought={EVIL: 11})
    asked = replace(MONTH, by=EVIL, device=EVIL, zone="Europe/Berlin")
    page = as_page(made(shelf, asked))
    seen = looked_at(page)
    assert not seen.tags & {"script", "link", "img", "iframe", "object", "base", "form"}
    assert not {name for name in seen.attributes if name.startswith("on") or name == "style"}
    assert seen.links == []
    assert not re.search(r"https?:|@import|url\((?!#)", page)
    assert "<script" not in page
    assert page.count('class="bar') == 91  # 90 bars and one in the key
    assert "bought 11" in page
    assert "2023-11-15 00:00" in page
    assert "CET" in page


@pytest.mark.parametrize("count", [0, 1, 7, 99, 1_000, 123_456])
@pytest.mark.parametrize("days", [1, 30, 400])
def test_charts_of_any_size_stay_inside(count: int, days: int) -> None:
    found = [measured(T0 + 8 * HOUR, count=count), measured(T0 + 16 * HOUR, count=None)]
    page = as_page(made(Shelf(found), Asked(start=T0, end=T0 + days * DAY)))
    looked_at(page)
    places = [float(text) for text in re.findall(r' (?:x|x1|x2|cx)="(-?[\d.]+)"', page)]
    heights = [float(text) for text in re.findall(r' (?:y|y1|y2|cy)="(-?[\d.]+)"', page)]
    assert all(0 <= place <= 960 for place in places)
    assert all(0 <= height <= 230 for height in heights)
    assert 3 <= page.count("text-anchor") <= 40


def no_ledger(device: str) -> RumLedger:
    return RumLedger(subject=device)


@pytest.fixture
def asked(face: Any) -> Callable[..., Any]:
    show_reports(face.app, face.shelf, no_ledger, lambda: face.fleet)
    face.shelf.measured = [replace(one, device="berlin") for one in thirty_days()]

    def ask(**query: object) -> Any:
        return face.get("/api/v1/reports/usage", **query)

    return ask


def test_the_api_answers_in_every_form(asked: Callable[..., Any]) -> None:
    span = {"from": T0, "to": T0 + 30 * DAY}
    told = asked(**span)
    assert told.status_code == 200
    assert UsageReportView.model_validate(told.json()).total == 90
    assert (told.json()["series"][0]["account"], told.json()["series"][0]["purchased"]) == (
        'voice "eu"',
        5,
    )
    for form, media in (("csv", "text/csv"), ("html", "text/html"), ("table", "text/plain")):
        answered = asked(**span, format=form)
        assert answered.headers["content-type"].startswith(media)
        assert "berlin" in answered.text
    policy = asked(**span, format="html").headers["content-security-policy"]
    assert policy.count("sha256-") == 3
    assert json.loads(asked(**span, device="192.0.2.10").text)["device"] == "berlin"


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({}, 400, "from"),
        ({"from": "yesterday"}, 400, "from"),
        ({"from": T0, "to": T0}, 400, "later than"),
        ({"from": T0, "device": "berlni"}, 404, "berlni"),
        ({"from": T0, "account": "vioce"}, 404, "no account is called 'vioce'"),
        ({"from": T0, "zone": "../../etc/passwd"}, 400, "not known here"),
        ({"from": T0, "format": "pdf"}, 400, "format"),
    ],
)
def test_the_api_says_what_is_wrong(
    asked: Callable[..., Any], query: dict[str, object], status: int, said: str
) -> None:
    answered = asked(**query)
    assert answered.status_code == status
    assert said in answered.json()["detail"]
