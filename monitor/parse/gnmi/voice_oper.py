"""Module Cisco-IOS-XE-voice-oper: SIP call legs at this moment."""

from collections.abc import Iterator
from typing import Final

from monitor.parse.gnmi.branch import Branch, Counted, Module, Said

CALLS: Final = ("voice-oper-data", "active-voip-call-summary")


def _calls(branch: Branch) -> Iterator[Said]:
    legs = branch.number("sip-call-legs")
    if legs is not None:
        yield Counted(legs)


MODULE: Final = Module(
    owners=frozenset({"Cisco-IOS-XE-voice-oper", "voice-ios-xe-oper"}),
    root="voice-oper-data",
    branches={CALLS: _calls},
)
