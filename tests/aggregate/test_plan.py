"""Marks to hours."""

from monitor.aggregate.plan import Marks, planned

H = 3_600


def test_closed_hours_are_worked_and_open_ones_wait() -> None:
    plan = planned("d", Marks(touched=[2 * H, 0, H]), 0, 2 * H, 100)
    assert (plan.hours, plan.worked, plan.half, plan.whole) == ([0, H], [0, H], [], True)


def test_with_a_phase_a_mark_stands_for_two_hours() -> None:
    plan = planned("d", Marks(touched=[5 * H]), 600, 5 * H + 600, 100)
    assert (plan.hours, plan.worked, plan.half) == ([4 * H + 600], [], [5 * H])
    later = planned("d", Marks(touched=[5 * H], half=[5 * H]), 600, 6 * H + 600, 100)
    assert (later.hours, later.worked) == ([4 * H + 600, 5 * H + 600], [5 * H])


def test_the_first_half_is_worked_once_unless_readings_came_late() -> None:
    marks = Marks(touched=[5 * H], half=[5 * H])
    assert planned("d", marks, 600, 5 * H + 600, 100).hours == []
    late = Marks(touched=[5 * H], half=[5 * H], late=[5 * H])
    assert planned("d", late, 600, 5 * H + 600, 100).hours == [4 * H + 600]


def test_late_marks_count_where_the_store_has_none() -> None:
    assert planned("d", Marks(touched=[], late=[H]), 0, 9 * H, 100).worked == [H]


def test_more_than_the_budget_is_left_and_the_first_mark_kept() -> None:
    marks = Marks(touched=range(0, 200 * H, H))
    plan = planned("d", marks, 0, 200 * H, 1)
    assert plan.hours == list(range(0, 64 * H, H))
    assert plan.worked == list(range(H, 64 * H, H))
    assert not plan.whole
