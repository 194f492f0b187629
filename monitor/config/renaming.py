"""Notices devices that look renamed in the file: one went, one came with a name of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from monitor.config.model import Config, DeviceConfig

Names = Mapping[str, frozenset[str]]
"""Name of a device -> what else it is known and reached by, in small letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """What may be one router under another name; nobody but people can tell."""

    before: str
    after: str
    shared: str
    """What both are known or reached by."""

    def __str__(self) -> str:
        return (
            f"{self.before} is declared no more and {self.after} came with {self.shared}:"
            f" {self.after} begins anew, without the history of {self.before}. If it is the same"
            f" router, write `name: {self.before}` again, reload, and type"
            f" `cubemon device rename {self.before} {self.after}`"
        )


def names_of(config: Config) -> Names:
    """The devices of a configuration, those of its inventories too."""
    return {device.name: frozenset(_known_by(device)) for device in config.devices}


def renamed(before: Names, after: Names, has_history: Callable[[str], bool]) -> Iterator[Renamed]:
    """Each device that came with something of one that went, in the order of the file.

    Only where history stays behind: `has_history` says whether anything is known of a name.
    """
    went = [name for name in before if name not in after and has_history(name)]
    owners = {name: gone for gone in went for name in (gone.casefold(), *before[gone])}
    for came in after:
        shared = sorted({came.casefold(), *after[came]} & owners.keys())
        if came not in before and shared and not has_history(came):
            yield Renamed(before=owners[shared[0]], after=came, shared=shared[0])


def _known_by(device: DeviceConfig) -> Iterator[str]:
    yield from (name.casefold() for name in (*device.addresses, *device.aliases))
    for way in ("ssh", "snmp", "gnmi", "restconf"):
        target = getattr(device, way)
        if target is not None:
            yield f"{target.host}:{target.port} ({way})".casefold()
