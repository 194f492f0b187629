"""Functions of a module in use: found by name, and given other code for a while."""

import ast
import gc
import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.rules.mutation.changes import Undo


def outermost(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Qualified name and node of each function and method of a module."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            inside = (one for one in node.body if isinstance(one, ast.FunctionDef))
            yield from ((f"{node.name}.{one.name}", one) for one in inside)


def code_of(module: CodeType, name: str) -> CodeType:
    """The code of a function in the code of its module."""
    code = module
    for part in name.split("."):
        code = next(one for one in _inner(code) if one.co_name == part)
    return code


def put(module: ModuleType, name: str, code: CodeType) -> Undo:
    """Let a function run other code, and the closures it has made; until the answer is called."""
    function = _function(module, name)
    pairs = [(function, code), *_closures(function.__code__, code)]
    before = [(one, one.__code__) for one, _ in pairs]
    for one, other in pairs:
        one.__code__ = other
    return lambda: _restore(before)


def _restore(before: list[tuple[FunctionType, CodeType]]) -> None:
    for one, code in before:
        one.__code__ = code


def _function(module: ModuleType, name: str) -> FunctionType:
    found: Any = module
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
    found = found.fget if isinstance(found, property) else found
    if not isinstance(found, FunctionType):
        raise TypeError(f"{module.__name__}.{name} is no function")
    return found


def _closures(old: CodeType, new: CodeType) -> list[tuple[FunctionType, CodeType]]:
    """Functions that live on after the one that defined them."""
    inner = dict(zip(_inner(old), _inner(new), strict=True))
    named = {one: other for one, other in inner.items() if not one.co_name.startswith("<")}
    if not named:
        return []
    living = [one for one in gc.get_objects() if isinstance(one, FunctionType)]
    return [(one, named[one.__code__]) for one in living if one.__code__ in named]


def _inner(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]
