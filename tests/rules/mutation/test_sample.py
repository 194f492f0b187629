"""A few changes to the rules, each noticed. All of them: python -m tests.rules.mutation."""

import pytest

from tests.rules.mutation.court import Court
from tests.rules.mutation.equivalent import EQUIVALENT
from tests.rules.mutation.promql_equivalent import PROMQL_EQUIVALENT
from tests.rules.mutation.promql_mutants import mutants
from tests.rules.mutation.python_killers import every_mutant
from tests.rules.mutation.trial import Trial, trials

SAMPLE = (
    "limits.push_too_late_critical_days: 15",
    "limits.push_overdue_after_hours: 1",
    "limits.backstop_always_hours: 23",
    "limits.balance_hold_seconds: 3240",
    "monitor.evaluate.ack_overdue.find: WARNING for CRITICAL",
    "monitor.evaluate.push_overdue.find: sent > push with GtE",
    "monitor.evaluate.push_planned_too_late.late_rung: left <= limit with Lt",
    "monitor.evaluate.case.Case.near: left <= days * DAY with Lt",
)


@pytest.fixture(scope="module")
def court() -> Court:
    return Court([trial for trial in trials(16) if _is_short(trial)])


def _is_short(trial: Trial) -> bool:
    return len(trial.scenario.steps) <= 20


@pytest.mark.parametrize("name", SAMPLE)
def test_a_scenario_notices(court: Court, name: str) -> None:
    mutant = next(one for one in every_mutant() if one.name == name)

    assert court.killer(mutant)


def test_names_are_all_different_and_those_explained_exist() -> None:
    names = [one.name for one in (*every_mutant(), *mutants())]

    assert len(set(names)) == len(names)
    explained = {**EQUIVALENT, **PROMQL_EQUIVALENT}
    assert set(explained) <= set(names)
    assert all(explained.values())
