"""How each device is measured: as configured, and as a store and its facts know it."""

from collections.abc import Mapping
from dataclasses import replace

from prometheus_client import CollectorRegistry

from monitor.aggregate.rules import DeviceRules, period_hours
from monitor.config import Config, DeviceConfig
from monitor.instrument import Instruments
from monitor.pipeline.identity import Registry
from monitor.pipeline.judging import Judge
from monitor.pipeline.pairs import RoleHistory
from monitor.pipeline.presence import Presence
from monitor.pipeline.usage_rules import KnownRules
from monitor.store.embedded.reading import StoreReader


def known_rules(config: Config, store: StoreReader, now: float) -> KnownRules:
    """The rules by device as the running monitor has them; the store is only read."""
    registry = Registry(
        (one.device() for one in config.devices),
        relays=config.relays,
        learn_at_most=config.learn_at_most,
    )
    registry.restore(store.devices())
    judge = Judge(
        registry,
        accounts=(),
        limits=config.limits,
        presence=Presence({}),
        instruments=Instruments(CollectorRegistry()),
        pairs=[one.pair() for one in config.pairs],
    )
    judge.remember(store.facts(), ())
    judge.know_pairs(now)
    roles = RoleHistory(judge.sheet, lambda: judge.pairs)
    configured, default = configured_rules(config)
    return KnownRules(configured, default, sheet=judge.sheet, roles=roles.roles)


def configured_rules(config: Config) -> tuple[Mapping[str, DeviceRules], DeviceRules]:
    """Rules of the configured devices, and those of all others."""
    default = DeviceRules(
        periods=((0, period_hours(config.usage.periodicity)),), rounding=config.usage.rounding
    )
    return {one.name: _device_rules(one, default) for one in config.devices}, default


def _device_rules(device: DeviceConfig, default: DeviceRules) -> DeviceRules:
    periods = default.periods
    if device.periodicity is not None:
        periods = ((0, period_hours(device.periodicity)),)
    return replace(
        default,
        periods=periods,
        phase_minutes=device.phase_minutes or 0,
        calls=device.calls,
        legs=device.legs,
        excluded=frozenset(device.exclude_sources),
    )
