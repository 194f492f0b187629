"""What a maintenance window hides, and what it never does."""

from dataclasses import replace

import pytest

from monitor.domain.findings import Finding, Severity, Standing
from monitor.domain.maintenance import Window, next_edge, under_maintenance
from monitor.domain.release import Stopping
from monitor.domain.state import OpenFinding
from monitor.evaluate import hidden

NOW = 1_700_000_000.0
WINDOW = Window(id="m-1", subjects=("cube-1",), start=NOW - 10, end=NOW + 10, by="anna")
STOPS = {"cube-1": Stopping.STOPS, "cube-2": Stopping.STOPS, "new": Stopping.NEVER}


def found(rule: str = "stale_data", severity: Severity = Severity.WARNING,
          subject: str = "cube-1", devices: tuple[str, ...] = ()) -> OpenFinding:  # fmt: skip
    finding = Finding(
        rule=rule, step="", subject=subject, severity=severity, why="w", next="n", devices=devices
    )
    return OpenFinding(finding=finding, standing=Standing(key=finding.key, since=NOW, opened=NOW))


def hides(one: OpenFinding, *windows: Window, now: float = NOW) -> str:
    (marked,) = hidden([one], windows or (WINDOW,), STOPS, now=now)
    return marked.finding.hidden_by


@pytest.mark.parametrize(("now", "by"), [
    (NOW - 11, ""), (NOW - 10, "m-1"), (NOW + 9.9, "m-1"), (NOW + 10, "")
])  # fmt: skip
def test_a_window_has_a_start_and_an_end(now: float, by: str) -> None:
    assert hides(found(), now=now) == by


@pytest.mark.parametrize(("severity", "by"), [
    (Severity.INFO, "m-1"), (Severity.WARNING, "m-1"), (Severity.CRITICAL, "")
])  # fmt: skip
def test_it_hides_warnings_and_no_page(severity: Severity, by: str) -> None:
    assert hides(found(severity=severity)) == by


@pytest.mark.parametrize(
    "rule", ["ack_overdue", "sip_service_down", "pair_page", "takeover_at_risk"]
)
def test_what_stops_calls_on_a_stopping_release_is_never_hidden(rule: str) -> None:
    for severity in Severity:
        assert hides(found(rule, severity)) == ""
    window = replace(WINDOW, subjects=("new",))
    assert hides(found(rule, subject="new"), window) == "m-1"
    unknown = replace(WINDOW, subjects=("never heard of",))
    assert hides(found(rule, subject="never heard of"), unknown) == "m-1"


def test_other_devices_are_not_meant() -> None:
    assert hides(found(subject="cube-2")) == ""


def test_a_finding_of_several_devices_is_hidden_where_all_of_them_are_named() -> None:
    pair = found("role_conflict", subject="berlin", devices=("cube-1", "cube-2"))
    assert hides(pair) == ""
    assert hides(pair, replace(WINDOW, subjects=("cube-1", "cube-2"))) == "m-1"
    assert hides(pair, replace(WINDOW, subjects=("berlin",))) == "m-1"
    other = replace(WINDOW, id="m-2", subjects=("cube-2",))
    assert hides(pair, WINDOW, other) == "m-1"


def test_a_shortage_is_hidden_by_the_name_of_its_account_alone() -> None:
    short = found("insufficient_licenses", subject="Voice Edge", devices=("cube-1",))
    assert hides(short) == ""
    assert hides(short, replace(WINDOW, subjects=("Voice Edge",))) == "m-1"


def test_without_a_window_nothing_changes() -> None:
    one = found()
    assert hidden([one], [], STOPS, now=NOW) == (one,)


def test_edges() -> None:
    later = replace(WINDOW, id="m-2", subjects=("cube-2",), start=NOW + 5, end=NOW + 50)
    assert next_edge([later, WINDOW], NOW) == NOW + 5
    assert next_edge([WINDOW], NOW + 10) is None
    assert under_maintenance([later, WINDOW], NOW) == {"cube-1"}
    assert under_maintenance([later, WINDOW], NOW + 6) == {"cube-1", "cube-2"}
