"""What is due on a device and when: tables over a pure function."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.ssh.commands import POLLED, Show, bearable
from monitor.collect.ssh.footprint import Budget, Footprint, Spent, affordable
from monitor.collect.ssh.plan import Asked, Known, Plan, due, fact_interval, wait
from monitor.collect.ssh.schedule import Pace

HOUR, DAY = 3600.0, 86_400.0
NOW = 1_600_000_000.0
PACE = Pace()
PLAN = Plan(pace=PACE, commands=POLLED)
FACTS = tuple(one for one in POLLED if one not in {Show.CLOCK, Show.VOICE_LICENSE_STATS})
CLOCK, STATS = Show.CLOCK, Show.VOICE_LICENSE_STATS
PAIR = (Show.REDUNDANCY_STATES, Show.REDUNDANCY_GROUP)
HEAVY = [
    Show.LICENSE_ALL,
    Show.LICENSE_TECH_SUPPORT,
    Show.LICENSE_RUM_ALL,
    Show.LICENSE_RUM_DETAIL,
]


def polled(ago: float, *commands: Show) -> dict[Show, Asked]:
    return {one: Asked(NOW - ago) for one in commands}


NEAR = Known(deadline=NOW + 3 * DAY)


@pytest.mark.parametrize(
    ("history", "known", "expected"),
    [
        ({}, Known(), POLLED),
        ({}, Known(pair=True), (*POLLED, *PAIR)),
        (polled(0, *POLLED), Known(), ()),
        (polled(0.5 * HOUR, *POLLED), Known(pair=True), (CLOCK, *PAIR)),
        (polled(0.5 * HOUR, *POLLED), Known(), ()),
        (polled(HOUR, *POLLED), Known(), (CLOCK, STATS)),
        (polled(0.95 * HOUR, *POLLED), Known(), (CLOCK, STATS)),
        (polled(HOUR, *POLLED, *PAIR), Known(pair=True), (CLOCK, STATS, *PAIR)),
        (polled(HOUR, *POLLED), NEAR, POLLED),
        (polled(6 * HOUR, *POLLED), Known(), POLLED),
        (polled(5.5 * HOUR, *POLLED), Known(), POLLED),
        (polled(6 * HOUR, *FACTS) | polled(60, STATS, CLOCK), Known(), (CLOCK, *FACTS)),
        (polled(9 * HOUR, CLOCK) | polled(60, STATS, *FACTS), Known(), ()),
        (polled(-DAY, *POLLED), Known(), POLLED),
        (polled(0, *POLLED) | {STATS: Asked(NOW - HOUR, taken=False)}, Known(), ()),
        (polled(0, *POLLED) | {STATS: Asked(NOW - DAY, taken=False)}, Known(), (CLOCK, STATS)),
    ],
)
def test_what_is_due(history: dict[Show, Asked], known: Known, expected: tuple[Show, ...]) -> None:
    ordered = [*POLLED, *PAIR]
    assert due(PLAN, history, known, NOW) == tuple(one for one in ordered if one in expected)


@pytest.mark.parametrize(
    ("history", "known", "expected"),
    [
        ({}, Known(), 0.0),
        (polled(0, *POLLED), Known(), HOUR),
        (polled(0.5 * HOUR, *POLLED), Known(), 0.5 * HOUR),
        (polled(0, *FACTS, CLOCK), Known(), 0.0),
        (polled(0, *POLLED) | {STATS: Asked(NOW, taken=False)}, Known(), 6 * HOUR),
        (polled(0, *POLLED) | {STATS: Asked(NOW, taken=False)}, NEAR, HOUR),
        (polled(9 * HOUR, CLOCK) | polled(0, STATS, *FACTS), Known(), HOUR),
    ],
)
def test_when_something_is_due(history: dict[Show, Asked], known: Known, expected: float) -> None:
    assert wait(PLAN, history, known, NOW, 0.0) == expected


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
    assert fact_interval(PACE, NOW, deadline) == expected


@given(
    st.dictionaries(
        st.sampled_from(POLLED), st.builds(Asked, st.floats(NOW - 9 * DAY, NOW), st.booleans())
    ),
    st.builds(Known, deadline=st.none() | st.floats(NOW - 30 * DAY, NOW + 30 * DAY)),
    st.floats(0, 1, exclude_max=True),
)
def test_something_is_due_after_the_wait_and_the_wait_is_bounded(
    history: dict[Show, Asked], known: Known, chance: float
) -> None:
    seconds = wait(PLAN, history, known, NOW, chance)
    assert 0 <= seconds <= DAY
    assert due(PLAN, history, known, NOW + seconds + 0.001)


PUSHES = Known(deadline=NOW + 240, next_push=NOW)
"""As healthy routers have it every month: pushed four minutes before the deadline."""


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (NOW - HOUR / 2, NOW + 120),
        (NOW + 60, NOW + 120),
        (NOW + 120, NOW + 220),
        (NOW + 220, NOW + 220 + HOUR),
    ],
)
def test_facts_are_asked_right_after_a_push_and_right_before_a_deadline(
    asked: float, expected: float
) -> None:
    history = {one: Asked(asked) for one in POLLED}
    soon = asked + 1

    assert soon + wait(PLAN, history, PUSHES, soon, 0) == expected


def test_an_hourly_figure_does_not_wait_for_a_push() -> None:
    history = {one: Asked(NOW - 60) for one in POLLED}

    assert STATS not in due(PLAN, history, PUSHES, NOW + 121)
    assert set(FACTS) <= set(due(PLAN, history, PUSHES, NOW + 121))


def test_a_clock_alone_is_polled_like_a_fact() -> None:
    plan = replace(PLAN, commands=(CLOCK,))
    assert due(plan, {}, Known(), NOW) == (CLOCK,)
    assert due(plan, polled(HOUR, CLOCK), Known(), NOW) == ()
    assert wait(plan, polled(HOUR, CLOCK), Known(), NOW, 0.0) == 5 * HOUR


@pytest.mark.parametrize("command", HEAVY)
@pytest.mark.parametrize(
    ("release", "allowed"),
    [
        (None, False), ("soon", False), ("17.3", False),
        ("16.12.4", True), ("17.3.2", True), ("17.3.2a", False), ("17.03.04a", False),
        ("17.3.6", False), ("17.3.7", True), ("17.4.1", False), ("17.4.1b", False),
        ("17.5.1a", False), ("17.6.1a", False), ("17.6.4", False), ("17.6.5", True),
        ("17.7.1", False), ("17.9.1", True), ("17.18.1a", True),
    ],
)  # fmt: skip
def test_commands_that_walk_reports_are_kept_from_releases_that_cannot_bear_them(
    command: Show, release: str | None, allowed: bool
) -> None:
    assert bearable(command, release) is allowed
    plan = replace(PLAN, commands=(Show.VERSION, command))
    assert (command in due(plan, {}, Known(release=release), NOW)) is allowed


def test_where_nothing_may_be_asked_the_clock_is() -> None:
    plan = replace(PLAN, commands=(Show.LICENSE_ALL,))
    assert due(plan, {}, Known(), NOW) == (CLOCK,)


def test_a_budget_pays_for_facts_first() -> None:
    wanted = (CLOCK, Show.LICENSE_STATUS, STATS)
    assert affordable(wanted, None, Spent()) == wanted
    assert affordable(wanted, Budget(commands=10), Spent(commands=7)) == wanted
    assert affordable(wanted, Budget(commands=10), Spent(commands=8)) == wanted[:2]
    assert affordable(wanted, Budget(commands=10), Spent(commands=9)) == (Show.LICENSE_STATUS,)
    assert affordable(wanted, Budget(commands=10), Spent(commands=12)) == ()
    assert affordable(wanted, Budget(seconds=5), Spent(seconds=5)) == ()


def test_a_footprint_forgets_what_is_a_day_old() -> None:
    footprint = Footprint()
    footprint.add(0, 3, 1.5)
    footprint.add(HOUR, 2, 0.5)
    assert footprint.spent(HOUR) == Spent(logins=2, commands=5, seconds=2.0)
    assert footprint.spent(DAY) == Spent(logins=1, commands=2, seconds=0.5)
    assert footprint.spent(2 * DAY) == Spent()


@pytest.mark.parametrize(
    ("history", "release", "typed"),
    [
        ({}, "17.9.4a", True),
        ({}, "17.15.1a", True),
        ({}, None, False),
        ({}, "17.6.3", False),  # field notice FN72578
        ({}, "17.6.5", False),  # does not know the command
        (polled(23 * HOUR, Show.LICENSE_RUM_ALL), "17.9.4a", True),
        (polled(20 * HOUR, Show.LICENSE_RUM_ALL), "17.9.4a", False),
    ],
)
def test_usage_reports_are_listed_once_a_day_where_the_release_bears_it(
    history: dict[Show, Asked], release: str | None, typed: bool
) -> None:
    asked = due(PLAN, polled(0, *POLLED) | history, Known(release=release), NOW)
    assert (Show.LICENSE_RUM_ALL in asked) is typed


def test_usage_reports_are_left_alone_where_not_all_facts_are_polled() -> None:
    plan = Plan(pace=PACE, commands=FACTS)
    assert Show.LICENSE_RUM_ALL not in due(plan, {}, Known(release="17.9.4a"), NOW)
