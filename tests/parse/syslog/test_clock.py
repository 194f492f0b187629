"""Stamps to instants: the year nearest to reception, zones that are known, marks of the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.instants import DAY, instant, rfc3339
from monitor.parse import syslog
from monitor.parse.syslog.clock import AHEAD, BEHIND, DeviceTime


def device_time(stamp: str, received: str, zones: dict[str, int] | None = None) -> DeviceTime:
    at = instant(received)
    message = syslog.read(f"<189>1: {stamp}: %SYS-5-X: y".encode(), at)
    return syslog.when(message.stamp, at, zones or {})


def text(stamp: str, received: str, zones: dict[str, int] | None = None) -> str | None:
    time = device_time(stamp, received, zones).time
    return None if time is None else rfc3339(time)


@pytest.mark.parametrize(
    ("stamp", "received", "expected"),
    [
        ("Dec 31 23:59:59", "2021-01-01T00:00:05Z", "2020-12-31T23:59:59Z"),
        ("Jan  1 00:00:02", "2020-12-31T23:59:58Z", "2021-01-01T00:00:02Z"),
        ("Dec 31 23:59:59", "2020-12-31T23:59:59Z", "2020-12-31T23:59:59Z"),
        ("Jan  1 00:00:00 UTC+5", "2021-01-01T00:00:05Z", "2020-12-31T19:00:00Z"),
        ("Jul  1 12:00:00", "2021-12-30T12:00:00Z", "2021-07-01T12:00:00Z"),
        ("Jul  1 12:00:00", "2021-01-01T12:00:00Z", "2021-07-01T12:00:00Z"),
        ("Jul  3 12:00:00", "2021-01-01T12:00:00Z", "2020-07-03T12:00:00Z"),
    ],
)
def test_rsyslog_4765_a_missing_year_is_the_one_nearest_to_reception(
    stamp: str, received: str, expected: str
) -> None:
    assert text(stamp, received) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2024-02-29T12:00:01Z", "2024-02-29T12:00:00Z"),
        ("2025-02-28T12:00:00Z", "2024-02-29T12:00:00Z"),
        ("2027-06-01T12:00:00Z", "2028-02-29T12:00:00Z"),
        ("2098-02-28T12:00:00Z", "2096-02-29T12:00:00Z"),
        ("2101-02-28T12:00:00Z", "2104-02-29T12:00:00Z"),
    ],
)
def test_29_february_belongs_to_the_nearest_leap_year(received: str, expected: str) -> None:
    assert text("Feb 29 12:00:00", received) == expected


@given(st.integers(0, 4_000_000_000))
def test_a_message_of_this_moment_gets_its_own_year(second: int) -> None:
    moment = rfc3339(second)
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - shorter
    stamp = f"{months[int(moment[5:7]) - 1]} {int(moment[8:10]):2} {moment[11:19]}"

    assert text(stamp, moment) == moment


ZONES = {"CET": 3600, "CEST": 7200}


def test_both_hours_of_a_clock_put_back_are_told_apart_by_their_words() -> None:
    received = "2021-10-31T01:30:01Z"

    assert text("Oct 31 02:30:00 CEST", received, ZONES) == "2021-10-31T00:30:00Z"
    assert text("Oct 31 02:30:00 CET", received, ZONES) == "2021-10-31T01:30:00Z"


def test_an_hour_that_a_clock_put_forward_never_had_is_read_as_its_word_says() -> None:
    assert text("Mar 28 02:30:00 CET", "2021-03-28T01:30:00Z", ZONES) == "2021-03-28T01:30:00Z"


@pytest.mark.parametrize("word", ["IST", "est", "CST", "NewYork", "America/New_York", "MDT"])
def test_unknown_zone_words_are_never_guessed(word: str) -> None:
    assert device_time(f".Apr  3 2021 15:12:00 {word}", "2021-04-03T15:12:00Z") == DeviceTime(
        time=None, clock="lost"
    )


def test_zone_words_are_matched_in_any_case() -> None:
    assert text("Apr  3 2021 20:42:00 ist", "2021-04-03T15:12:00Z", {"IST": 19_800}) == (
        "2021-04-03T15:12:00Z"
    )


@pytest.mark.parametrize("word", ["UTC", "utc", "GMT", "Z", "UTC+0", "+00:00"])
def test_utc_is_known_and_cannot_be_moved(word: str) -> None:
    assert text(f"Apr  3 2021 15:12:00 {word}", "2021-04-03T15:12:00Z", {"UTC": 3600}) == (
        "2021-04-03T15:12:00Z"
    )


def test_a_stamp_without_a_zone_word_is_utc_unless_the_device_has_a_default() -> None:
    stamp, received = "Apr  3 2021 15:12:00", "2021-04-03T15:12:00Z"

    assert text(stamp, received) == "2021-04-03T15:12:00Z"
    assert text(stamp, received, {"": -18_000}) == "2021-04-03T20:12:00Z"


@pytest.mark.parametrize(
    "stamp",
    [
        "Feb 30 12:00:00",
        "Feb 29 2023 12:00:00",
        "Apr  3 24:00:00",
        "Apr  3 12:60:00",
        "Apr  3 12:00:61",
        "0000-01-01T00:00:00Z",
    ],
)
def test_an_impossible_date_is_no_time(stamp: str) -> None:
    assert device_time(stamp, "2021-04-03T15:12:00Z") == DeviceTime(time=None, clock="synchronised")


def test_a_leap_second_is_the_next_second() -> None:
    assert text("Dec 31 2016 23:59:60 UTC", "2017-01-01T00:00:00Z") == "2017-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("mark", "clock"), [("", "synchronised"), ("*", "unsynchronised"), (".", "lost")]
)
def test_the_mark_in_front_says_the_state_of_the_clock(mark: str, clock: str) -> None:
    seen = device_time(f"{mark}Apr  3 15:12:00", "2021-04-03T15:12:00Z")

    assert (seen.clock, seen.time) == (clock, instant("2021-04-03T15:12:00Z"))


def test_no_stamp_and_an_uptime_are_an_unknown_clock() -> None:
    nothing = DeviceTime(time=None, clock="unknown")

    assert syslog.when(None, 0.0, {}) == nothing
    assert device_time("2y10w", "2021-04-03T15:12:00Z") == nothing


NOW = 1_617_463_000.0


@pytest.mark.parametrize(
    ("time", "clock", "expected"),
    [
        (NOW - 3.0, "synchronised", NOW - 3.0),
        (NOW + AHEAD, "synchronised", NOW + AHEAD),
        (NOW + AHEAD + 1, "synchronised", NOW),
        (NOW - BEHIND, "synchronised", NOW - BEHIND),
        (NOW - BEHIND - 1, "synchronised", NOW),
        (NOW - 3.0, "unsynchronised", NOW),
        (NOW - 3.0, "lost", NOW),
        (None, "synchronised", NOW),
        (None, "unknown", NOW),
    ],
)
def test_effective_is_the_device_time_only_where_it_can_be_trusted(
    time: float | None, clock: syslog.Clock, expected: float
) -> None:
    assert syslog.effective(DeviceTime(time=time, clock=clock), NOW) == expected


def test_the_limits_of_effective_time_are_arguments() -> None:
    late = DeviceTime(time=NOW - 2 * DAY, clock="synchronised")

    assert syslog.effective(late, NOW, behind=DAY) == NOW
    assert syslog.effective(late, NOW, behind=3 * DAY) == NOW - 2 * DAY
