"""One change at a time to the rules in Python: a comparison, a severity, a limit."""

import ast
import importlib
import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

from monitor.evaluate.limits import Limits
from monitor.play.scenario import Scenario

MODULES: Final = (
    "ack_overdue",
    "push_planned_too_late",
    "never_acknowledged",
    "push_overdue",
    "sent_not_acknowledged",
    "no_room_to_retry",
    "pull_due",
    "cycle_unknown",
    "ack_backstop",
    "communication_failed",
    "cssm_unreachable",
    "credential_refused",
    "relay_silent",
    "shared",
    "sip_service_down",
    "out_of_compliance",
    "registration_expired",
    "calls_blocked",
    "insufficient_licenses",
    "stale_data",
    "silence",
    "ladder",
    "case",
    "evidence",
    "inhibition",
    "settle",
    "maintenance",
    "not_one_active",
    "no_licensed_takeover",
    "role_conflict",
    "takeover_at_risk",
    "pair_page",
    "pair_grouping",
    "pair_case",
    "pair_checks",
    "redundancy",
)
_OPERATORS: Final[Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
_SEVERITIES: Final = {"CRITICAL": "WARNING", "WARNING": "CRITICAL", "INFO": "WARNING"}
_TEXTS: Final = frozenset(
    {
        "words",
        "why",
        "other_cause",
        "open_end",
        "when",
        "blames_licence",
        "told",
        "others",
        "standing_words",
        "what",
        "reason",
    }
)
Undo = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonMutant:
    """One change to one function."""

    module: str
    function: str
    """Qualified name."""
    what: str
    code: CodeType

    @property
    def name(self) -> str:
        """Where and what."""
        return f"{self.module}.{self.function}: {self.what}"

    def apply(self) -> Undo:
        """Change the function that is in use, until the answer is called."""
        function = _function(importlib.import_module(self.module), self.function)
        before = function.__code__
        function.__code__ = self.code
        return lambda: setattr(function, "__code__", before)


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
        changes: dict[str, Any] = {self.field: type(getattr(limits, self.field))(self.value)}
        config = scenario.config.model_copy(update={"limits": replace(limits, **changes)})
        return scenario.model_copy(update={"config": config})


def limit_mutants() -> Iterator[LimitMutant]:
    """Each limit a little more, and a little less."""
    for one in fields(Limits):
        value = float(getattr(Limits(), one.name))
        step = 1.0 if value < 100 else value / 10
        yield LimitMutant(field=one.name, value=value + step)
        yield LimitMutant(field=one.name, value=value - step)


def python_mutants() -> Iterator[PythonMutant]:
    """Every comparison and severity in the functions that judge, changed in turn."""
    for short in MODULES:
        module = importlib.import_module(f"monitor.evaluate.{short}")
        tree = ast.parse(inspect.getsource(module))
        seen: Counter[tuple[str, str]] = Counter()
        for node, change, what in list(_changes(tree)):
            undo = change()
            code = compile(tree, str(module.__file__), "exec")
            undo()
            function = _around(tree, node)
            if function and not _is_text(function):
                seen[function, what] += 1
                turn = f" ({seen[function, what]})" if seen[function, what] > 1 else ""
                yield PythonMutant(
                    module=module.__name__,
                    function=function,
                    what=f"{what}{turn}",
                    code=_code(code, function),
                )


def _changes(tree: ast.AST) -> Iterator[tuple[ast.AST, Callable[[], Undo], str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for at, operator in enumerate(node.ops):
                for other in _OPERATORS.get(type(operator), ()):
                    text = f"{ast.unparse(node)} with {other.__name__}"
                    yield node, _swap(node.ops, at, other()), text
        severity = isinstance(node, ast.Attribute) and node.attr in _SEVERITIES
        if severity and isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Severity":
            text = f"{_SEVERITIES[node.attr]} for {node.attr}"
            yield node, _rename(node, _SEVERITIES[node.attr]), text


def _swap(operators: list[ast.cmpop], at: int, other: ast.cmpop) -> Callable[[], Undo]:
    def change() -> Undo:
        before, operators[at] = operators[at], other
        return lambda: operators.__setitem__(at, before)

    return change


def _rename(node: ast.Attribute, name: str) -> Callable[[], Undo]:
    def change() -> Undo:
        before, node.attr = node.attr, name
        return lambda: setattr(node, "attr", before)

    return change


def _is_text(function: str) -> bool:
    """It writes what a finding says, and decides nothing."""
    return function.lstrip("_") in _TEXTS


def _around(tree: ast.AST, node: ast.AST) -> str:
    """Qualified name of the outermost function around a node; empty outside of functions."""
    for parent in ast.iter_child_nodes(tree):
        if node in ast.walk(parent):
            if isinstance(parent, ast.FunctionDef):
                return parent.name
            inside = _around(parent, node)
            return f"{parent.name}.{inside}" if isinstance(parent, ast.ClassDef) and inside else ""
    return ""


def _code(code: CodeType, function: str) -> CodeType:
    for name in function.split("."):
        code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)
    return code


def _function(module: ModuleType, name: str) -> FunctionType:
    found: Any = module
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
    found = found.fget if isinstance(found, property) else found
    if not isinstance(found, FunctionType):
        raise TypeError(f"{module.__name__}.{name} is no function")
    return found
