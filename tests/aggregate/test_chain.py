"""Hours to measurements, one test a sentence of the law."""

from collections.abc import Iterable

import pytest

from monitor.aggregate.chain import (
    Advance,
    Gap,
    Hour,
    Name,
    Progress,
    advance,
    open_period,
    resumed,
)
from monitor.aggregate.rules import NEVER_ACTIVE, DeviceRules, active_times
from monitor.domain.measurement import Measurement, Reason
from monitor.domain.pair import RoleInterval
from monitor.errors import ConfigError

NAME = Name("cube-1", "CUBE_T_STD")
H = 3_600
EIGHT = DeviceRules(periods=((0, 8),))
PERIODIC, CHANGE = Reason.PERIODIC, Reason.CHANGE


def hours(*values: float | None, start: int = 0) -> list[Hour]:
    """Hours in a row, given in sessions; a quarter of each is covered."""
    return [
        Hour(
            (start + at) * H,
            None if value is None else round(value * 36),
            0 if value is None else 900,
            0 if value is None else 15,
        )
        for at, value in enumerate(values)
    ]


def chain(rows: list[Hour], closed: int, rules: DeviceRules = EIGHT, start: int = 0) -> Advance:
    return advance(NAME, rules, Progress(start=start * H), rows, closed=closed * H)


