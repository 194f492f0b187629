"""The page at `/`: what it says first, the picture of a cycle, what stays folded."""

import re
from dataclasses import replace
from typing import Any

from monitor.domain.device import Device
from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.domain.state import AckCycle, FleetSnapshot, OpenFinding
from monitor.expose.cycle_line import cycle_line
from monitor.expose.overview import overview


def _changed(found: OpenFinding, **changes: Any) -> OpenFinding:
    return replace(found, finding=replace(found.finding, **changes))


def test_it_says_first_how_many_must_act_and_which_calls_stop_first(face: Any) -> None:
    page = face.get("/").text

    assert '<p class="lead"><span class="critical">1 critical</span>: 2 devices;' in page
    assert "1 not heard of in time." in page
    assert 'href="/api/v1/devices/berlin">berlin</a>, in 2 days.' in page
    assert "<title>(1) CUBE licences</title>" in page


def test_what_is_for_information_is_folded(face: Any) -> None:
    acting, folded = face.get("/").text.split("<details>")

    assert "<h2>Findings (1)</h2>" in acting
    assert "out of compliance" not in acting
    assert "For information (1)" in folded
    assert "out of compliance" in folded


def test_what_is_to_be_typed_stands_out_and_nothing_else_is_marked_up(face: Any) -> None:
    found = _changed(face.fleet.findings[2], next="Type `license smart sync all` <now>.")

    page = overview(replace(face.fleet, findings=[found]))

    assert "Type <code>license smart sync all</code> &lt;now&gt;." in page


def test_an_empty_fleet_is_an_ordinary_page() -> None:
    page = overview(FleetSnapshot(now=1_700_035_200.0))

    assert "Nothing to act on: 0 devices." in page
    assert page.count('<p class="quiet">none</p>') == 4
    assert "<title>CUBE licences</title>" in page


def test_the_nearest_deadline_comes_first_and_times_say_how_far(face: Any) -> None:
    page = face.get("/").text

    assert page.index(">berlin</a></td>") < page.index(">oslo</a></td>")
    assert '2023-11-17 08:00 UTC</time><br><span class="quiet">in 2 days</span>' in page
    assert '<span class="warning">never</span>' in page
    assert "0 s ago" in page


def test_deadlines_that_need_no_acknowledgement_stop_nothing(face: Any) -> None:
    oslo, berlin = face.fleet.devices
    required = replace(berlin.cycle.required, value=False)
    spared = replace(berlin, cycle=replace(berlin.cycle, required=required))

    assert "calls stop unless" not in overview(replace(face.fleet, devices=[oslo, spared]))


def test_names_cannot_leave_their_place(face: Any) -> None:
    evil = replace(face.fleet.devices[1], device=Device(id='"/><b>x'))

    page = overview(replace(face.fleet, devices=[evil]))

    assert "<b>" not in page
    assert 'href="/api/v1/devices/%22%2F%3E%3Cb%3Ex"' in page


def test_balances_below_zero_stand_out(face: Any) -> None:
    page = face.get("/").text

    assert '<td class="number">5</td><td class="number">7</td>' in page
    assert '<span class="warning">-2</span>' in page


def test_a_licence_nobody_counts_is_unknown_and_not_zero(face: Any) -> None:
    account = face.fleet.accounts[0]
    unknown = replace(account.balances[0], purchased=None)

    page = overview(replace(face.fleet, accounts=[replace(account, balances=(unknown,))]))

    assert page.count('<td class="number">unknown</td>') == 2


def _places(picture: str) -> dict[str, float]:
    found = re.findall(r'class="(\w+)" (?:d="M|cx=")([\d.]+)', picture)
    return {name: float(place) for name, place in found}


def test_the_picture_of_a_cycle_puts_now_between_its_begin_and_the_deadline(face: Any) -> None:
    places = _places(cycle_line(face.fleet.devices[1]))

    # From the last report 11 days ago to the push in 20 days; the deadline is in 2.
    assert places["now"] == round(7 + 136 * 11 / 31, 1)
    assert places["deadline"] == round(7 + 136 * 13 / 31, 1)
    assert places["push"] == 7 + 136 - 4


def test_without_a_deadline_there_is_no_picture(face: Any) -> None:
    assert not cycle_line(replace(face.fleet.devices[1], cycle=AckCycle()))


def test_a_deadline_long_past_stays_inside(face: Any) -> None:
    berlin = face.fleet.devices[1]
    late = replace(berlin, now=berlin.now + 40 * DAY)

    places = _places(cycle_line(late))

    assert 7 <= places["deadline"] < places["push"] + 4 < places["now"] == 143


def test_a_page_of_warnings_only_counts_them(face: Any) -> None:
    found = _changed(face.fleet.findings[2], severity=Severity.WARNING)

    page = overview(replace(face.fleet, findings=[found, found]))

    assert '<span class="warning">2 warnings</span>' in page
    assert "<title>CUBE licences</title>" in page
