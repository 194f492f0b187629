"""The mutation tool itself: what it changes, that it puts all back, and what it leaves untried."""

import ast
import importlib
from pathlib import Path

import pytest

from monitor.evaluate import case, pair_checks
from monitor.evaluate.ladder import standing_rung
from tests.rules.mutation.changes import Met, changes
from tests.rules.mutation.court import Court
from tests.rules.mutation.modules import LEFT_OUT, MODULES, SAYING
from tests.rules.mutation.python_killers import every_mutant
from tests.rules.mutation.python_mutants import LimitMutant, NumberMutant, PythonMutant
from tests.rules.mutation.reach import noting
from tests.rules.mutation.trial import ROOT, Mutant, Trial, trials

EVALUATE = ROOT / "monitor" / "evaluate"


def _named(name: str) -> Mutant:
    return next(one for one in every_mutant() if one.name == name)


def _changed(source: str) -> dict[str, str]:
    tree = ast.parse(source)
    found = {}
    for change in list(changes(tree)):
        undo = change.begin()
        found[change.what] = ast.unparse(tree)
        undo()
    assert ast.unparse(tree) == ast.unparse(ast.parse(source))
    return found


def test_each_comparison_severity_and_number_is_changed_by_itself() -> None:
    assert _changed("a < b") == {"a < b with LtE": "a <= b", "a < b with Gt": "a > b"}
    assert _changed("a is None") == {"a is None with IsNot": "a is not None"}
    assert _changed("a not in b") == {"a not in b with In": "a in b"}
    assert _changed("Severity.INFO") == {"WARNING for INFO": "Severity.WARNING"}
    assert _changed("a * 7 + f(-2)") == {
        "8 for 7": "a * 8 + f(-2)",
        "6 for 7": "a * 6 + f(-2)",
        "3 for 2": "a * 7 + f(-3)",
        "1 for 2": "a * 7 + f(-1)",
    }
    assert _changed("0 <= a < b")["0 <= a < b with LtE"] == "0 <= a <= b"


def test_an_index_and_an_instant_that_is_none_are_left_alone() -> None:
    assert _changed("a[1:2] or max(b, default=0.0)") == {}


def test_an_order_differs_only_where_it_is_met_with_what_the_other_answers_otherwise() -> None:
    notices = {change.what: change.notices for change in changes(ast.parse("a < b"))}

    assert notices["a < b with LtE"] == {Met.SAME}
    assert notices["a < b with Gt"] == {Met.LESS, Met.MORE}


def test_every_module_that_judges_is_changed_or_has_a_reason() -> None:
    modules = {path.stem for path in EVALUATE.glob("*.py")} - {"__init__"}

    assert modules == {*MODULES, *LEFT_OUT}
    assert not set(MODULES) & set(LEFT_OUT)
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("name", sorted(SAYING))
def test_functions_that_only_say_something_exist(name: str) -> None:
    module, _, function = name.partition(".")
    tree = ast.parse((EVALUATE / f"{module}.py").read_text())
    last = function.rpartition(".")[2]

    assert last in {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


def test_a_function_is_changed_and_put_back() -> None:
    mutant = _named("monitor.evaluate.ladder.standing_rung: left <= days * DAY with Gt")
    assert isinstance(mutant, PythonMutant)
    before = standing_rung.__code__

    undo = mutant.apply()
    assert standing_rung.__code__ is not before
    undo()

    assert standing_rung.__code__ is before


def test_closures_that_were_made_long_ago_are_changed_too() -> None:
    name = "monitor.evaluate.pair_checks._alike: own.casefold() != theirs.casefold() with Eq"
    mutant = _named(name)
    assert isinstance(mutant, PythonMutant)
    living = [one for one in pair_checks._QUESTIONS if one.__name__ == "ask"]
    before = [one.__code__ for one in living]

    undo = mutant.apply()
    changed = [one.__code__ for one in living]
    undo()

    assert len(living) == 2
    assert all(one is not other for one, other in zip(before, changed, strict=True))
    assert [one.__code__ for one in living] == before


def test_a_named_number_is_changed_where_it_is_read() -> None:
    mutant = _named("monitor.evaluate.case.DAY: 95040")
    assert isinstance(mutant, NumberMutant)

    undo = mutant.apply()
    assert vars(case)["DAY"] == 95_040
    undo()

    assert vars(case)["DAY"] == 86_400


@pytest.fixture(scope="module")
def trial() -> Trial:
    return next(one for one in trials(200) if one.name.startswith("all at once"))


def test_it_is_noted_which_comparisons_a_scenario_comes_to(trial: Trial) -> None:
    before = standing_rung.__code__

    with noting() as seen:
        assert not trial.fails()

    module = importlib.import_module("monitor.evaluate.sip_service_down").__name__
    assert not [place for place in seen if place[0] == "monitor.evaluate.pair_page"]
    assert [place for place in seen if place[0] == module]
    assert {Met.LESS, Met.MORE} <= set().union(*seen.values())
    assert standing_rung.__code__ is before


def test_who_noticed_one_is_named_and_nobody_where_no_scenario_comes_to_it(trial: Trial) -> None:
    court = Court([trial])

    assert court.killer(_named("monitor.evaluate.ack_overdue.find: left >= 0 with Gt")) == ""
    assert court.killer(LimitMutant(field="push_overdue_after_hours", value=1)) == trial.name
    unmet = _named("monitor.evaluate.pair_page._place: page.step != last_step with Eq")
    assert court.reaching(unmet) == []
    assert court.killer(unmet) == ""


def test_limits_are_all_changed() -> None:
    changed = {one.field for one in every_mutant() if isinstance(one, LimitMutant)}
    text = Path(EVALUATE / "limits.py").read_text()

    assert all(f"    {name}: " in text for name in changed)
    assert len(changed) == text.count(": float = ") + text.count(": int = ")
