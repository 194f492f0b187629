"""Measured beside reported: which period a count is about, and what is compared with nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from monitor.domain.device import Device
from monitor.domain.drift import Against, Drift
from monitor.domain.facts import Fact
from monitor.domain.findings import Severity
from monitor.domain.measurement import Measurement, Reason
from monitor.domain.state import DeviceState
from monitor.evaluate import Limits, judge_device
from monitor.evaluate.usage_drift import NAME

H = 3_600
STD, ENH, RED = "CUBE_T_STD", "CUBE_T_ENH", "CUBE_T_RED"

Facts = Callable[..., list[Fact]]


def period(end: int, count: int, tag: str = STD) -> Measurement:
    return Measurement(
        device="r1",
        tag=tag,
        start=end - 8 * H,
        end=end,
        units=36 * count,
        count=count,
        coverage=1.0,
        minute_coverage=1.0,
        reason=Reason.PERIODIC,
        changed=False,
    )


def judged(
    facts: Iterable[Fact],
    measured: Iterable[Measurement],
    now: float,
    limits: Limits | None = None,
) -> DeviceState:
    known = list(measured)

    def at(tag: str, instant: float) -> Measurement | None:
        mine = [one for one in known if one.tag == tag and one.end <= instant]
        newest = max(mine, key=lambda one: one.end, default=None)
        return newest if newest is not None and instant < newest.end + 8 * H else None

    return judge_device(
        Device(id="r1"), facts, last_seen={}, now=now, limits=limits or Limits(), measured=at
    )


def numbers(state: DeviceState) -> list[tuple[str, Against, int, int]]:
    return [(one.tag, one.against, one.ours, one.theirs) for one in state.drifts]


def said_by(state: DeviceState) -> list[str]:
    return [one.why for one in state.findings if one.rule == NAME]


def test_a_request_is_about_the_period_that_has_just_ended(now: int, told: Facts) -> None:
    end = now - 2 * H
    facts = told(end + 0.2, STD, requested_count=20)
    state = judged(facts, [period(end - 8 * H, 90), period(end, 12), period(now, 50)], now)
    assert numbers(state) == [(STD, Against.REQUESTED, 12, 20)]
    (found,) = [one for one in state.findings if one.rule == NAME]
    assert (found.step, found.severity, found.subject) == (STD, Severity.INFO, "r1")
    assert "12 measured, 20 requested" in found.why
    assert found.evidence[0].value == "20, ours 12"


def test_a_clock_that_is_behind_by_seconds_changes_no_period(now: int, told: Facts) -> None:
    end = now - 2 * H
    facts = told(end - 30, STD, requested_count=12)
    state = judged(facts, [period(end - 8 * H, 90), period(end, 12)], now)
    assert [(one.ours, one.beyond) for one in state.drifts] == [(12, False)]


def test_a_shown_count_is_about_the_last_period_before_it(now: int, said: Facts) -> None:
    facts = said(now - 3 * H, STD, usage_count=12)
    state = judged(facts, [period(now - 5 * H, 12), period(now - H, 40)], now)
    assert numbers(state) == [(STD, Against.SHOWN, 12, 12)]
    assert said_by(state) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "beyond"),
    [(10, 11, False), (10, 12, True), (100, 102, False), (100, 98, False), (100, 97, True)],
)
def test_one_licence_or_two_percent_is_tolerated(
    now: int, said: Facts, ours: int, theirs: int, beyond: bool
) -> None:
    state = judged(said(now - H, STD, usage_count=theirs), [period(now - 2 * H, ours)], now)
    (one,) = state.drifts
    assert (one.difference, one.beyond) == (ours - theirs, beyond)
    assert bool(said_by(state)) is beyond


def test_tolerance_is_configured(now: int, said: Facts) -> None:
    limits = Limits(drift_licenses=5, drift_percent=50)
    state = judged(said(now - H, STD, usage_count=19), [period(now - 2 * H, 10)], now, limits)
    assert [one.tolerance for one in state.drifts] == [9.5]
    assert said_by(state) == []


@pytest.mark.parametrize(
    "change",
    [
        {"minute_coverage": 0.4},
        {"reason": Reason.FAILOVER},
        {"reason": Reason.OPEN},
        {"count": None},
    ],
    ids=["weak", "failover", "open", "no count"],
)
def test_what_is_compared_with_nothing(now: int, said: Facts, change: dict[str, object]) -> None:
    ours = replace(period(now - 2 * H, 10), **change)  # type: ignore[arg-type]  # fields of it
    assert judged(said(now - H, STD, usage_count=90), [ours], now).drifts == ()


def test_a_young_count_waits_and_is_judged_by_the_clock(now: int, told: Facts) -> None:
    end = now - 60
    facts = told(end + 0.5, STD, requested_count=90)
    state = judged(facts, [period(end, 10)], now)
    assert state.drifts == ()
    assert state.next_due == end + 0.5 + 600
    assert [one.theirs for one in judged(facts, [period(end, 10)], end + 601).drifts] == [90]


def test_periods_that_end_at_other_hours_are_not_compared(
    now: int, told: Facts, said: Facts
) -> None:
    ours = [period(now - 6 * H, 10)]
    facts = [
        *told(now - 3 * H, STD, requested_count=90),
        *said(now - H, STD, usage_count=90),
        *said(now - H, "", dynamic_usage_count=90),
    ]
    assert judged(facts, ours, now).drifts == ()


def test_nothing_measured_for_the_period_is_no_drift(now: int, said: Facts) -> None:
    assert judged(said(now - H, STD, usage_count=90), [period(now - 30 * H, 10)], now).drifts == ()


def test_a_tag_that_left_the_list_is_not_compared(now: int, said: Facts) -> None:
    facts = [*said(now - 3 * H, STD, usage_count=90), *said(now - H, ENH, usage_count=7)]
    ours = [period(now - 4 * H, 10), period(now - 4 * H, 7, ENH)]
    assert numbers(judged(facts, ours, now)) == [(ENH, Against.SHOWN, 7, 7)]


def test_the_dynamic_count_is_the_sum_of_the_tags(now: int, said: Facts) -> None:
    facts = [
        *said(now - H, STD, usage_count=10),
        *said(now - H, ENH, usage_count=7),
        *said(now - H, "", dynamic_usage_count=30),
    ]
    ours = [period(now - 4 * H, 10), period(now - 4 * H, 7, ENH)]
    state = judged(facts, ours, now)
    assert numbers(state)[0] == ("AGG", Against.SHOWN, 17, 30)
    assert numbers(judged(facts, ours[:1], now)) == [(STD, Against.SHOWN, 10, 10)]
    young = said(now - 30, "", dynamic_usage_count=30)
    assert "AGG" not in {one.tag for one in judged([*facts[:2], *young], ours, now).drifts}


def test_cssm_counts_what_it_last_heard_of(now: int, said: Facts) -> None:
    facts = [
        *said(now - H, STD, cssm_count=50),
        *said(now - H, "", cssm_listed=1),
        *said(now - H, "", cssm_last_contact=now - 10 * H),
    ]
    ours = [period(now - 12 * H, 10), period(now - 4 * H, 50)]
    assert numbers(judged(facts, ours, now)) == [(STD, Against.CSSM, 10, 50)]
    assert judged(facts[:2], ours, now).drifts == ()


def test_static_capacity_is_no_usage(now: int, said: Facts) -> None:
    facts = [
        *said(now - H, "", release="16.11.1", licensed_capacity=100),
        *said(now - H, STD, usage_count=90),
    ]
    assert judged(facts, [period(now - 2 * H, 10)], now).drifts == ()


def test_a_value_that_is_no_number_is_passed_by(now: int, said: Facts) -> None:
    facts = said(now - H, STD, usage_count="many")
    assert judged(facts, [period(now - 2 * H, 10)], now).drifts == ()


def test_without_measurements_there_is_nothing(now: int, said: Facts) -> None:
    state = judge_device(
        Device(id="r1"),
        said(now - H, STD, usage_count=90),
        last_seen={},
        now=now,
        limits=Limits(),
    )
    assert state.drifts == ()


def test_a_drift_of_exactly_the_tolerance_is_within() -> None:
    one = Drift(
        device="r1",
        tag=STD,
        against=Against.CSSM,
        start=0,
        end=8 * H,
        ours=10,
        theirs=11,
        source="cssm",
        at=9.0 * H,
        tolerance=1,
    )
    assert not one.beyond
    assert one.difference == -1
