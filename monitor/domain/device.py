"""Devices: an internal id and the names under which a device speaks."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One product instance as declared in the configuration, or as learned from its messages."""

    id: str
    aliases: frozenset[str] = frozenset()
    """Host names, addresses, syslog origins, `PID:..,SN:..`; matched without regard to case."""
    virtual_account: str | None = None
    release: str | None = None
    """Used only until the device itself says its release."""
    zones: dict[str, int] = field(default_factory=dict)
    """Zone words of this device and their offsets in seconds east of UTC."""
    learned: bool = False
    """True where nobody declared it; learned devices are capped in number."""
    title: str | None = None
    """The name shown, where an operator renamed it; the id stays."""
    retired_at: float | None = None
    """Seconds since 1970 UTC from which it is out of use: not judged, not counted."""
    replaced_by: str | None = None
    """The device that took its place."""
