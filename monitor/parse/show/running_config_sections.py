"""Sections of a running configuration that are kept: interfaces, Call Home, redundancy, VoIP.

Indentation may be lost, so a section ends at a bare `!` or at the next heading.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.parse.show.page import Page
from monitor.parse.show.running_config_data import CallHomeProfile, RedundancyGroup
from monitor.parse.show.running_config_lines import without_password

_MOST: Final = 20
_INTERFACE = re.compile(r"interface (\S{1,30}(?: \d\S{0,20})?)", re.IGNORECASE)
_PROFILE = re.compile(r'profile "?([^"]{1,64})"?', re.IGNORECASE)
_GROUP = re.compile(r"group (\d{1,3})", re.IGNORECASE)
_HEADINGS: Final = frozenset(
    {
        "dial-peer",
        "voice",
        "voice-port",
        "router",
        "line",
        "class-map",
        "policy-map",
        "crypto",
        "vrf",
        "controller",
        "sip-ua",
        "control-plane",
        "redundancy",
        "call-home",
        "interface",
        "end",
        "!",
    }
)
_ADDRESS = re.compile(r"ip(?:v6)? address (?!trusted)\S{1,60}(?: .{0,80})?", re.IGNORECASE)
_METHOD = re.compile(r"destination transport-method (\S{1,20})", re.IGNORECASE)
_DESTINATION = re.compile(r"destination address (?:http|email) (\S{1,200})", re.IGNORECASE)
_NAME = re.compile(r"name (\S{1,64})", re.IGNORECASE)
_CONTROL = re.compile(r"control (\S{1,40})(?: .{0,40})?", re.IGNORECASE)
_DATA = re.compile(r"data (\S{1,40})", re.IGNORECASE)
_PRIORITY = re.compile(r"priority (\d{1,3})(?: .{0,60})?", re.IGNORECASE)
_FOLLOWED = re.compile(r"redundancy-group (\d{1,3})", re.IGNORECASE)
_MODE = re.compile(r"mode (sso|rpr|rpr-plus|none)", re.IGNORECASE)


@dataclass(slots=True)
class Port:
    """What an interface's section says of its use."""

    address: bool | None = None
    shutdown: bool = False

    @property
    def state(self) -> str | None:
        """configured, shutdown or no_address; None where nothing says."""
        if self.address is None:
            # A filtered configuration may show a `shutdown` that stood under another heading.
            return None
        if self.shutdown:
            return "shutdown"
        return "configured" if self.address else "no_address"


@dataclass(slots=True)
class _Profile:
    name: str
    active: bool | None = None
    methods: list[str] = field(default_factory=list)
    destinations: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sections:
    """Takes the lines below headings. `interfaces` by name in lower case, without blanks."""

    interfaces: dict[str, Port] = field(default_factory=dict)
    ones: dict[str, str] = field(default_factory=dict)
    _section: str = ""
    _port: Port = field(default_factory=Port)
    _profiles: list[_Profile] = field(default_factory=list)
    _groups: dict[int, dict[str, str]] = field(default_factory=dict)
    _group: dict[str, str] = field(default_factory=dict)

    def take(self, page: Page, line: str) -> bool:
        """Whether the line was a heading or was kept."""
        if self._heading(line):
            return True
        inside = _INSIDE.get(self._section)
        return inside is not None and inside(self, page, line)

    def _heading(self, line: str) -> bool:
        lower = line.lower()
        if found := _INTERFACE.fullmatch(line):
            self._section, self._port = "interface", Port()
            self.interfaces[interface_key(found[1])] = self._port
        elif self._section == "call-home" and (found := _PROFILE.fullmatch(line)):
            if len(self._profiles) < _MOST:
                self._profiles.append(_Profile(found[1]))
        elif self._section == "redundancy" and (found := _GROUP.fullmatch(line)):
            self._group = self._groups.setdefault(int(found[1]), {})
        elif lower.partition(" ")[0] in _HEADINGS and not lower.startswith("! "):
            self._section = _SECTIONS.get(lower, "")
        else:
            return False
        return True

    def in_interface(self, page: Page, line: str) -> bool:
        """A line below `interface`."""
        lower = line.lower()
        del page
        if lower == "shutdown":
            self._port.shutdown = True
        elif _ADDRESS.fullmatch(line):
            self._port.address = True
        elif lower == "no ip address":
            self._port.address = self._port.address or False
        else:
            return False
        return True

    def in_call_home(self, page: Page, line: str) -> bool:
        """A line below `call-home`: of its last profile."""
        if not self._profiles:
            return False
        profile = self._profiles[-1]
        if line.lower() in ("active", "no active"):
            profile.active = line.lower() == "active"
        elif found := _METHOD.fullmatch(line):
            profile.methods.append(found[1].lower())
        elif found := _DESTINATION.fullmatch(line):
            profile.destinations.append(without_password(found[1]))
            page.settle(line)
        else:
            return False
        return True

    def in_redundancy(self, page: Page, line: str) -> bool:
        """A line below `redundancy`."""
        shapes = {"name": _NAME, "control": _CONTROL, "data": _DATA, "priority": _PRIORITY}
        if found := _MODE.fullmatch(line):
            page.file(self.ones, "redundancy mode", found[1].lower())
            return True
        if self._group is not None and line.lower() == "shutdown":
            self._group["shutdown"] = "yes"
            return True
        for key, shape in shapes.items():
            if found := shape.fullmatch(line):
                page.file(self._group, key, found[1])
                return True
        return False

    def in_voip(self, page: Page, line: str) -> bool:
        """A line below `voice service voip`."""
        lower = line.lower()
        if found := _FOLLOWED.fullmatch(line):
            page.file(self.ones, "redundancy-group", found[1])
        elif lower in ("shutdown", "shutdown forced"):
            self.ones["voip shutdown"] = "yes"
        elif lower.startswith("call service stop"):
            self.ones["sip stopped"] = "yes"
        else:
            return False
        return True

    @property
    def profiles(self) -> tuple[CallHomeProfile, ...]:
        """Profiles below `call-home`."""
        return tuple(
            CallHomeProfile(
                name=one.name,
                active=one.active,
                methods=tuple(dict.fromkeys(one.methods[:_MOST])),
                destinations=tuple(dict.fromkeys(one.destinations[:_MOST])),
            )
            for one in self._profiles
        )

    @property
    def groups(self) -> tuple[RedundancyGroup, ...]:
        """Groups below `application redundancy`."""
        return tuple(_group(number, said) for number, said in sorted(self._groups.items())[:_MOST])


def _group(number: int, said: Mapping[str, str]) -> RedundancyGroup:
    return RedundancyGroup(
        id=number,
        name=said.get("name"),
        control=said.get("control"),
        data=said.get("data"),
        priority=int(said["priority"]) if "priority" in said else None,
        shutdown=True if "shutdown" in said else None,
    )


def interface_key(name: str) -> str:
    """`GigabitEthernet 0/0/0` and `gigabitethernet0/0/0` are one interface."""
    return name.replace(" ", "").lower()


_SECTIONS: Final = {
    "call-home": "call-home",
    "redundancy": "redundancy",
    "voice service voip": "voip",
}
_INSIDE: Final[Mapping[str, Callable[[Sections, Page, str], bool]]] = {
    "interface": Sections.in_interface,
    "call-home": Sections.in_call_home,
    "redundancy": Sections.in_redundancy,
    "voip": Sections.in_voip,
}
