"""Lines of a running configuration that are kept, by their first word; everything else is not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.parse.show.page import Page

_MOST: Final = 100
"""Values of one kind that are kept."""
_LONGEST: Final = 200
_PASSWORD = re.compile(r"(?:(?<=://)|^)[^/\s@]{1,200}@")
_QUERY = re.compile(r"\?.*")

_CONFIGURATION = re.compile(
    r"^ {0,4}(?:Building configuration|Current configuration|snmp-server |username |enable secret"
    r"|enable password|crypto )",
    re.IGNORECASE | re.MULTILINE,
)

Shapes = tuple[tuple[str, re.Pattern[str]], ...]


def _shapes(*shapes: tuple[str, str]) -> Shapes:
    return tuple((key, re.compile(shape, re.IGNORECASE)) for key, shape in shapes)


LINES: Final[Mapping[str, Shapes]] = {
    "hostname": _shapes(("host_name", r"hostname (\S{1,63})")),
    "ip": _shapes(
        ("name_server", r"ip name-server (?:vrf \S{1,64} )?([\d.:a-f ]{2,200})"),
        ("http_source", r"ip http client source-interface (\S{1,30}(?: \S{1,20})?)"),
        ("lookup", r"ip domain[- ]lookup()(?: .{0,60})?"),
    ),
    "no": _shapes(("no_lookup", r"no ip domain[- ]lookup()")),
    "license": _shapes(
        ("transport", r"license smart transport (\S{1,20})"),
        ("url", r"license smart url (\S{1,200}(?: \S{1,200})?)"),
        ("proxy_address", r"license smart proxy address (\S{1,200})"),
        ("proxy_port", r"license smart proxy port (\d{1,5})"),
        ("interval", r"license smart usage interval (\d{1,4})"),
        ("reservation", r"license smart reservation()"),
        ("vrf", r"license smart vrf (\S{1,64})"),
        ("accepted", r"license accept end user agreement()"),
        ("udi", r"license udi pid (\S{1,40} sn \S{1,40})"),
        ("boot_level", r"license boot (?:level|suite) (\S.{0,80})"),
    ),
    "clock": _shapes(
        ("zone", r"clock timezone (\S{1,16} -?\d{1,2}(?: \d{1,2})?)"),
        ("summer", r"clock summer-time (\S{1,16}) .{1,80}"),
    ),
    "ntp": _shapes(
        ("ntp", r"ntp server (?:vrf \S{1,64} )?(?:ip |ipv6 )?([\w.:-]{1,200})(?: .{0,80})?"),
    ),
    "service": _shapes(
        ("timestamps", r"service timestamps (\S.{0,80})"),
        ("sequence_numbers", r"service sequence-numbers()"),
    ),
    "logging": _shapes(
        ("logging_host", r"logging host (\S.{0,120})"),
        ("logging_host", r"logging (\d{1,3}(?:\.\d{1,3}){3})"),
        ("origin_id", r"logging origin-id (\S.{0,80})"),
        ("trap", r"logging trap (\S{1,20})"),
        ("logging_source", r"logging source-interface (\S{1,30}(?: vrf \S{1,64})?)"),
    ),
    "snmp-server": _shapes(
        ("snmp_host", r"snmp-server host ([\w.:-]{1,200})(?: .{0,200})?"),
        ("snmp_user", r"snmp-server user (\S{1,64}) \S{1,64}(?: .{0,300})?"),
        ("snmp_group", r"snmp-server group (\S{1,64} v\d\S{0,2})(?: .{0,200})?"),
        ("snmp_trap", r"snmp-server enable traps ?(.{0,80})"),
        ("snmp_community", r"snmp-server community ()\S.{0,200}"),
    ),
    "gnxi": _shapes(("gnmi", r"gnxi ?((?!.*(?:password|secret|token) \S).{0,60})")),
    "gnmi-yang": _shapes(("gnmi", r"gnmi-yang ?(.{0,60})")),
    "netconf-yang": _shapes(("netconf", r"netconf-yang()")),
    "restconf": _shapes(("restconf", r"restconf()")),
    "mode": _shapes(
        ("border_element", r"mode border-element((?: license (?:capacity|periodicity) .{1,60})?)"),
    ),
}
"""First word -> what its lines are kept as; the group of a shape is what is kept."""

SETTLED: Final = frozenset(
    {"snmp_host", "snmp_user", "snmp_group", "snmp_community", "url", "proxy_address"}
)
"""Lines that may hold a secret beside what is kept: they are never quoted."""
_MANY: Final = frozenset(
    {
        "name_server",
        "url",
        "boot_level",
        "ntp",
        "timestamps",
        "logging_host",
        "snmp_host",
        "snmp_user",
        "snmp_group",
        "snmp_trap",
        "snmp_community",
        "gnmi",
    }
)


def holds_configuration(text: str) -> bool:
    """Whether a capture has lines of a configuration, and so perhaps secrets, in it."""
    return _CONFIGURATION.search(text) is not None


def without_password(url: str) -> str:
    """A URL without its user, its password and what is asked behind `?`."""
    return _QUERY.sub("", _PASSWORD.sub("", url))


@dataclass(slots=True)
class Kept:
    """What the lines outside of any section said."""

    ones: dict[str, str] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)

    def take(self, page: Page, line: str) -> bool:
        """Keep what a line says; False for a line that is none of these."""
        for key, shape in LINES.get(line.partition(" ")[0].lower(), ()):
            if found := shape.fullmatch(line):
                self._put(page, key, without_password(found[1]).strip())
                if key in SETTLED:
                    page.settle(line)
                return True
        return False

    def _put(self, page: Page, key: str, value: str) -> None:
        if key not in _MANY:
            page.file(self.ones, key, value)
            return
        values = self.many.setdefault(key, [])
        if len(values) < _MOST and (key == "snmp_community" or value not in values):
            values.append(value[:_LONGEST])

    def said(self, key: str) -> bool | None:
        """True where the line is there, else None."""
        return True if key in self.ones else None

    def all(self, key: str) -> tuple[str, ...]:
        """Every value of a kind."""
        return tuple(self.many.get(key, ()))

    def any(self, *keys: str) -> bool:
        """Whether one of these lines is there."""
        return any(key in self.ones or key in self.many for key in keys)
