"""The YANG paths worth asking an IOS XE device for, and which of them a device can answer.

Sources: the public YANG models of IOS XE by release folder, and the capability files beside them.
A path that a device does not model is left out rather than asked for: some refuse a whole
subscription for one unknown path.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from monitor.domain.release import Rank, rank


class Purpose(StrEnum):
    """What a path is asked for."""

    ACK = "ack"
    POLICY = "policy"
    USAGE = "usage"
    AUTHORIZATION = "authorization"
    TRUST = "trust"
    TRANSPORT = "transport"
    CALLS = "calls"
    HA = "ha"
    REDUNDANCY_GROUP = "redundancy_group"
    UDI = "udi"
    SYSTEM = "system"
    OTHER = "other"
    """An operator's own path."""


class Origin(StrEnum):
    """How the elements of a path are named (gNMI specification, origin)."""

    RFC7951 = "rfc7951"
    """The first element carries its module's name."""
    LEGACY = "legacy"
    """The first element carries its module's YANG prefix."""
    OPENCONFIG = "openconfig"
    """No element carries anything."""
    NONE = "none"
    """As RFC 7951, and the origin itself is left out."""


LICENSE: Final = "cisco-smart-license"
VOICE: Final = "Cisco-IOS-XE-voice-oper"
HA: Final = "Cisco-IOS-XE-ha-oper"
GROUPS: Final = "Cisco-IOS-XE-rg-oper"
HARDWARE: Final = "Cisco-IOS-XE-device-hardware-oper"

