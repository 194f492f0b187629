"""Which subtrees a device says it sends on change.

Source: Cisco-IOS-XE-mdt-capabilities-oper: entries with an `xpath`, prefixed by the YANG prefix of
its module, and with `on-change-supported`. Where the entries stand differs by release, so they are
looked for wherever they are.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from monitor.domain.yang import PREFIXES, YangPath

XPath = tuple[str, ...]
"""The elements, the first with its prefix: `ha-ios-xe-oper:ha-oper-data`."""

MODULE: Final = "Cisco-IOS-XE-mdt-capabilities-oper"
ROOT: Final = "mdt-capabilities-oper-data"
_SUPPORTED: Final = "on-change-supported"
_NO: Final = frozenset({"", "0", "false", "no", "none", "not-supported", "null"})
_MOST_NODES: Final = 100_000
_LONGEST_XPATH: Final = 512


def offered(texts: Iterable[bytes]) -> frozenset[XPath]:
    """The subtrees that JSON texts name; what cannot be read names none."""
    return frozenset(one for text in texts for one in _entries(_read(text)))


def covers(offers: Collection[XPath], path: YangPath) -> bool:
    """The path is one of the subtrees, or lies below one."""
    prefix, steps = PREFIXES.get(path.module), path.steps.split("/")
    if prefix is None:
        return False
    for owner in (prefix, path.module):
        names = (f"{owner}:{steps[0]}", *steps[1:])
        if any(names[:end] in offers for end in range(1, len(names) + 1)):
            return True
    return False


def _read(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _entries(tree: object) -> Iterator[XPath]:
    waiting = [tree]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, dict):
            yield from _entry(node)
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _entry(node: dict[str, object]) -> Iterator[XPath]:
    xpath, supported = node.get("xpath"), node.get(_SUPPORTED)
    if not isinstance(xpath, str) or len(xpath) > _LONGEST_XPATH or supported is None:
        return
    if isinstance(supported, list | dict):
        said = bool(supported)
    else:
        said = str(supported).lower() not in _NO
    if said:
        yield tuple(xpath.strip("/").split("/"))
