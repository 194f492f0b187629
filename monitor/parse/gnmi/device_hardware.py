"""Module Cisco-IOS-XE-device-hardware-oper: the chassis, its software, its last start."""

import re
from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.release import normal
from monitor.parse.gnmi.branch import Branch, Module, Said, Told

_DATA: Final = ("device-hardware-data", "device-hardware")
_VERSION = re.compile(r"Version\s{1,4}(\d{1,2}\.\d{1,2}\.\d{1,2}[a-z]{0,2})\b")


def _inventory(branch: Branch) -> Iterator[Said]:
    kind = branch.word("hw-type", "hw-type-", ()) or branch.key
    pid, serial = branch.words("part-number"), branch.words("serial-number")
    if pid and serial and kind.partition("|")[0].endswith("chassis"):
        yield Told(FactName.UDI, f"PID:{pid},SN:{serial}")
        yield Told(FactName.PLATFORM, pid)


def _system(branch: Branch) -> Iterator[Said]:
    banner = _VERSION.search(branch.words("software-version"))
    release = normal(banner[1]) if banner else None
    if release:
        yield Told(FactName.RELEASE, release, text=banner[0] if banner else "")
    yield from branch.instant(FactName.BOOTED, "boot-time")


MODULE: Final = Module(
    owners=frozenset({"Cisco-IOS-XE-device-hardware-oper", "device-hardware-xe-oper"}),
    root="device-hardware-data",
    branches={
        (*_DATA, "device-inventory"): _inventory,
        (*_DATA, "device-system-data"): _system,
    },
)
