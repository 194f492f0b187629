"""Which device a message is from: declared alias, then origin, then relay host, then address."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitor.domain.device import Device


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """How a message names its sender."""

    address: str
    origin: str | None = None
    relay: str | None = None

    def names(self) -> tuple[str, ...]:
        """From the surest to the weakest."""
        return tuple(name for name in (self.origin, self.relay, self.address) if name)


class Registry:
    """Known devices by their names; new ones are learned up to a cap.

    A message that comes by a trusted relay and names no known device belongs to nobody: it is
    never counted for a device learned from the relay's address.
    """

    def __init__(
        self, declared: Iterable[Device], *, relays: Iterable[str] = (), learn_at_most: int = 1000
    ) -> None:
        self.devices: dict[str, Device] = {}
        self._decided: dict[str, Device] = {}
        """What operators decided, as it is stored."""
        self._declare(declared, relays, learn_at_most)

    def redeclare(
        self, declared: Iterable[Device], *, relays: Iterable[str], learn_at_most: int
    ) -> frozenset[str]:
        """Know these instead, as after a restart: what was learned and decided stays.

        The ids of devices that came, went or are another way now come back.
        """
        before = self.devices
        found = (one for one in before.values() if one.learned or one.retired_at is not None)
        remembered = {one.id: one for one in found} | self._decided
        self._declare(declared, relays, learn_at_most)
        self.restore(remembered.values())
        return frozenset(
            name
            for name in before.keys() | self.devices.keys()
            if before.get(name) != self.devices.get(name)
        )

    def _declare(
        self, declared: Iterable[Device], relays: Iterable[str], learn_at_most: int
    ) -> None:
        self.devices = {}
        self._names: dict[str, str] = {}
        self._relays = frozenset(relays)
        self._room = learn_at_most
        for device in declared:
            self.know(device)

    def know(self, device: Device) -> None:
        """Add a device; a name that is taken stays with the device that had it first."""
        if device.id in self.devices:
            return
        self.devices[device.id] = device
        self._room -= device.learned
        for name in (device.id, *device.aliases):
            self._names.setdefault(name.casefold(), device.id)

    @property
    def retired(self) -> tuple[Device, ...]:
        """Those that are out of use."""
        return tuple(one for one in self.devices.values() if one.retired_at is not None)

    def amend(self, device: Device) -> None:
        """Put a changed device in the place of the one of its id; new names are added."""
        self._decided[device.id] = device
        self._replace(device)

    def _replace(self, device: Device) -> None:
        self.know(device)
        self.devices[device.id] = device
        for name in device.aliases:
            self._names.setdefault(name.casefold(), device.id)

    def hand_over(self, old: str, new: str) -> None:
        """Let every name of one device mean another."""
        for name, owner in self._names.items():
            if owner == old:
                self._names[name] = new

    def restore(self, stored: Iterable[Device]) -> None:
        """Take over learned devices of an earlier run, and what operators decided about any.

        A declared device that is declared no more comes back only where it is retired.
        """
        remembered = tuple(stored)
        for device in remembered:
            known = self.devices.get(device.id)
            if known is not None:
                self._decided[device.id] = device
                self._replace(_decided(known, device))
            elif device.learned or device.retired_at is not None:
                self.know(device)
        for device in remembered:
            if device.replaced_by is not None and device.replaced_by in self.devices:
                self.hand_over(device.id, device.replaced_by)

    def find(self, speaker: Speaker) -> Device | None:
        """The device that a message is from, None where it names no known one."""
        for name in speaker.names():
            known = self._names.get(name.casefold())
            if known is not None and not self._misleads(speaker, name, self.devices[known]):
                return self.devices[known]
        return None

    def relay_of(self, speaker: Speaker) -> str | None:
        """The trusted relay that the message came by; None where it came directly."""
        return speaker.address if speaker.address in self._relays else None

    def _misleads(self, speaker: Speaker, name: str, device: Device) -> bool:
        """An address says nothing where it is a relay's, or merely learned and a name is given."""
        if name != speaker.address:
            return False
        return name in self._relays or (device.learned and len(speaker.names()) > 1)

    def learn(self, speaker: Speaker) -> Device | None:
        """A new device named as the message names it; None for relays and when the cap is met."""
        if speaker.address in self._relays or self._room <= 0:
            return None
        name = speaker.names()[0]
        device = Device(id=name, aliases=frozenset({name}), learned=True)
        self.know(device)
        return device

    def called(self, name: str) -> Device | None:
        """The device of that id or alias, never a new one."""
        known = self._names.get(name.casefold())
        return self.devices.get(name) or (None if known is None else self.devices[known])

    def named(self, name: str) -> Device | None:
        """The device of that id or alias, learned where it is new; None when the cap is met."""
        known = self._names.get(name.casefold())
        if known is not None:
            return self.devices[known]
        return self.learn(Speaker(address="", origin=name))


def _decided(known: Device, stored: Device) -> Device:
    return replace(
        known,
        aliases=known.aliases | stored.aliases,
        virtual_account=known.virtual_account or stored.virtual_account,
        title=stored.title,
        retired_at=stored.retired_at,
        replaced_by=stored.replaced_by,
    )