def short(measurements: tuple[Measurement, ...]) -> list[tuple[int, int, float | None, Reason]]:
    return [(m.start // H, m.end // H, m.value, m.reason) for m in measurements]


def test_the_worked_example() -> None:
    done = chain(hours(13, 13, 14, 12, 15, 15, 9, 9, 18.75, 19), 10)
    assert short(done.measurements) == [(0, 8, 15, PERIODIC), (8, 10, 19, CHANGE)]
    assert [m.count for m in done.measurements] == [15, 19]
    assert [m.changed for m in done.measurements] == [False, True]
    assert done.progress == Progress(start=10 * H, last=19 * 36)
    shown = open_period(NAME, EIGHT, done.progress, 10 * H)
    assert shown is not None
    assert (shown.start, shown.end) == (10 * H, 18 * H)
    assert (shown.value, shown.count, shown.coverage, shown.minute_coverage) == (None, None, 0, 0)


def test_the_first_period_has_no_change() -> None:
    assert short(chain(hours(1, 100, 1000), 8).measurements) == [(0, 8, 1000, PERIODIC)]


def test_exactly_a_quarter_more_is_no_change() -> None:
    done = chain(hours(*[4] * 8, 5), 16)
    assert short(done.measurements) == [(0, 8, 4, PERIODIC), (8, 16, 5, PERIODIC)]
    assert not done.measurements[1].changed


def test_a_36th_over_a_quarter_is_a_change() -> None:
    done = chain(hours(*[4] * 8, 5 + 1 / 36), 9)
    assert short(done.measurements)[1] == (8, 9, 181 / 36, CHANGE)


def test_a_change_in_the_last_hour_of_a_period_is_a_change() -> None:
    done = chain(hours(*[4] * 8, *[4] * 7, 6), 16)
    assert short(done.measurements)[1] == (8, 16, 6, CHANGE)


def test_after_a_change_a_full_period_begins_and_compares_with_it() -> None:
    done = chain(hours(*[4] * 8, 6, *[7] * 8), 17)
    assert short(done.measurements)[1:] == [(8, 9, 6, CHANGE), (9, 17, 7, PERIODIC)]


def test_from_nothing_anything_is_a_change() -> None:
    done = chain(hours(*[0] * 8, 0, 1 / 36), 10)
    assert short(done.measurements)[1] == (8, 10, 1 / 36, CHANGE)
    again = chain(hours(*[0] * 16), 16).measurements
    assert [m.changed for m in again] == [False, False]


@pytest.mark.parametrize(("value", "changed"), [(3, False), (3 - 1 / 36, True), (0, True)])
def test_a_fall_is_known_at_the_end_of_the_period(value: float, *, changed: bool) -> None:
    done = chain(hours(*[4] * 8, *[value] * 8), 16)
    assert done.measurements[1].reason is PERIODIC
    assert done.measurements[1].changed is changed


def test_a_period_without_a_value_records_nothing_and_the_grid_goes_on() -> None:
    done = chain([*hours(4), *hours(9, start=30)], 32)
    assert short(done.measurements) == [(0, 8, 4, PERIODIC), (24, 31, 9, CHANGE)]
    assert done.gaps == (Gap(8 * H, 24 * H, 2),)


def test_the_last_value_counts_however_old() -> None:
    years = 24 * 3650
    done = chain([*hours(4), *hours(5, 5.1, start=years)], years + 2)
    assert done.measurements[1].reason is CHANGE
    assert (done.measurements[1].start, done.measurements[1].end) == (years * H, (years + 2) * H)


def test_hours_without_a_value_make_a_gap_too() -> None:
    done = chain(hours(4, *[None] * 23), 24)
    assert short(done.measurements) == [(0, 8, 4, PERIODIC)]
    assert done.gaps == (Gap(8 * H, 24 * H, 2),)
    assert done.progress.seconds == 0


def test_a_new_length_holds_from_the_next_period_also_over_a_gap() -> None:
    rules = DeviceRules(periods=((0, 8), (20 * H, 24)))
    done = chain([*hours(4), *hours(4, start=73)], 100, rules)
    # 0-8, gaps 8-16 and 16-24 still of 8 hours, then of 24.
    assert done.gaps == (Gap(8 * H, 72 * H, 4),)
    assert short(done.measurements)[1] == (72, 96, 4, PERIODIC)


def test_coverage_is_over_all_hours_of_the_period_or_those_elapsed() -> None:
    done = chain(hours(*[4] * 8, 4, 6), 10)
    periodic, change = done.measurements
    assert (periodic.coverage, periodic.minute_coverage) == (0.25, 0.25)
    assert (change.coverage, change.minute_coverage) == (0.25, 0.25)
    half = chain(hours(*[4] * 4), 8).measurements[0]
    assert (half.coverage, half.minute_coverage) == (0.125, 0.125)


def test_an_open_period_shows_its_closed_hours() -> None:
    done = chain(hours(4, 5), 4)
    shown = open_period(NAME, EIGHT, done.progress, 4 * H)
    assert shown is not None
    assert (shown.value, shown.count, shown.coverage) == (5, None, 0.125)
    assert shown.reason is Reason.OPEN
    assert not shown.changed


@pytest.mark.parametrize("cut", range(40))
def test_a_chain_goes_on_from_any_hour(cut: int) -> None:
    values = [4, None, 5, 6, *[None] * 17, 9, 2, 2, *[1] * 16]
    rules = DeviceRules(periods=((0, 8), (10 * H, 9)))
    whole = chain(hours(*values), 40, rules)
    first = chain(hours(*values)[:cut], cut, rules)
    rest = advance(NAME, rules, first.progress, hours(*values)[cut:], closed=40 * H)
    assert first.measurements + rest.measurements == whole.measurements
    assert rest.progress == whole.progress


def test_a_chain_goes_on_from_any_measurement() -> None:
    values = [4, None, 5, 6, *[None] * 17, 9, 2, 2, *[1] * 16]
    whole = chain(hours(*values), 40)
    for at, measurement in enumerate(whole.measurements):
        later = [hour for hour in hours(*values) if hour.start >= measurement.end]
        rest = advance(NAME, EIGHT, resumed(measurement), later, closed=40 * H)
        assert rest.measurements == whole.measurements[at + 1 :]


def test_versions_are_written() -> None:
    done = advance(NAME, EIGHT, Progress(start=0), hours(4), closed=8 * H, version=3)
    assert [m.version for m in done.measurements] == [3]


def test_a_changed_phase_covers_nothing_twice() -> None:
    rows = [Hour(at * 1800, 36, 3600, 60) for at in range(16)]
    assert chain(rows, 8).measurements[0].coverage == 1


# High availability: a box-to-box pair. The times are those of being the active one.


def member(*active: tuple[float, float | None], days: int | None = None) -> DeviceRules:
    return DeviceRules(periods=((0, 24 * days if days else 8),), active=active)


def spans(done: Advance) -> list[tuple[int, int, float | None, str]]:
    return [(m.start, m.end, m.value, m.reason.value) for m in done.measurements]


def passed(rules: DeviceRules, values: Iterable[Hour], closed: int) -> Advance:
    return advance(NAME, rules, Progress(start=0), values, closed=closed)


def test_a_failover_closes_the_period_at_the_next_whole_hour() -> None:
    done = passed(member((0, 2.5 * H)), hours(4, 5, 6, 9, 9), 6 * H)
    assert spans(done) == [(0, 3 * H, 6, "failover")]
    assert not done.measurements[0].changed
    # From then on it is a standby.
    assert open_period(NAME, member((0, 2.5 * H)), done.progress, 6 * H) is None


def test_a_failover_on_the_hour_that_begins_a_period_records_nothing() -> None:
    done = passed(member((0, 8 * H)), hours(*[4] * 9), 12 * H)
    assert spans(done) == [(0, 8 * H, 4, "periodic")]
    change = passed(member((0, 9.5 * H)), hours(*[4] * 9, 6), 12 * H)
    assert spans(change) == [(0, 8 * H, 4, "periodic"), (8 * H, 10 * H, 6, "change")]


def test_a_takeover_starts_a_full_period_at_its_whole_hour() -> None:
    rules = member((3 * 24 * H + 1_000, None), days=5)
    done = passed(rules, hours(*[7] * 24 * 9), 9 * 24 * H)
    assert spans(done) == [(3 * 24 * H, 8 * 24 * H, 7, "periodic")]


def test_a_failover_sets_the_value_that_the_next_turn_compares_with() -> None:
    rules = member((0, 2 * H), (5 * H + 1, None))
    done = passed(rules, hours(8, 8, 99, 99, 99, 10, 11), 7 * H)
    assert spans(done) == [(0, 2 * H, 8, "failover"), (5 * H, 7 * H, 11, "change")]


def test_a_turn_without_any_reading_is_a_gap() -> None:
    done = passed(member((0, 2 * H), (4 * H, None)), [], 4 * H + 8 * H)
    assert done.measurements == ()
    assert done.gaps == (Gap(0, 2 * H, 1), Gap(4 * H, 12 * H, 1))


def test_an_hour_in_which_the_role_went_and_came_back_counts_once() -> None:
    rules = member((0, 2 * H + 600), (2 * H + 1_200, None))
    done = passed(rules, hours(4, 4, 9, 2, 2, 2, 2, 2, 2, 2, 2), 11 * H)
    assert spans(done) == [(0, 3 * H, 9, "failover"), (3 * H, 11 * H, 2, "periodic")]


def test_a_member_that_never_was_active_measures_nothing() -> None:
    done = passed(DeviceRules(active=NEVER_ACTIVE), hours(4, 5), 400 * H)
    assert (done.measurements, done.gaps) == ((), ())


def roles(*them: tuple[str, float, float | None]) -> list[RoleInterval]:
    return [RoleInterval(device=name, start=start, end=end) for name, start, end in them]


def test_times_of_being_active_are_those_of_the_member() -> None:
    known = roles(("a", 0, 50.0), ("b", 50.0, 90.0), ("a", 95.0, None))
    assert active_times("a", known) == ((0, 50.0), (95.0, None))
    assert active_times("b", known) == ((50.0, 90.0),)
    assert active_times("c", known) == NEVER_ACTIVE
    assert active_times("a", ()) == ()


def test_before_roles_are_known_every_member_is_measured() -> None:
    known = roles(("a", 50.0, 90.0), ("b", 90.0, None))
    assert active_times("a", known) == ((0, 90.0),)
    assert active_times("b", known) == ((0, 50.0), (90.0, None))


@pytest.mark.parametrize("active", [((5.0, 3.0),), ((0, None), (9.0, None)), ((4, 9), (8, 10))])
def test_times_that_overlap_are_refused(active: tuple[tuple[float, float | None], ...]) -> None:
    with pytest.raises(ConfigError, match="must rise"):
        DeviceRules(active=active)
