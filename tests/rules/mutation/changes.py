"""Places in the source of a rule that can be changed, and what is written there instead."""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

Undo = Callable[[], None]
Begin = Callable[[], Undo]
Site = tuple[str, int, int]
"""Kind of node, line, column: one place in a module."""


class Met(Enum):
    """What a comparison was met with while scenarios were played."""

    LESS = "<"
    SAME = "="
    MORE = ">"
    ANY = "any"
    """It was run at all; of places that are no comparisons of order, too."""


_ORDER: Final[Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
}
_OTHERS: Final[Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    **_ORDER,
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_TRUE_OF: Final[Mapping[type[ast.cmpop], frozenset[Met]]] = {
    ast.Lt: frozenset({Met.LESS}),
    ast.LtE: frozenset({Met.LESS, Met.SAME}),
    ast.Gt: frozenset({Met.MORE}),
    ast.GtE: frozenset({Met.MORE, Met.SAME}),
}
_SEVERITIES: Final = {"CRITICAL": "WARNING", "WARNING": "CRITICAL", "INFO": "WARNING"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One node, and how to change it in its tree until the answer is called."""

    node: ast.AST
    what: str
    begin: Begin
    notices: frozenset[Met]
    """Where it was met with none of these it made no difference."""


def changes(tree: ast.AST) -> Iterator[Change]:
    """Every comparison, severity and number of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from _compared(node)
        elif isinstance(node, ast.Attribute) and is_severity(node):
            other = _SEVERITIES[node.attr]
            yield _any(node, f"{other} for {node.attr}", _set(node, "attr", other))
        for number in _numbers(node):
            yield from _counted(number)


def is_severity(node: ast.Attribute) -> bool:
    """`Severity.WARNING` and the like."""
    return node.attr in _SEVERITIES and ast.unparse(node.value) == "Severity"


def is_number(node: ast.Constant) -> bool:
    """No text, no truth value."""
    return type(node.value) in (int, float)


def _numbers(node: ast.AST) -> Iterator[ast.Constant]:
    """Numbers that something is compared or reckoned with, or that are handed on.

    Those in an index choose no rung, and the 0 for "none" stands for no instant.
    """
    operands: list[ast.expr] = []
    if isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
    elif isinstance(node, ast.BinOp):
        operands = [node.left, node.right]
    elif isinstance(node, ast.Call):
        operands = node.args
    for one in operands:
        inside = one.operand if isinstance(one, ast.UnaryOp) else one
        if isinstance(inside, ast.Constant) and is_number(inside):
            yield inside


def site_of(node: ast.AST) -> Site:
    """Where a node stands; equal in every parse of the same source."""
    return type(node).__name__, getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _compared(node: ast.Compare) -> Iterator[Change]:
    for at, operator in enumerate(node.ops):
        for other in _OTHERS[type(operator)]:
            yield Change(
                node=node,
                what=f"{ast.unparse(node)} with {other.__name__}",
                begin=_swap(node.ops, at, other()),
                notices=_differing(type(operator), other, alone=len(node.ops) == 1),
            )


def _differing(one: type[ast.cmpop], other: type[ast.cmpop], *, alone: bool) -> frozenset[Met]:
    if one in _ORDER and alone:
        return _TRUE_OF[one] ^ _TRUE_OF[other]
    return frozenset({Met.ANY})


def _counted(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, int | float):
        for other in (value + 1, value - 1):
            yield _any(node, f"{other:g} for {value:g}", _set(node, "value", other))


def _any(node: ast.AST, what: str, begin: Begin) -> Change:
    return Change(node=node, what=what, begin=begin, notices=frozenset({Met.ANY}))


def _swap(operators: list[ast.cmpop], at: int, other: ast.cmpop) -> Begin:
    def change() -> Undo:
        before, operators[at] = operators[at], other
        return lambda: operators.__setitem__(at, before)

    return change


def _set(node: ast.AST, name: str, value: object) -> Begin:
    def change() -> Undo:
        before = getattr(node, name)
        setattr(node, name, value)
        return lambda: setattr(node, name, before)

    return change
