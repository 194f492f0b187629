"""`show cube status`: version, platform, redundancy; before 17.2.1r capacity and blocked calls.

Source: Cisco's chapter "CUBE Smart Licensing". From 17.2.1r capacity and blocked calls are no
longer printed; from 17.15.1a `Dynamic License Usage Count` is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.show.output import Command, Told, count, words
from monitor.parse.show.page import ALL_READ, Page, Unparsed, labelled

HA_TYPES: Final = frozenset({"none", "hot-standby-chassis-to-chassis", "hot-standby-card-to-card"})

_SOFTWARE = re.compile(r"([^\s,]+)(?:, (?:Platform )+(\S+))?,?")
_REASONS: Final = frozenset({"smart licensing not configured", "smart licensing eval expired"})
_VERSION = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,3}[a-z]?")
_BLOCKED = re.compile(r"calls blocked \((.{1,80})\)", re.IGNORECASE)
_LABELS: Final = {
    "cube-version": "cube_version",
    "sw-version": "software",
    "ha-type": "ha_type",
    "licensed-capacity": "licensed_capacity",
    "dynamic license usage count": "dynamic_usage_count",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CubeStatus:
    """Values are None where their line is missing; which there are depends on the release."""

    cube_version: str | None = None
    software_version: str | None = None
    release: str | None = None
    """`software_version` in its normal form."""
    platform: str | None = None
    ha_type: str | None = None
    licensed_capacity: int | None = None
    calls_blocked: int | None = None
    """Of all reasons together."""
    calls_blocked_by: Mapping[str, int] = field(default_factory=dict)
    """Reason in brackets -> calls."""
    dynamic_usage_count: int | None = None
    unparsed: Unparsed = ALL_READ


def read(page: Page) -> CubeStatus:
    """The output's values."""
    values: dict[str, str] = {}
    blocked: dict[str, int] = {}
    for line in page:
        _take(page, line, values, blocked)
    software = _software(page, values.get("software"))
    return CubeStatus(
        cube_version=_cube_version(page, values.get("cube_version")),
        software_version=software[0],
        release=page.release("SW-Version", software[0]),
        platform=software[1],
        ha_type=_ha_type(page, values.get("ha_type")),
        licensed_capacity=page.number("Licensed-Capacity", values.get("licensed_capacity")),
        calls_blocked=sum(blocked.values()) if blocked else None,
        calls_blocked_by=blocked,
        dynamic_usage_count=page.number(
            "Dynamic License Usage Count", values.get("dynamic_usage_count")
        ),
        unparsed=page.unparsed,
    )


def _take(page: Page, line: str, values: dict[str, str], blocked: dict[str, int]) -> None:
    label, value = labelled(line) or ("", "")
    if key := _LABELS.get(label):
        page.file(values, key, value)
    elif reason := _BLOCKED.fullmatch(line.partition(":")[0].strip()):
        calls = page.number(line.partition(":")[0].strip(), value)
        if reason[1].lower() not in _REASONS:
            page.unclear("Calls blocked", reason[1], "a known reason")
        if calls is not None and blocked.setdefault(reason[1], calls) != calls:
            page.warn(f"Calls blocked ({reason[1]}) is printed twice with different numbers")
    else:
        page.leave(line)


def _software(page: Page, text: str | None) -> tuple[str | None, str | None]:
    if text is None:
        return None, None
    found = _SOFTWARE.fullmatch(text)
    if found is None:
        page.unclear("SW-Version", text, "a release and its platform")
        return None, None
    return found[1], found[2]


def _cube_version(page: Page, text: str | None) -> str | None:
    if text is not None and _VERSION.fullmatch(text) is None:
        page.unclear("CUBE-Version", text, "a version")
    return text


def _ha_type(page: Page, text: str | None) -> str | None:
    if text is None or text.lower() in HA_TYPES:
        return text and text.lower()
    page.unclear("HA-Type", text, "a known kind of redundancy")
    return text


def tell(data: CubeStatus) -> Iterator[Told]:
    """Facts."""
    yield from words(FactName.RELEASE, data.release)
    yield from words(FactName.PLATFORM, data.platform)
    if data.ha_type in HA_TYPES:
        yield from words(FactName.HA_TYPE, data.ha_type)
    yield from count(FactName.LICENSED_CAPACITY, data.licensed_capacity)
    for reason, calls in data.calls_blocked_by.items():
        yield from count(FactName.CALLS_BLOCKED, calls, reason)
    yield from count(FactName.DYNAMIC_USAGE_COUNT, data.dynamic_usage_count)


COMMAND: Final = Command(
    name="show cube status",
    marks=frozenset({"cube-version", "sw-version", "ha-type", "dynamic license usage count"}),
    begins="cube-version",
    read=read,
    tell=tell,
)
