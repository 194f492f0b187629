"""Usage reports by `show license rum id`."""

import pytest

from monitor.domain.facts import FactName
from monitor.parse.show import facts, license_rum_id, read
from monitor.parse.show.license_rum_id import LicenseRumIdAll, LicenseRumIdDetail

HEAD = """\
Smart Licensing Usage Report:
====================================
Report Id,          State,    Flag, Feature Name
"""


def all_of(text: str) -> tuple[LicenseRumIdAll, tuple[str, ...]]:
    (output,) = read(text)
    assert isinstance(output.data, LicenseRumIdAll)
    return output.data, output.warnings


def detail_of(text: str) -> tuple[LicenseRumIdDetail, tuple[str, ...]]:
    (output,) = read(text, command="show license rum id detail")
    assert isinstance(output.data, LicenseRumIdDetail)
    return output.data, output.warnings


def test_no_report_at_all_is_told_from_no_section() -> None:
    assert all_of(HEAD)[0].reports == ()
    assert all_of("c#show license rum id all\n")[0].reports is None


def test_a_report_printed_twice_is_one() -> None:
    row = "1629870048          CLOSED    N     network-premier_2.5G\n"
    data, warnings = all_of(HEAD + row * 2)
    assert data.reports is not None
    assert len(data.reports) == 1
    assert not warnings
    _, warnings = all_of(HEAD + row + row.replace("CLOSED", "ACK"))
    assert warnings == ("report 1629870048 is printed twice, and differs",)


def test_an_unknown_state_is_warned_of() -> None:
    _, warnings = all_of(HEAD + "1 HELD N x\n")
    assert warnings == ("State: 'HELD' is not a known state of a report",)


def test_a_pile_of_reports_is_read_whole() -> None:
    rows = "".join(f"{1_600_000_000 + at} CLOSED N f\n" for at in range(3_000))
    data, _ = all_of(HEAD + rows)
    assert data.reports is not None
    assert len(data.reports) == 3_000


def test_a_report_that_lost_its_start_is_not_mixed_with_the_one_before() -> None:
    data, warnings = detail_of("Report Id: 1\nState: ACK\nState: OPEN\n")
    assert data.reports is not None
    assert [(one.report_id, one.state) for one in data.reports] == [(1, "ACK"), (None, "OPEN")]
    assert "a report has no Report Id" in warnings


def test_a_doubled_first_line_is_one_report() -> None:
    data, warnings = detail_of("Report Id: 1\nReport Id: 1\nState: ACK\nthen this\n")
    assert data.reports is not None
    assert len(data.reports) == 1
    assert data.unparsed.lines == ("then this",)
    assert not warnings


def test_other_lines_of_the_list_are_kept() -> None:
    data, _ = all_of(HEAD + "1 ACK N x\nsomething else entirely\n")
    assert data.unparsed.lines == ("something else entirely",)


def test_only_the_list_of_all_reports_tells_how_many_there_are() -> None:
    text = HEAD + "1 ACK N x\n2 UNACK N x\n3 CLOSED N x\n"
    told = {fact.name: fact.value for fact in facts(read(text), device="d", received=5.0)}
    assert (told[FactName.RUM_TOTAL], told[FactName.RUM_WAITING]) == (3, 1)
    text = "Report Id: 1\nMetric Name: TELEMETRY\n"
    found = list(facts(read(text), device="d", received=5.0))
    assert [fact.name for fact in found] == [FactName.POLLED]


@pytest.mark.parametrize("text", ["{0} ACK N x\n", "Report Id: {0}\n"])
def test_more_reports_than_a_device_can_hold_are_not_read(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(license_rum_id, "_MOST", 3)
    rows = "".join(text.format(at) for at in range(5))
    (output,) = read(rows, command=f"show license rum id {'all' if 'ACK' in text else 'detail'}")
    assert "more than 3 reports; the rest is not read" in output.warnings
