"""Rules of a device: what is allowed, and how values become licence counts."""

from typing import Any

import pytest

from monitor.aggregate.rules import DeviceRules, licences, period_hours
from monitor.domain.measurement import Rounding
from monitor.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "hours"), [("8h", 8), ("23h", 23), ("1d", 24), ("30d", 720), (" 7D ", 168)]
)
def test_periodicity_is_hours_or_days(text: str, hours: int) -> None:
    assert period_hours(text) == hours
    assert DeviceRules(periods=((0, hours),)).period_seconds(0) == hours * 3600


@pytest.mark.parametrize("text", ["7h", "24h", "0d", "31d", "8", "h", "-8h", "1w", "", "9" * 99])
def test_any_other_periodicity_is_an_error_that_names_the_range(text: str) -> None:
    with pytest.raises(ConfigError, match="8h to 23h, or 1d to 30d"):
        period_hours(text)


@pytest.mark.parametrize("hours", [7, 25, 0, -24, 744])
def test_any_other_length_is_an_error_that_names_the_range(hours: int) -> None:
    with pytest.raises(ConfigError, match="8h to 23h, or 1d to 30d"):
        DeviceRules(periods=((0, hours),))


@pytest.mark.parametrize(
    "wrong",
    [
        {"periods": ()},
        {"periods": ((5, 8), (0, 9))},
        {"phase_minutes": 60},
        {"phase_minutes": -1},
        {"legs": 0},
    ],
)
def test_what_cannot_be_measured_by_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        DeviceRules(**wrong)


def test_the_default_is_seven_days() -> None:
    assert DeviceRules().period_seconds(10**9) == 7 * 86_400


def test_a_length_holds_for_periods_that_begin_at_or_after_its_instant() -> None:
    rules = DeviceRules(periods=((100, 8), (200, 9)))
    assert [rules.period_seconds(at) // 3600 for at in (0, 100, 199, 200, 900)] == [8, 8, 8, 9, 9]
    assert [rules.next_change(at) for at in (0, 199, 200)] == [200, 200, None]


def test_hours_are_shifted_by_the_phase() -> None:
    rules = DeviceRules(phase_minutes=13)
    assert rules.hour_of(7200 + 13 * 60) == 7200 + 13 * 60
    assert rules.hour_of(7200 + 13 * 60 - 1) == 3600 + 13 * 60


@pytest.mark.parametrize(
    ("units", "up", "nearest", "down"),
    [
        (0, 0, 0, 0),
        (1, 1, 0, 0),
        (17, 1, 0, 0),
        (18, 1, 1, 0),
        (35, 1, 1, 0),
        (36 * 12, 12, 12, 12),
        (36 * 12 + 1, 13, 12, 12),
        (36 * 10**15 + 18, 10**15 + 1, 10**15 + 1, 10**15),
    ],
)
def test_a_count_is_rounded_from_the_exact_value(
    units: int, up: int, nearest: int, down: int
) -> None:
    assert licences(units, Rounding.UP) == up
    assert licences(units, Rounding.NEAREST) == nearest
    assert licences(units, Rounding.DOWN) == down
