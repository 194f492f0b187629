"""One change at a time to the rules in Python: a comparison, a severity, a number, a limit."""

import ast
import importlib
import inspect
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from types import CodeType, ModuleType
from typing import Any

from monitor.evaluate.limits import Limits
from monitor.play.scenario import Scenario
from tests.rules.mutation.changes import Change, Met, Site, Undo, changes, site_of
from tests.rules.mutation.functions import code_of, outermost, put
from tests.rules.mutation.modules import MODULES, decides


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonMutant:
    """One change to one function."""

    module: str
    function: str
    """Qualified name."""
    what: str
    code: CodeType
    site: Site
    notices: frozenset[Met]

    @property
    def name(self) -> str:
        """Where and what."""
        return f"{self.module}.{self.function}: {self.what}"

    def apply(self) -> Undo:
        """Change the function that is in use, until the answer is called."""
        return put(importlib.import_module(self.module), self.function, self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberMutant:
    """Another value of a number that has a name in a module: a constant, or a unit of time."""

    module: str
    constant: str
    value: float

    @property
    def name(self) -> str:
        """Where and what."""
        return f"{self.module}.{self.constant}: {self.value:g}"

    def apply(self) -> Undo:
        """Change what the functions of this module read, until the answer is called."""
        module = importlib.import_module(self.module)
        before = getattr(module, self.constant)
        setattr(module, self.constant, type(before)(self.value))
        return lambda: setattr(module, self.constant, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMutant:
    """Another default of a limit."""

    field: str
    value: float

    @property
    def name(self) -> str:
        """Where and what."""
        return f"limits.{self.field}: {self.value:g}"

    def changed(self, scenario: Scenario) -> Scenario:
        """The same scenario judged by it, unless it has a number of its own."""
        limits = scenario.config.limits
        if getattr(limits, self.field) != getattr(Limits(), self.field):
            return scenario
        changed: dict[str, Any] = {self.field: type(getattr(limits, self.field))(self.value)}
        config = scenario.config.model_copy(update={"limits": replace(limits, **changed)})
        return scenario.model_copy(update={"config": config})


def limit_mutants() -> Iterator[LimitMutant]:
    """Each limit a little more, and a little less."""
    for one in fields(Limits):
        value = float(getattr(Limits(), one.name))
        step = 1.0 if value < 100 else value / 10
        yield LimitMutant(field=one.name, value=value + step)
        yield LimitMutant(field=one.name, value=value - step)


def number_mutants() -> Iterator[NumberMutant]:
    """Each number with a name that the functions of a module read, a tenth more and less."""
    for short in MODULES:
        module = importlib.import_module(f"monitor.evaluate.{short}")
        read = set(_read(module))
        for constant, value in vars(module).items():
            if constant in read and type(value) in (int, float) and math.isfinite(value):
                for other in (value * 1.1, value * 0.9):
                    yield NumberMutant(module=module.__name__, constant=constant, value=other)


def _read(module: ModuleType) -> Iterator[str]:
    tree = ast.parse(inspect.getsource(module))
    for name, function in outermost(tree):
        if decides(module.__name__, name):
            yield from (one.id for one in ast.walk(function) if isinstance(one, ast.Name))


def python_mutants() -> Iterator[PythonMutant]:
    """Every comparison, severity and number in the functions that judge, changed in turn."""
    for short in MODULES:
        module = importlib.import_module(f"monitor.evaluate.{short}")
        tree = ast.parse(inspect.getsource(module))
        for function, node in outermost(tree):
            if decides(module.__name__, function):
                yield from _of(module, tree, function, node)


def _of(
    module: ModuleType, tree: ast.Module, function: str, node: ast.FunctionDef
) -> Iterator[PythonMutant]:
    seen: Counter[str] = Counter()
    body = ast.Module(body=node.body, type_ignores=[])
    for change in list(changes(body)):
        seen[change.what] += 1
        turn = f" ({seen[change.what]})" if seen[change.what] > 1 else ""
        yield PythonMutant(
            module=module.__name__,
            function=function,
            what=f"{change.what}{turn}",
            code=code_of(_compiled(module, tree, change), function),
            site=site_of(change.node),
            notices=change.notices,
        )


def _compiled(module: ModuleType, tree: ast.Module, change: Change) -> CodeType:
    undo = change.begin()
    try:
        return compile(tree, str(module.__file__), "exec")
    finally:
        undo()
