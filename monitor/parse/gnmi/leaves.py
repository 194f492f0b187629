"""Leaves out of updates: any origin, any depth of container, module names there or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from monitor.errors import ParseError
from monitor.parse.gnmi.values import Scalar, Tree, tree
from monitor.wire import TelemetryValue, YangElements

Names = tuple[str, ...]

_DEEPEST: Final = 24
_MOST_LEAVES: Final = 20_000
_LONGEST_NAME: Final = 256

LISTS: Final[dict[str, Names]] = {
    "usage": ("entitlement-tag",),
    "trust-code": ("key_udi", "key-udi", "udi"),
    "red-app-group": ("rg-id",),
    "device-inventory": ("hw-type", "hw-dev-index"),
}
"""List -> the leaves that name its entries (for trust codes: whichever a release has)."""


class Leaf(NamedTuple):
    """One value. `names` are bare names from the root; `key` names the innermost list entry."""

    names: Names
    key: str
    value: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a tree something stands."""

    owner: str
    """The module or YANG prefix that the path names, empty where it names none."""
    names: Names
    key: str = ""

    def below(self, name: str) -> "Place":
        """One step down."""
        owner, _, bare = name.rpartition(":")
        if len(bare) > _LONGEST_NAME or len(self.names) >= _DEEPEST:
            raise ParseError("path_too_long")
        return Place(
            owner=self.owner or owner[:_LONGEST_NAME], names=(*self.names, bare), key=self.key
        )

    def entry(self, key: str) -> "Place":
        """An entry of the list that this is."""
        return Place(owner=self.owner, names=self.names, key=key[:_LONGEST_NAME])


ROOT: Final = Place(owner="", names=())


def place(path: YangElements) -> Place:
    """Where a path leads, without prefixes; raises ParseError where it is absurdly long."""
    here = ROOT
    for name, keys in path:
        # Some write a whole path, or a leading slash, into one element.
        for part in name.split("/"):
            here = here.below(part) if part else here
        if keys:
            here = here.entry(_joined(here.names[-1] if here.names else "", dict(keys)))
    return here


def _joined(list_name: str, keys: dict[str, str]) -> str:
    bare = {name.rpartition(":")[2]: value for name, value in keys.items()}
    known = [bare[name] for name in LISTS.get(list_name, ()) if name in bare]
    return "|".join(known or [bare[name] for name in sorted(bare)])


class Opened(NamedTuple):
    """What one update holds."""

    leaves: list[Leaf]
    lists: set[Names]
    """Lists that came whole: an entry that is not among the leaves is not there."""


def opened(start: Place, value: TelemetryValue) -> Opened:
    """The leaves at and below a place; raises ParseError where the value cannot be read."""
    found = Opened([], set())
    if value is None:
        raise ParseError("unsupported_value")
    whole: Tree
    if isinstance(value, bytes):
        whole = tree(value)
    else:
        whole = list(value) if isinstance(value, tuple) else value
    for leaf in _walk(start, whole, found.lists):
        if len(found.leaves) >= _MOST_LEAVES:
            raise ParseError("too_many_leaves")
        found.leaves.append(leaf)
    return found


def _walk(here: Place, value: Tree, lists: set[Names]) -> Iterator[Leaf]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(here.below(name), inner, lists)
    elif isinstance(value, list):
        yield from _listed(here, value, lists)
    elif value is not None:
        yield Leaf(here.names, here.key, value)


def _listed(here: Place, entries: list[Tree], lists: set[Names]) -> Iterator[Leaf]:
    if len(here.names) >= _DEEPEST:
        raise ParseError("path_too_long")
    lists.add(here.names)
    for position, entry in enumerate(entries):
        if isinstance(entry, dict):
            key = _key_of(here.names[-1] if here.names else "", entry, position)
            yield from _walk(here.entry(key), entry, lists)
        elif isinstance(entry, list):
            raise ParseError("list_in_list")
        elif entry is not None:
            yield Leaf(here.names, here.key, entry)


def _key_of(list_name: str, entry: dict[str, Tree], position: int) -> str:
    names = LISTS.get(list_name, ())
    bare = {
        name.rpartition(":")[2]: inner
        for name, inner in entry.items()
        if isinstance(inner, bool | int | float | str)
    }
    known = [str(bare[name]) for name in names if name in bare]
    return "|".join(known) if known else str(position)
