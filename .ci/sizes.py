"""Print the sizes of functions and files beside their targets; fail over the hard caps."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_CAP = 400
STATEMENT_CAP = 30
TARGETS = {"function median": 6, "function p90": 20, "file median": 100, "file p90": 250}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (node.end_lineno or node.lineno) - body[0].lineno + 1


def statements(node: ast.AST) -> int:
    return sum(isinstance(one, ast.stmt) for one in ast.walk(node)) - 1


def percentile(numbers: list[int], share: float) -> int:
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main() -> int:
    files = sorted(Path("monitor").rglob("*.py"))
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}
    file_lines = {file: file.read_text(encoding="utf-8").count("\n") for file in files}
    function_lines = [lines(node) for tree in trees.values() for node in functions(tree)]
    counted = [count for count in file_lines.values() if count > 1]
    figures = {
        "function median": percentile(function_lines, 0.5),
        "function p90": percentile(function_lines, 0.9),
        "file median": percentile(counted, 0.5),
        "file p90": percentile(counted, 0.9),
    }
    for name, figure in figures.items():
        print(f"{name:16} {figure:4} lines (target {TARGETS[name]})")
    print(f"{'functions':16} {len(function_lines):4}   {'files'} {len(files)}")
    too_long = [f"{file}: {count} lines" for file, count in file_lines.items() if count > FILE_CAP]
    too_long += [
        f"{file}:{node.lineno}: {node.name} has {statements(node)} statements"
        for file, tree in trees.items()
        for node in functions(tree)
        if statements(node) > STATEMENT_CAP
    ]
    for problem in too_long:
        print(f"over the cap: {problem}", file=sys.stderr)
    return 1 if too_long else 0


if __name__ == "__main__":
    sys.exit(main())
