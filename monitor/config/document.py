"""A YAML file as plain data, with the line of every key."""

from dataclasses import dataclass
from typing import Any, Final

import yaml

from monitor.errors import ConfigError

_LONGEST: Final = 1_048_576
_MOST_NODES: Final = 100_000
_DEEPEST: Final = 40

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The data of a file and the line (from 1) on which each key or item stands."""

    name: str
    data: Any
    lines: dict[Loc, int]

    def line(self, loc: Loc) -> int:
        """The line of a key, or of the nearest key above it."""
        while loc not in self.lines and loc:
            loc = loc[:-1]
        return self.lines.get(loc, 1)


def read(text: str, name: str) -> Document:
    """Plain data of YAML text; ConfigError with file and line for what is no YAML.

    Only plain YAML: no tags that build objects, no aliases (a few lines could stand for
    gigabytes), no key given twice.
    """
    if len(text) > _LONGEST:
        raise ConfigError(f"{name}: larger than {_LONGEST} bytes; this is no configuration file")
    lines: dict[Loc, int] = {}
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        if node is not None:
            _Walk(name, lines).visit(node, ())
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"{name}:{line}: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: {error}") from error
    return Document(name=name, data=data, lines=lines)


class _Walk:
    """Note lines; refuse aliases, double keys and shapes too large to be meant."""

    def __init__(self, name: str, lines: dict[Loc, int]) -> None:
        self._name = name
        self._lines = lines
        self._seen: set[int] = set()

    def visit(self, node: yaml.Node, loc: Loc) -> None:
        """Note the lines below `loc`."""
        line = node.start_mark.line + 1
        self._lines.setdefault(loc, line)
        self._refuse_excess(node, loc, line)
        self._seen.add(id(node))
        match node:
            case yaml.MappingNode():
                self._mapping(node, loc)
            case yaml.SequenceNode():
                for index, item in enumerate(node.value):
                    self.visit(item, (*loc, index))
            case _:
                pass

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> None:
        for key, value in node.value:
            here = (*loc, str(key.value))
            line = key.start_mark.line + 1
            if here in self._lines:
                raise ConfigError(f"{self._name}:{line}: {key.value!r} is given twice")
            self._lines[here] = line
            self.visit(value, here)

    def _refuse_excess(self, node: yaml.Node, loc: Loc, line: int) -> None:
        if id(node) in self._seen:
            raise ConfigError(f"{self._name}:{line}: aliases (*name) are not allowed here")
        if len(self._seen) > _MOST_NODES or len(loc) > _DEEPEST:
            raise ConfigError(f"{self._name}:{line}: too large or too deep")
