"""When a device is polled next: pure arithmetic."""

from monitor.collect.ssh.schedule import (
    Pace,
    first_wait,
    rest_after_refusal,
    wait_after_failure,
    wait_after_no_line,
    wait_after_refusal,
)

HOUR, DAY = 3600.0, 86_400.0
PACE = Pace()


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


def test_a_device_without_a_free_line_waits_longer_than_one_that_fails() -> None:
    assert wait_after_no_line(PACE, 1, 1.0) == 4 * wait_after_failure(PACE, 1, 1.0)
