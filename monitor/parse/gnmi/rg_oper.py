"""Module Cisco-IOS-XE-rg-oper: roles of box-to-box redundancy groups."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.gnmi.branch import Branch, Module, Said, Told

GROUPS: Final = ("rg-oper-data", "red-app-group")
_ROLES: Final = ("unknown", "init", "standby", "active")


def _group(branch: Branch) -> Iterator[Said]:
    word = branch.word("role", "rg-role-", _ROLES)
    # CUBE has one group; where there are more, the first is meant, as on the command line.
    if word is not None and branch.key == min(branch.keys, default=branch.key, key=_in_order):
        yield Told(FactName.RG_ROLE, word, text=branch.words("group-name")[:120])


def _in_order(key: str) -> tuple[int, str]:
    return (len(key), key)


MODULE: Final = Module(
    owners=frozenset({"Cisco-IOS-XE-rg-oper", "rg-ios-xe-oper"}),
    root="rg-oper-data",
    branches={GROUPS: _group},
)
