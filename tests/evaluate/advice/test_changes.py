"""The dated table of changes, and the same router judged on two releases."""

from pathlib import Path

import pytest

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.field_notice import PILE_UP, mended
from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.domain.release import Stopping, rank
from monitor.evaluate import Limits
from monitor.evaluate.advice.changes import CHANGES, Area, changes, renamed
from monitor.evaluate.advice.releases import way_out
from monitor.evaluate.what_if import WhatIf, what_if

NOW = 1_700_000_000
PAGE = (Path(__file__).parents[3] / "docs" / "advice.md").read_text()


def facts(**said: Value) -> list[Fact]:
    return [
        Fact(
            subject="r1",
            name=FactName(name.partition("__")[0]),
            key=name.partition("__")[2],
            source="cli",
            value=value,
            kind=FactKind.EXACT,
            received=NOW,
            effective=NOW,
        )
        for name, value in said.items()
    ]


def moved(release: str, /, **said: Value) -> WhatIf:
    return what_if(Device(id="r1"), facts(**said), release=release, now=NOW, limits=Limits())


def test_the_table_is_in_the_order_of_releases() -> None:
    dates = [rank(change.since) for change in CHANGES]
    assert None not in dates
    assert dates == sorted(dates, key=lambda date: date or ())
    assert all((change.area is Area.LAYOUT) == bool(change.command) for change in CHANGES)


def test_what_lies_between_two_releases() -> None:
    since = [change.since for change in changes("17.6.1a", "17.15.1a")]
    assert since == ["17.9.1", "17.15.1a", "17.15.1a", "17.15.1a"]
    assert changes("17.15.1a", "17.6.1a") == changes("17.6.1a", "17.15.1a")
    assert changes("17.6.1a", "17.06.01a") == ()
    assert changes("17.9.1", "17.9.4a") == ()
    assert changes("soon", "17.9.1") == changes("17.9.1", "later") == ()
    assert changes("16.10.1", "26.1.1") == CHANGES


@pytest.mark.parametrize(
    ("tag", "start", "end", "name"),
    [
        ("CUBE_T_STD", "17.15.1a", "17.18.1a", "CUBE_TS_STD"),
        ("CUBE_T_VGW", "17.15.1a", "17.18.1a", "CUBE_T_VGW"),
        ("CUBE_T_RED", "17.15.1a", "17.18.1a", "CUBE_T_RED"),
        ("CUBE_TS_ENH", "17.18.1a", "17.15.1a", "CUBE_T_ENH"),
        ("CUBE_T_STD", "17.3.2", "17.9.1", "CUBE_T_STD"),
        ("CUBE_TS_STD", "17.18.1a", "26.1.1", "CUBE_TS_STD"),
        ("CUBE_T_STD", "", "17.18.1a", "CUBE_T_STD"),
    ],
)
def test_what_becomes_of_a_tag(tag: str, start: str, end: str, name: str) -> None:
    assert renamed(tag, start, end) == name


@pytest.mark.parametrize(
    ("release", "fixed"),
    [
        ("17.3.2", None),
        ("17.3.2a", "17.3.7"),
        ("17.3.6", "17.3.7"),
        ("17.3.7", None),
        ("17.4.1a", "17.6.5"),
        ("17.4.2", None),
        ("17.5.1", "17.6.5"),
        ("17.6.4", "17.6.5"),
        ("17.6.5", None),
        ("17.7.1", "17.9.1"),
        ("17.9.1", None),
        ("soon", None),
        (None, None),
    ],
)
def test_releases_that_pile_up_reports(release: str | None, fixed: str | None) -> None:
    assert mended(release) == fixed


def test_a_release_nobody_knows_has_a_way_out_too() -> None:
    assert "17.9.1 or later" in way_out("soon")


def test_the_page_names_the_releases_of_the_field_notice_and_every_change() -> None:
    for span in PILE_UP:
        assert span.mended in PAGE
    for change in CHANGES:
        about = f"`{change.command}`: " if change.command else ""
        row = f"| {change.since} | {change.area.value} | {about}{change.text} | {change.source} |"
        assert row in PAGE, row


def test_a_critical_falls_to_a_warning_when_calls_no_longer_stop() -> None:
    said: dict[str, Value] = {
        "release": "17.3.3",
        "ack_deadline": NOW + 10 * DAY,
        "next_push": NOW + 20 * DAY,
        "last_ack": NOW - 20 * DAY,
        "usage_count__CUBE_T_STD": 40,
    }
    found = moved("17.18.1a", **said)
    assert (found.before.stopping, found.after.stopping) == (Stopping.STOPS, Stopping.NEVER)
    (one,) = found.moved
    assert one.after.rule == "push_planned_too_late"
    assert (one.before.severity, one.after.severity) == (Severity.CRITICAL, Severity.WARNING)
    assert [finding.rule for finding in found.resolved] == [
        "advice_release_stops_calls",
        "advice_report_pile_up",
    ]
    assert found.opened == ()
    assert (found.worse, found.back) == (False, False)
    assert found.tags == {"CUBE_T_STD": "CUBE_TS_STD"}
    assert found.before.piles_up == "17.3.7"
    assert found.after.piles_up is None
    assert found.changes[-1].since == "17.18.1a"


def test_going_back_to_a_release_that_stops_is_worse() -> None:
    found = moved(
        "17.3.3",
        release="17.9.4a",
        ack_deadline=NOW + 10 * DAY,
        next_push=NOW + 20 * DAY,
        last_ack=NOW - 20 * DAY,
    )
    assert found.back
    assert found.worse
    assert [one.after.severity for one in found.moved] == [Severity.CRITICAL]


def test_from_registration_to_trust() -> None:
    found = moved("17.3.2", release="17.3.1a", registration="registered", trust_code=None)
    assert found.before.stopping is Stopping.BEFORE_POLICY
    assert {change.area for change in found.changes} >= {Area.TRUST, Area.LAYOUT, Area.TRANSPORT}
    assert "advice_register_or_trust" in {finding.rule for finding in found.opened}
    assert found.worse


def test_a_declared_release_counts_until_the_router_says_its_own() -> None:
    device = Device(id="r1", release="17.6.1a")
    found = what_if(device, [], release="17.9.4a", now=NOW, limits=Limits())
    assert found.before.stopping is Stopping.STOPS
    assert [one.since for one in found.changes] == ["17.9.1"]
    assert found.opened == ()


def test_an_unknown_release_shows_no_changes_but_is_judged() -> None:
    found = moved("17.9.4a", ack_deadline=NOW + 10 * DAY)
    assert found.before.release is None
    assert found.after.release == "17.9.4a"
    assert found.changes == ()
    assert not found.back