PREFIXES: Final[Mapping[str, str]] = {
    LICENSE: "cisco-smart-license",
    VOICE: "voice-ios-xe-oper",
    HA: "ha-ios-xe-oper",
    GROUPS: "rg-ios-xe-oper",
    HARDWARE: "device-hardware-xe-oper",
}
"""Module -> its YANG prefix, for origin `legacy`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YangPath:
    """One path below its module. `steps` are names without prefixes, joined by `/`."""

    purpose: Purpose
    module: str
    steps: str
    revision: str = ""
    """The first revision of the module that has it, `2021-03-01`."""
    release: Rank = (16, 8, 1, "")
    """The first release that has it, where a device does not tell its models."""

    def named(self, origin: Origin) -> tuple[str, ...]:
        """The elements as a device expects them under an origin."""
        first, *rest = self.steps.split("/")
        if origin is Origin.OPENCONFIG:
            return (first, *rest)
        owner = PREFIXES.get(self.module, "") if origin is Origin.LEGACY else self.module
        return (f"{owner}:{first}" if owner else first, *rest)


_STATE = "licensing/state/state-info"
_POLICY_REVISION = "2021-03-01"
_TRUST_REVISION = "2020-11-01"

DEFAULTS: Final = (
    YangPath(
        purpose=Purpose.ACK, module=LICENSE, steps=f"{_STATE}/rum-ack",
        revision=_POLICY_REVISION, release=(17, 5, 1, ""),
    ),
    YangPath(
        purpose=Purpose.POLICY, module=LICENSE, steps=f"{_STATE}/policy/ack-required",
        revision=_POLICY_REVISION, release=(17, 5, 1, ""),
    ),
    YangPath(purpose=Purpose.USAGE, module=LICENSE, steps=f"{_STATE}/usage"),
    YangPath(purpose=Purpose.AUTHORIZATION, module=LICENSE, steps=f"{_STATE}/authorization"),
    YangPath(
        purpose=Purpose.TRUST, module=LICENSE, steps=f"{_STATE}/trust-code",
        revision=_TRUST_REVISION, release=(17, 4, 1, ""),
    ),
    YangPath(
        purpose=Purpose.TRANSPORT, module=LICENSE, steps=f"{_STATE}/transport/transport-type"
    ),
    YangPath(
        purpose=Purpose.CALLS, module=VOICE, release=(17, 3, 1, ""),
        steps="voice-oper-data/active-voip-call-summary/sip-call-legs",
    ),
    YangPath(
        purpose=Purpose.HA, module=HA, steps="ha-oper-data/ha-infra", release=(17, 6, 1, "")
    ),
    YangPath(
        purpose=Purpose.REDUNDANCY_GROUP, module=GROUPS, steps="rg-oper-data/red-app-group",
        release=(17, 15, 1, ""),
    ),
    YangPath(
        purpose=Purpose.UDI, module=HARDWARE,
        steps="device-hardware-data/device-hardware/device-inventory",
    ),
    YangPath(
        purpose=Purpose.SYSTEM, module=HARDWARE,
        steps="device-hardware-data/device-hardware/device-system-data/software-version",
    ),
)  # fmt: skip
"""Only a single leaf of the calls: their container would bring a list of every call along."""

_PATH = re.compile(r"/?([A-Za-z_][\w.-]{0,120}):([\w.-]{1,120}(?:/[\w.-]{1,120}){0,20})/?")


def path_of(text: str) -> YangPath:
    """The path that an operator wrote: `/module:name/name`, or the purpose of a default path.

    Raises ValueError, saying what can be written.
    """
    for known in DEFAULTS:
        if text in {known.purpose.value, f"/{known.module}:{known.steps}"}:
            return known
    found = _PATH.fullmatch(text)
    if found is None:
        names = ", ".join(one.purpose.value for one in DEFAULTS)
        raise ValueError(f"write /module:name/name without keys, or one of: {names}")
    return YangPath(purpose=Purpose.OTHER, module=found[1], steps=found[2])


_REVISION = re.compile(r"\d{4}-\d\d-\d\d")
_FAMILIES: Final = (
    ("asr1k", re.compile(r"ASR-?1", re.IGNORECASE)),
    ("c8500", re.compile(r"C85", re.IGNORECASE)),
    ("c8300", re.compile(r"C8[23]", re.IGNORECASE)),
    ("c8000v", re.compile(r"C8000V|CSR1|VXE", re.IGNORECASE)),
    ("isr4k", re.compile(r"ISR-?4", re.IGNORECASE)),
    ("isr1k", re.compile(r"C11|ISR-?1", re.IGNORECASE)),
)
_FIRST_WITH_VOICE: Final[Mapping[str, Rank | None]] = {
    "asr1k": None,
    "c8500": None,
    "c8000v": (17, 15, 1, ""),
    "c8300": (17, 6, 1, ""),
    "isr4k": (17, 3, 1, ""),
    "isr1k": (17, 3, 1, ""),
}
_WITH_HA: Final = frozenset({"asr1k", "c8500", "c8000v"})
_FIRST_WITHOUT_HA: Final = (17, 12, 1, "")


def family(platform: str | None) -> str | None:
    """The family of a platform as devices name it; None for one not in the table.

    >>> family("ISR4431/K9"), family("ASR1001-X"), family("C8000V"), family("toaster")
    ('isr4k', 'asr1k', 'c8000v', None)
    """
    text = (platform or "").removeprefix("cisco ")
    return next((name for name, shape in _FAMILIES if shape.match(text)), None)


def modelled(paths: Iterable[YangPath], models: Mapping[str, str]) -> tuple[YangPath, ...]:
    """Those a device can answer by its own word: `models` maps module -> revision."""
    return tuple(path for path in paths if _has(models, path))


def _has(models: Mapping[str, str], path: YangPath) -> bool:
    if path.module not in models:
        return False
    revision = models[path.module]
    # A version that is no date says nothing about what the module holds.
    return not (_REVISION.fullmatch(revision) and revision < path.revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a device that does not tell its models."""

    release: str | None = None
    platform: str | None = None


def expected(paths: Iterable[YangPath], about: About) -> tuple[YangPath, ...]:
    """Those a device should answer by its release and platform; unknown ones are tried."""
    return tuple(_expected(paths, rank(about.release), family(about.platform)))


def _expected(
    paths: Iterable[YangPath], running: Rank | None, kind: str | None
) -> Iterator[YangPath]:
    for path in paths:
        if running is not None and running < path.release:
            continue
        if _fits(path.purpose, running, kind):
            yield path


def _fits(purpose: Purpose, running: Rank | None, kind: str | None) -> bool:
    if kind is None:
        return True
    if purpose is Purpose.CALLS:
        first = _FIRST_WITH_VOICE[kind]
        return first is not None and (running is None or running >= first)
    if purpose is Purpose.HA:
        return kind in _WITH_HA and (running is None or running < _FIRST_WITHOUT_HA)
    return True
