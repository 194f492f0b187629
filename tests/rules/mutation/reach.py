"""Which scenarios come to which place, and with what: elsewhere no change can be noticed.

Every function that judges is given code that notes each comparison, severity and number it comes
to, and with which operands. A change that makes no difference to any of them makes none to the run.
"""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from types import ModuleType
from typing import Any, Final

from monitor.evaluate.limits import Limits
from tests.rules.mutation.changes import Met, Site, Undo, is_number, is_severity, site_of
from tests.rules.mutation.functions import code_of, outermost, put
from tests.rules.mutation.modules import MODULES, decides

Place = tuple[str, Site]
"""Module, empty for limits, and place in it."""
Seen = dict[Place, set[Met]]
_NOTE: Final = "_cubemon_note"
_COMPARE: Final = "_cubemon_compare"
_LIMITS: Final = frozenset(field.name for field in fields(Limits))
_BY_NAME: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "Lt": lambda one, other: one < other,
    "LtE": lambda one, other: one <= other,
    "Gt": lambda one, other: one > other,
    "GtE": lambda one, other: one >= other,
}


@contextmanager
def noting() -> Iterator[Seen]:
    """While it lasts every function that judges notes where it comes, and what it reads."""
    seen: Seen = {}
    undone: list[Undo] = []
    try:
        for short in MODULES:
            undone += _noted(importlib.import_module(f"monitor.evaluate.{short}"), seen)
        yield seen
    finally:
        for undo in undone:
            undo()


def _noted(module: ModuleType, seen: Seen) -> Iterator[Undo]:
    tree = ast.parse(inspect.getsource(module))
    names = [name for name, _ in outermost(tree) if decides(module.__name__, name)]
    named = frozenset(name for name, one in vars(module).items() if type(one) in (int, float))
    changed = ast.fix_missing_locations(_Noting(named).visit(tree))
    code = compile(changed, str(module.__file__), "exec")
    for name, value in _notes(module.__name__, seen).items():
        setattr(module, name, value)
    yield from (put(module, name, code_of(code, name)) for name in names)


def _notes(module: str, seen: Seen) -> Mapping[str, Callable[..., Any]]:
    def note(site: Site, value: Any) -> Any:
        where = "" if site[0].startswith("limit ") else module
        seen.setdefault((where, site), set()).add(Met.ANY)
        return value

    def compare(site: Site, operator: str, one: Any, other: Any) -> Any:
        met = Met.LESS if one < other else Met.SAME if one == other else Met.MORE
        seen.setdefault((module, site), set()).update((met, Met.ANY))
        return _BY_NAME[operator](one, other)

    return {_NOTE: note, _COMPARE: compare}


def number_site(name: str) -> Site:
    """Stands for all places of a module in which a number with a name is read."""
    return f"number {name}", 0, 0


def limit_site(field: str) -> Site:
    """Stands for all places in which a limit is read."""
    return f"limit {field}", 0, 0


class _Noting(ast.NodeTransformer):
    """Puts each place into a call that notes it."""

    def __init__(self, named: frozenset[str]) -> None:
        self._named = named

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        operator = type(node.ops[0]).__name__
        if len(node.ops) == 1 and operator in _BY_NAME:
            return _call(_COMPARE, node, [ast.Constant(operator), node.left, *node.comparators])
        return _call(_NOTE, node, [node])

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr in _LIMITS:
            return _call(_NOTE, node, [node], limit_site(node.attr))
        return _call(_NOTE, node, [node]) if is_severity(node) else node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._named and isinstance(node.ctx, ast.Load):
            return _call(_NOTE, node, [node], number_site(node.id))
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return _call(_NOTE, node, [node]) if is_number(node) else node


def _call(
    name: str, node: ast.AST, arguments: Sequence[ast.expr], site: Site | None = None
) -> ast.expr:
    place = ast.Tuple([ast.Constant(one) for one in site or site_of(node)], ast.Load())
    return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), [place, *arguments], []), node)
