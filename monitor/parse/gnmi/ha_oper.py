"""Module Cisco-IOS-XE-ha-oper: the redundancy facility of one platform."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.gnmi.branch import Branch, Module, Said, Told

_STATES: Final = (
    "unknown",
    "disabled",
    "initialization",
    "negotiation",
    "standby-cold",
    "standby-config",
    "standby-filesys",
    "standby-bulk",
    "standby-hot",
    "active-fast",
    "active-drain",
    "active-preconfig",
    "active-postconfig",
    "active",
)


def _infra(branch: Branch) -> Iterator[Said]:
    reason = branch.words("last-switchover-reason")[:200]
    for name, leaf in (
        (FactName.HA_STATE, "ha-state"),
        (FactName.HA_PEER_STATE, "peer-state"),
    ):
        word = branch.word(leaf, "db-rf-", _STATES)
        if word is not None:
            yield Told(name, word, text=f"last switchover: {reason}" if reason else "")


MODULE: Final = Module(
    owners=frozenset({"Cisco-IOS-XE-ha-oper", "ha-ios-xe-oper"}),
    root="ha-oper-data",
    branches={("ha-oper-data", "ha-infra"): _infra},
)
