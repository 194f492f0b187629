"""CISCO-RF-MIB: the state of this processor and its peer.

Source: CISCO-RF-MIB. Its states are those of `show redundancy states` plus one.
"""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.snmp.bindings import Bindings, Words
from monitor.parse.snmp.told import Asked, Told

_STATUS: Final = "1.3.6.1.4.1.9.9.176.1.1"
UNIT_STATE: Final = f"{_STATUS}.2"
PEER_STATE: Final = f"{_STATUS}.4"
REASON: Final = f"{_STATUS}.8"

_by_command_line = Words(
    {
        0: "unknown",
        1: "disabled",
        2: "initialization",
        3: "negotiation",
        4: "standby_cold",
        5: "standby_cold_config",
        6: "standby_cold_filesys",
        7: "standby_cold_bulk",
        8: "standby_hot",
        9: "active_fast",
        10: "active_drain",
        11: "active_preconfig",
        12: "active_postconfig",
        13: "active",
        14: "active_extraload",
        15: "active_handback",
    }
)
reason_word: Final = Words(
    {
        1: "unsupported",
        2: "none",
        3: "not_known",
        4: "user_initiated",
        5: "user_forced",
        6: "active_unit_failed",
        7: "active_unit_removed",
        8: "active_gateway_down",
        9: "active_port_down",
    }
)


def state_word(number: int) -> str:
    """The word of a state as SNMP counts them."""
    return _by_command_line(number - 1)


def told(values: Bindings, asked: Asked) -> Iterator[Told]:
    """Statements of a poll or of a notification of progress."""
    del asked
    for name, oid in ((FactName.HA_STATE, UNIT_STATE), (FactName.HA_PEER_STATE, PEER_STATE)):
        number = values.first_number(oid)
        if number is not None:
            yield Told(name, state_word(number))
