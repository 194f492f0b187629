"""When a device is polled next: pure arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.ssh.schedule import (
    Pace,
    first_wait,
    rest_after_refusal,
    wait_after_failure,
    wait_after_refusal,
    wait_after_success,
)

HOUR, DAY = 3600.0, 86_400.0
PACE = Pace()
NOW = 1_600_000_000.0


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        (None, 6 * HOUR),
        (NOW + 60 * DAY, 6 * HOUR),
        (NOW + 14 * DAY + 2 * HOUR, 2 * HOUR),
        (NOW + 14 * DAY + 60, HOUR),
        (NOW + 14 * DAY, HOUR),
        (NOW + 1, HOUR),
        (NOW - DAY, HOUR),
        (NOW - 15 * DAY, 6 * HOUR),
    ],
)
def test_polls_come_closer_near_a_deadline(deadline: float | None, expected: float) -> None:
    assert wait_after_success(PACE, NOW, deadline, 0.0) == expected


@given(st.floats(-1e8, 1e8), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_longer_than_the_interval_nor_much_shorter_than_the_near_one(
    left: float, chance: float
) -> None:
    wait = wait_after_success(PACE, NOW, NOW + left, chance)
    assert 0.9 * PACE.near_interval <= wait <= PACE.interval


def test_first_polls_are_spread() -> None:
    assert [first_wait(PACE, chance) for chance in (0.0, 0.5)] == [0.0, 15.0]


def test_failures_back_off_to_a_cap_with_jitter() -> None:
    waits = [wait_after_failure(PACE, failures, 1.0) for failures in (1, 2, 3, 4, 400)]
    assert waits == [60, 120, 240, 480, 6 * HOUR]
    assert wait_after_failure(PACE, 1, 0.0) == 30


def test_a_refused_credential_rests_longer_each_time() -> None:
    assert [rest_after_refusal(PACE, times) for times in (1, 2, 3, 99)] == [
        0.5 * HOUR, HOUR, 2 * HOUR, DAY,
    ]  # fmt: skip


def test_a_device_that_refused_waits_longer_than_the_rest() -> None:
    assert wait_after_refusal(PACE, 1, 0.0) == 2 * rest_after_refusal(PACE, 1)
