"""The many ways in which devices write the same values: origins, prefixes, encodings."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pygnmi.spec.v080 import gnmi_pb2  # type: ignore[import-untyped]  # ships no types

from monitor.lab.gnmi_tree import MODULES, YANG_PREFIXES, Node, keys_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How answers are written. The default is what is seen of IOS XE: containers, no echo."""

    leaves: bool = False
    """One update for each leaf, not one JSON object for a container; always so with PROTO."""
    named: str = "module"
    """The first element carries its `module`, its YANG `prefix`, or `none`."""
    origin: str = ""
    """Echoed origin."""
    in_prefix: bool = False
    """Origin and all but the last element stand in the notification's prefix."""


Elements = tuple[tuple[str, dict[str, str]], ...]


def notification(
    updates: list[tuple[Elements, Node]], *, timestamp: int, encoding: int, style: Style
) -> Any:
    """A Notification of all updates; empty where there are none."""
    prefix: Elements = ()
    if style.in_prefix and updates:
        prefix = _common([path[:-1] for path, _ in updates])
    written = gnmi_pb2.Notification(timestamp=timestamp)
    if style.in_prefix:
        written.prefix.CopyFrom(path_message(prefix, style, root=True))
    for path, node in updates:
        rest = path[len(prefix) :]
        written.update.add(
            path=path_message(rest, style, root=not prefix), val=typed(node, encoding)
        )
    return written


def updates(path: Elements, node: Node, *, leaves: bool) -> Iterator[tuple[Elements, Node]]:
    """What to send for a node: itself, or every leaf below it."""
    if not leaves:
        yield path, node
    elif isinstance(node, dict):
        for name, inner in node.items():
            yield from updates((*path, (name, {})), inner, leaves=True)
    elif isinstance(node, list):
        for entry in node:
            yield from _entry(path, entry)
    else:
        yield path, node


def _entry(path: Elements, entry: Node) -> Iterator[tuple[Elements, Node]]:
    if isinstance(entry, dict):
        name = path[-1][0]
        keyed = (*path[:-1], (name, keys_of(name, entry)))
        for leaf, value in entry.items():
            yield from updates((*keyed, (leaf, {})), value, leaves=True)


def path_message(path: Elements, style: Style, *, root: bool) -> Any:
    """A Path; the root's first element is named in the style."""
    elements = [
        gnmi_pb2.PathElem(name=_named(name, style) if root and not place else name, key=keys)
        for place, (name, keys) in enumerate(path)
    ]
    return gnmi_pb2.Path(origin=style.origin if root else "", elem=elements)


def _named(name: str, style: Style) -> str:
    if style.named == "module":
        return f"{MODULES[name]}:{name}"
    return f"{YANG_PREFIXES[name]}:{name}" if style.named == "prefix" else name


def _common(paths: list[Elements]) -> Elements:
    first = paths[0]
    for length in range(len(first), 0, -1):
        if all(path[:length] == first[:length] for path in paths):
            return first[:length]
    return ()


def typed(node: Node, encoding: int) -> Any:
    """A TypedValue of a node in an encoding."""
    if encoding == gnmi_pb2.JSON_IETF:
        return gnmi_pb2.TypedValue(json_ietf_val=json.dumps(node).encode())
    if encoding == gnmi_pb2.JSON:
        return gnmi_pb2.TypedValue(json_val=json.dumps(node).encode())
    if isinstance(node, bool):
        return gnmi_pb2.TypedValue(bool_val=node)
    if isinstance(node, int):
        return gnmi_pb2.TypedValue(uint_val=node)
    return gnmi_pb2.TypedValue(string_val=str(node))


def bare(path: Any) -> tuple[str, ...]:
    """The names of a request's path without prefixes."""
    return tuple(element.name.rpartition(":")[2] for element in path.elem)
