"""Collectors of YANG trees, told what is known of each device."""

from collections.abc import Callable, Iterable, Mapping

from monitor.collect.gnmi import GnmiCollector, GnmiConfig
from monitor.collect.restconf import RestconfConfig, RestconfPoller
from monitor.config import DeviceConfig
from monitor.domain.facts import Fact, FactKey, FactName
from monitor.domain.yang import About
from monitor.instrument import Instruments

Sheet = Callable[[str], Mapping[FactKey, Fact]]


def telemetry(
    config: GnmiConfig | RestconfConfig,
    devices: Callable[[], Iterable[DeviceConfig]],
    instruments: Instruments,
    sheet: Sheet,
) -> GnmiCollector | RestconfPoller:
    """The collector of one entry of the configuration; `devices` are those in use at each call.

    Raises ConfigError where a device names a credential that is not there.
    """
    known = {device.name: device for device in devices()}

    def about(device: str) -> About:
        declared = next((one for one in devices() if one.name == device), None)
        return _about(declared, sheet(device))

    if isinstance(config, GnmiConfig):
        return GnmiCollector(
            config=config,
            targets={name: one.gnmi for name, one in known.items() if one.gnmi is not None},
            instruments=instruments,
            about=about,
        )
    return RestconfPoller(
        config=config,
        targets={name: one.restconf for name, one in known.items() if one.restconf is not None},
        instruments=instruments,
        about=about,
    )


def _about(device: DeviceConfig | None, sheet: Mapping[FactKey, Fact]) -> About:
    release = _newest(sheet, FactName.RELEASE) or (device.release if device else None)
    return About(release=release, platform=_newest(sheet, FactName.PLATFORM))


def _newest(sheet: Mapping[FactKey, Fact], name: FactName) -> str | None:
    facts = [fact for key, fact in sheet.items() if key.name is name]
    newest = max(facts, key=lambda fact: fact.effective, default=None)
    return str(newest.value) if newest is not None and newest.value else None
