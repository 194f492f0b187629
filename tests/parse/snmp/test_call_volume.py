"""Rows of the call table on UTC seconds: overlaps, gaps, restarts, wraps, shifts, odd answers."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.parse.snmp.call_volume import SECONDS_TABLE, Volume, Window, volume
from monitor.wire import Absent, SnmpReport, SnmpValue

T = 1_795_428_000.0
BOOT = T - 5000.0
UPTIME = "1.3.6.1.2.1.1.3.0"
GAUGE = "1.3.6.1.4.1.9.9.63.1.3.8.1.1.2.2"


def calls(second: int) -> int:
    return second * 7919 % 23


def report(
    at: float,
    boot: float = BOOT,
    rtt: float = 0.01,
    shift: int = 0,
    rows: int = 60,
    wrong: int = 0,
) -> SnmpReport:
    """An answer at `at`; its rows lie `shift` seconds beside the uptime."""
    uptime = at - boot
    table: list[tuple[str, SnmpValue]] = [
        (f"{SECONDS_TABLE}.{row}", calls(round(boot) + int(uptime) - row + shift) + wrong)
        for row in range(1, rows + 1)
    ]
    ticks = int(uptime * 100) % (1 << 32)
    return answer([(UPTIME, ticks), *table], at, rtt)


def answer(varbinds: list[tuple[str, SnmpValue]], at: float, rtt: float = 0.0) -> SnmpReport:
    return SnmpReport(
        device="cube", address="192.0.2.1", asked=at - rtt / 2, received=at + rtt / 2,
        authenticated=False, varbinds=varbinds,
    )  # fmt: skip


def stored(volumes: list[Volume]) -> dict[int, int]:
    seconds: dict[int, int] = {}
    for one in volumes:
        for second, count in zip(one.readings.seconds, one.readings.counts, strict=True):
            seconds[second] = max(count, seconds.get(second, 0))
    return seconds


def play(reports: list[SnmpReport]) -> list[Volume]:
    window: Window | None = None
    volumes = []
    for one in reports:
        volumes.append(volume(one, "cube", window))
        window = volumes[-1].window
    return volumes


def events(volumes: list[Volume]) -> list[Mapping[str, object]]:
    return [event.as_json() for one in volumes for event in one.events]


def right(seconds: Mapping[int, int]) -> bool:
    return all(count == calls(second) for second, count in seconds.items())


@settings(max_examples=60, deadline=None)
@given(
    fraction=st.floats(0.0, 0.4),
    steps=st.lists(st.floats(1.0, 55.0), min_size=1, max_size=8),
    rtts=st.lists(st.floats(0.0, 0.15), min_size=9, max_size=9),
)
def test_whatever_the_polls_every_second_is_right(
    fraction: float, steps: list[float], rtts: list[float]
) -> None:
    times = [T]
    for step in steps:
        times.append(times[-1] + step)
    boot = BOOT - fraction
    volumes = play([report(at, boot, rtt) for at, rtt in zip(times, rtts, strict=False)])
    seconds = stored(volumes)
    assert right(seconds)
    assert sorted(seconds) == list(range(min(seconds), max(seconds) + 1))
    assert events(volumes) == []


def test_only_new_seconds_are_told_again() -> None:
    _, second = play([report(T), report(T + 10)])
    assert len(second.readings) == 11


def test_seconds_between_far_polls_are_a_gap() -> None:
    volumes = play([report(T), report(T + 70)])
    assert events(volumes) == [
        {"kind": "calls_gap", "start": int(T), "seconds": 10, "cause": "not_polled"}
    ]
    assert right(stored(volumes))


def test_a_restart_drops_rows_of_before_it() -> None:
    volumes = play([report(T), report(T + 40, boot=T + 20)])
    assert len(volumes[1].readings) == 20
    assert events(volumes) == [
        {"kind": "restarted", "manner": "unknown", "booted": int(T) + 20},
        {"kind": "calls_gap", "start": int(T), "seconds": 20, "cause": "restart"},
    ]


def test_a_restart_long_ago_is_seen_though_the_uptime_grew() -> None:
    volumes = play([report(T, boot=T - 100), report(T + 2000, boot=T + 500)])
    assert events(volumes)[0]["kind"] == "restarted"


def test_an_uptime_that_wraps_after_497_days_is_no_restart() -> None:
    boot = T + 20 - (1 << 32) / 100
    volumes = play([report(T, boot), report(T + 40, boot), report(T + 80, boot)])
    assert events(volumes) == []
    assert len(stored(volumes)) == 140


@pytest.mark.parametrize("shift", [1, -1, 2, -2])
def test_a_table_that_moves_beside_the_uptime_is_laid_over_the_one_before(shift: int) -> None:
    volumes = play([report(T), report(T + 20, shift=shift), report(T + 40, shift=shift)])
    assert right(stored(volumes))
    assert events(volumes) == []


def test_answers_that_disagree_are_said_and_nothing_told_is_changed() -> None:
    volumes = play([report(T), report(T + 20, wrong=1)])
    assert [event["cause"] for event in events(volumes)] == ["mismatch"]
    seconds = stored(volumes)
    assert right({second: count for second, count in seconds.items() if second < T})
    assert max(seconds) == int(T) + 19


def test_the_newest_second_may_still_grow() -> None:
    first = report(T)
    counting = [(oid, 0 if oid.endswith("1.3.1.1") else value) for oid, value in first.varbinds]
    volumes = play([answer(counting, T), report(T + 20)])
    assert right(stored(volumes))
    assert events(volumes) == []


def test_a_short_table_is_taken_as_it_is() -> None:
    [one] = play([report(T, rows=25)])
    assert sorted(stored([one])) == list(range(int(T) - 25, int(T)))


def test_an_answer_without_uptime_or_rows_tells_nothing() -> None:
    before = play([report(T)])[0].window
    odd: tuple[list[tuple[str, SnmpValue]], ...] = (
        [],
        [(UPTIME, Absent.NO_SUCH_OBJECT), (f"{SECONDS_TABLE}.1", 5)],
        [(UPTIME, 5), (f"{SECONDS_TABLE}.1", -1), (f"{SECONDS_TABLE}.61", 5)],
        [(UPTIME, 5), (f"{SECONDS_TABLE}.x", 5), (f"{SECONDS_TABLE}.2", b"no")],
        [(UPTIME, 5), (GAUGE, 5_000_000)],
    )
    for varbinds in odd:
        one = volume(answer(varbinds, T + 5), "cube", before)
        assert (len(one.readings), one.events, one.window) == (0, (), before)


def test_connections_stand_in_for_a_missing_table() -> None:
    one = volume(answer([(UPTIME, 500), (GAUGE, 14)], T), "cube", None)
    assert (list(one.readings.seconds), list(one.readings.counts)) == ([int(T)], [14])
    assert one.readings.series[0].source == "snmp_gauge"


def test_a_clock_that_was_set_moves_the_seconds_and_not_the_counts() -> None:
    volumes = play([report(T), report(T + 20, boot=BOOT + 3.0)])
    starts = [one.window.start for one in volumes if one.window is not None]
    assert [later - earlier for earlier, later in pairwise(starts)] == [3]
