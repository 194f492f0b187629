"""The day a balance reaches 0: the line, what is not said, and how far it was off before."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.account import WEEK, Forecast, Outlook, WeekUse
from monitor.domain.device import Device
from monitor.domain.measurement import Measurement, Reason
from monitor.domain.pair import Pair, PairRoles, Rehearsal, Verdict
from monitor.domain.release import Stopping
from monitor.domain.state import Account, AckCycle, Balance, DeviceState, PairState
from monitor.evaluate.forecast import (
    FEWEST,
    account_weeks,
    forecast,
    forecasts_of,
    weekly_peaks,
)
from monitor.evaluate.trend import rises, theil_sen

NEWEST = 2900
NOW = (NEWEST + 1) * WEEK + 1000.0


def weeks(*licenses: int) -> tuple[WeekUse, ...]:
    first = NEWEST - len(licenses) + 1
    return tuple(
        WeekUse(start=(first + number) * WEEK, licenses=count, measured=1, consumers=1)
        for number, count in enumerate(licenses)
    )


def balance(
    purchased: int = 100,
    in_use: int = 50,
    consumers: int | None = None,
    said_in_use: int | None = None,
) -> Balance:
    return Balance(
        account="EMEA",
        tag="CUBE_T_STD",
        purchased=purchased,
        in_use=in_use,
        consumers=in_use if consumers is None else consumers,
        said_in_use=said_in_use,
    )


def drawn(licenses: Sequence[int], of: Balance | None = None) -> Forecast:
    return forecast(balance() if of is None else of, weeks(*licenses), NOW)


def test_a_steady_rise_names_the_day() -> None:
    found = drawn([40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62])
    assert found.outlook is Outlook.RISING
    assert (found.per_week, found.level) == (2, 62)
    # 19 more weeks at 2 a week, from the middle of the newest week.
    assert found.zero_at == pytest.approx((NEWEST + 0.5 + 19) * WEEK)
    assert found.earliest == pytest.approx(found.zero_at)
    assert "rise by 2.0 a week" in found.why
    assert found.licenses_at((NEWEST + 0.5 + 4) * WEEK) == pytest.approx(70)


def test_one_odd_week_hardly_matters() -> None:
    plain = drawn([40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62])
    odd = drawn([40, 42, 44, 96, 48, 50, 52, 54, 56, 0, 60, 62])
    assert plain.zero_at is not None
    assert odd.zero_at is not None
    assert abs(odd.zero_at - plain.zero_at) < WEEK


@pytest.mark.parametrize(
    ("licenses", "outlook"),
    [
        ([40, 42, 44, 46, 48], Outlook.TOO_LITTLE),
        ([50] * 12, Outlook.NO_TREND),
        ([62, 60, 58, 56, 54, 52, 50], Outlook.NO_TREND),
        ([50, 53, 48, 52, 49, 51, 50, 54, 47, 52], Outlook.NO_TREND),
        ([40, 40, 40, 40, 41, 41, 41, 42, 42, 42], Outlook.FAR_OFF),
    ],
)
def test_where_no_day_can_be_told_none_is(licenses: list[int], outlook: Outlook) -> None:
    found = drawn(licenses)
    assert (found.outlook, found.zero_at, found.earliest) == (outlook, None, None)
    assert found.why


def test_a_balance_that_is_used_up_has_no_day() -> None:
    found = drawn(list(range(40, 52)), balance(50, 50))
    assert (found.outlook, found.zero_at) == (Outlook.REACHED, None)
    # Our own measurement is above what CSSM has counted so far: it is now.
    late = drawn(list(range(90, 110)), balance(100, 50))
    assert (late.outlook, late.zero_at) == (Outlook.RISING, NOW)


def test_what_others_draw_on_the_account_stays_as_it_is() -> None:
    rising = [40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62]
    # CSSM counts 82 where our devices came to 62 at most.
    found = drawn(rising, balance(100, 82, consumers=50, said_in_use=82))
    assert (found.others, found.level) == (20, 82)
    assert found.zero_at == pytest.approx((NEWEST + 0.5 + 9) * WEEK)
    flat = drawn([50] * 8, balance(100, 70, consumers=50, said_in_use=70))
    assert flat.licenses_at(NOW + 99 * WEEK) == 70
    assert drawn([1]).licenses_at(NOW) is None


def test_the_past_says_how_far_it_is_off() -> None:
    found = drawn([*range(40, 60), 70])
    by_weeks = {one.weeks_ahead: one for one in found.backtests}
    assert set(by_weeks) == {1, 2, 4, 8}
    one = by_weeks[1]
    assert (one.last_said, one.last_came) == (60, 70)
    assert one.cases == 21 - FEWEST
    assert one.mean_error == pytest.approx(10 / one.cases)
    assert one.bias == pytest.approx(-10 / one.cases)
    assert found.earliest is not None
    assert found.zero_at is not None
    assert found.earliest < found.zero_at
    assert drawn([40, 42, 44, 46, 48, 50]).backtests == ()
    assert drawn([40, 42, 44, 46, 48, 50]).earliest is None


def test_weeks_of_consumers_add_up_without_counting_watch_as_growth() -> None:
    old = {NEWEST - number: 10 for number in range(8)}
    new = {NEWEST: 30, NEWEST - 1: 20}
    found = account_weeks([old, new], NOW)
    assert [one.licenses for one in found] == [30, 30, 30, 30, 30, 30, 30, 40]
    assert (found[0].measured, found[0].consumers) == (1, 2)
    gap = {NEWEST: 30, NEWEST - 3: 20}
    assert [one.licenses for one in account_weeks([old, gap], NOW)][-4:] == [30, 30, 30, 40]
    # Two of three were not measured in most weeks: those say nothing.
    assert len(account_weeks([old, new, new], NOW)) == 2


def test_the_running_week_and_old_ones_are_left_out() -> None:
    long = {NEWEST + 1 - number: number for number in range(60)}
    found = account_weeks([long], NOW)
    assert len(found) == 26
    assert found[-1].start == NEWEST * WEEK


def measured(tag: str, week: int, count: int | None, coverage: float = 1.0) -> Measurement:
    return Measurement(
        device="a",
        tag=tag,
        start=week * WEEK,
        end=(week + 1) * WEEK,
        units=None,
        count=count,
        coverage=coverage,
        minute_coverage=coverage,
        reason=Reason.PERIODIC,
        changed=False,
    )


def test_weak_measurements_move_nothing() -> None:
    assert weekly_peaks(
        [
            measured("CUBE_T_STD", 5, 10),
            measured("CUBE_T_STD", 5, 12),
            measured("CUBE_T_STD", 5, 99, 0.49),
            measured("CUBE_T_STD", 6, None),
            measured("CUBE_T_VGW", 5, 500),
            measured("AGG", 5, 50),
        ]
    ) == {"CUBE_T_STD": {5: 12}}


def device(name: str) -> DeviceState:
    return DeviceState(
        device=Device(id=name),
        now=0,
        release=None,
        stopping=Stopping.NEVER,
        cycle=AckCycle(),
        virtual_account="EMEA",
    )


def test_a_pair_is_one_consumer_and_an_upgrade_one_need() -> None:
    pair = PairState(
        pair=Pair(name="edge", members=("a", "b")),
        now=0,
        roles=PairRoles(),
        ready=None,
        rehearsal=Rehearsal(standby=None, lives=Verdict.UNKNOWN, headline=""),
    )
    series: dict[str, Mapping[str, Mapping[int, int]]] = {
        "a": {"CUBE_T_STD": {NEWEST - n: 10 for n in range(4, 8)}},
        "b": {
            "CUBE_T_STD": {NEWEST - n: 12 for n in range(4)},
            "CUBE_TS_STD": {NEWEST: 13},
        },
        "c": {"CUBE_T_ENH": {NEWEST: 5}},
    }
    (found,) = forecasts_of(
        Account(name="EMEA", purchased={"CUBE_T_STD": 100}),
        [balance()],
        [device("a"), device("b"), device("c")],
        [pair],
        weeks_of=lambda name: series.get(name, {}),
        now=NOW,
    )
    assert [one.licenses for one in found.weeks] == [10, 10, 10, 10, 12, 12, 12, 13]


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=30))
def test_the_line_lies_among_the_numbers_slopes(numbers: list[int]) -> None:
    points = [(float(week), float(number)) for week, number in enumerate(numbers)]
    line = theil_sen(points)
    steps = [after - before for before, after in pairwise(numbers)]
    assert min(steps) <= line.slope <= max(steps)
    if max(steps) <= 0:
        assert not rises(points)
