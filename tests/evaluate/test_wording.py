"""Instants, durations and values as people read them."""

from dataclasses import replace

import pytest

from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.instants import span
from monitor.evaluate.wording import evidence_line, step_name, utc


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (13 * 86_400 + 4 * 3600 + 59, "13 days 4 h"),
        (86_400, "1 day"),
        (5 * 3600 + 20 * 60, "5 h 20 min"),
        (3600, "1 h"),
        (-240, "4 min"),
        (40, "40 s"),
        (0, "0 s"),
    ],
)
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "name"), [(14 * 86_400, "14d"), (86_400, "24h"), (129_600, "36h"), (0, "0h")]
)
def test_step_names(seconds: float, name: str) -> None:
    assert step_name(seconds) == name


def test_instants_beyond_the_calendar_are_still_shown() -> None:
    assert utc(0) == "1970-01-01 00:00:00 UTC"
    assert utc(1e18).startswith("9999-12-31")
    assert utc(-1e18).endswith("01-01 00:00:00 UTC")


FACT = Fact(
    subject="r1",
    name=FactName.LAST_ACK,
    source="cli",
    value=0,
    kind=FactKind.EXACT,
    received=5,
    effective=5,
)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (FactName.LAST_ACK, 0, "1970-01-01T00:00:00Z"),
        (FactName.LAST_ACK, None, "none"),
        (FactName.TRUST_CODE, True, "yes"),
        (FactName.OUT_OF_COMPLIANCE, False, "no"),
        (FactName.REPORTING_INTERVAL_DAYS, 30, "30"),
        (FactName.TRANSPORT, "x" * 500, "x" * 200),
    ],
)
def test_values(name: FactName, value: Value, text: str) -> None:
    assert evidence_line("what", replace(FACT, name=name, value=value)).value == text


def test_evidence_without_a_signature_says_so() -> None:
    assert (
        evidence_line("what", replace(FACT, authenticated=False)).kind == "exact, unauthenticated"
    )
