"""Live objects from a configuration; nothing is started here."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry

from monitor.aggregate.condensing import merged_minutes
from monitor.aggregate.live import Live
from monitor.app.telemetry import telemetry
from monitor.app.usage_rules import configured_rules
from monitor.collect.cssm import CssmConfig, CssmFiles, CssmFilesConfig, CssmPoller
from monitor.collect.gnmi import GnmiConfig
from monitor.collect.restconf import RestconfConfig
from monitor.collect.snmp import SnmpConfig, SnmpPoller
from monitor.collect.ssh import Known, SshConfig, SshPoller
from monitor.config import Config
from monitor.config.model import CollectorConfig
from monitor.domain.entitlements import names_with
from monitor.domain.instants import HOUR, MINUTE
from monitor.domain.measurement import Measurement
from monitor.domain.pair import Redundancy
from monitor.domain.records import Batch
from monitor.domain.tags import AGGREGATE
from monitor.evaluate.evidence import instant
from monitor.evaluate.limits import Limits
from monitor.instrument import Instruments
from monitor.pipeline.acknowledged import Acknowledgements
from monitor.pipeline.clock_back import ClockBack
from monitor.pipeline.flow import Pipeline, Rooms
from monitor.pipeline.identity import Registry
from monitor.pipeline.instances import Instances, Knowledge
from monitor.pipeline.judging import Judge
from monitor.pipeline.listening import Listener
from monitor.pipeline.logins import Logins
from monitor.pipeline.measured import Measured
from monitor.pipeline.measuring import Measuring
from monitor.pipeline.operations import Operations
from monitor.pipeline.pairs import RoleHistory
from monitor.pipeline.partners import Partners
from monitor.pipeline.presence import Presence
from monitor.pipeline.relays import Relays
from monitor.pipeline.rum import Routers, RumBook
from monitor.pipeline.usage_rules import UsageRules
from monitor.pipeline.weekly import WeeklyUse
from monitor.pipeline.writing import GROUP_SECONDS, Writer
from monitor.store.embedded import EmbeddedStore
from monitor.wire import Collector

Clock = Callable[[], float]
_END_OF_TIME: Final = 1 << 40
MANNERS: Final = frozenset({"ssh", "snmp", "gnmi", "restconf"})
_TELEMETRY: Final = (GnmiConfig, RestconfConfig)


@dataclass(slots=True, kw_only=True)
class Parts:
    """What runs together."""

    config: Config
    """As it is in use: a reload puts another in its place."""
    registry: CollectorRegistry
    instruments: Instruments
    store: EmbeddedStore
    rooms: Rooms
    pipeline: Pipeline
    operations: Operations
    rum: RumBook
    logins: Logins
    """Is told by collectors how devices take their credentials."""
    relays: Relays
    """Is told by the listener which relay brings a device's messages."""


def build(config: Config, clock: Clock, *, group_seconds: float = GROUP_SECONDS) -> Parts:
    """Open the store, take over what an earlier run knew, join the rooms.

    What arrives within `group_seconds` goes into one commit.
    Raises ConfigError or StoreError where the data directory cannot be used.
    """
    registry = CollectorRegistry()
    instruments = Instruments(registry)
    store = config.store.build(instruments)
    writer = Writer(store, instruments, group_seconds=group_seconds)
    rooms = _rooms(config, store, writer, clock)
    knowledge = Knowledge(
        sheet=rooms.judge.sheet, open_of=rooms.judge.open_of, subjects=rooms.judge.subjects
    )
    writer.before.append(ClockBack(rooms.judge.filed, clock).lifted)
    writer.before.append(Instances(rooms.registry, knowledge).told_apart)
    writer.before.append(Partners(knowledge.sheet).noted)
    writer.before.append(Acknowledgements(rooms.judge.sheet).noted)
    pipeline = Pipeline(rooms, store.latest_readings())
    if store.corrupt is not None:
        pipeline.lasting_faults.append(f"the database was broken and set aside: {store.corrupt}")
    if store.away is not None:
        writer.away(store.away)
    rum = _rum(rooms, store)
    pipeline.rum_counts = rum.counts
    logins = Logins(rooms.judge.sheet, writer)
    if "collect" in config.model_fields_set:
        # A command that has no configuration at hand says nothing of how devices are reached.
        logins.forget(rooms.registry.devices, ways_of(config), clock())
    relays = Relays(rooms.judge.sheet, writer)
    rooms.listener.route = relays
    if config.model_fields_set - {"store"}:
        relays.forget(rooms.registry.devices, config.relays, clock())
    return Parts(
        config=config,
        registry=registry,
        instruments=instruments,
        store=store,
        rooms=rooms,
        pipeline=pipeline,
        operations=Operations(rooms.registry, writer, knowledge, clock),
        rum=rum,
        logins=logins,
        relays=relays,
    )


def _rum(rooms: Rooms, store: EmbeddedStore) -> RumBook:
    def called(name: str) -> str | None:
        device = rooms.registry.called(name)
        return None if device is None else device.id

    book = RumBook(Routers(sheet=rooms.judge.sheet, called=called), rooms.writer, rooms.clock)
    book.remember(store.rum_notes(), store.rum_listings(), store.facts())
    return book


def collectors(parts: Parts) -> Mapping[str, Collector]:
    """The configured collectors by a name that is unique among them."""
    built: dict[str, Collector] = {}
    for number, one in enumerate(parts.config.collect, start=1):
        name = one.kind if one.kind not in built else f"{one.kind}_{number}"
        built[name] = collector_of(one, parts)
    return built


def collector_of(config: CollectorConfig, parts: Parts) -> Collector:
    """The collector of one entry. Raises ConfigError."""
    if isinstance(config, SshConfig):
        return _ssh(config, parts)
    if isinstance(config, SnmpConfig):
        return _snmp(config, parts)
    if isinstance(config, _TELEMETRY):
        sheet = parts.rooms.judge.sheet
        collector = telemetry(config, lambda: parts.config.devices, parts.instruments, sheet)
        collector.logins = parts.logins
        return collector
    if isinstance(config, CssmConfig):
        return CssmPoller(config, parts.instruments)
    if isinstance(config, CssmFilesConfig):
        return CssmFiles(config, _memory(config, parts))
    return config.build(parts.instruments)


def _memory(config: CssmFilesConfig, parts: Parts) -> Path:
    """Where a watched folder's files are remembered: beside the data, one file a folder."""
    folder = hashlib.sha256(str(config.directory.absolute()).encode()).hexdigest()[:16]
    return parts.config.store.directory / f"cssm-files-{folder}.json"


def _snmp(config: SnmpConfig, parts: Parts) -> SnmpPoller:
    targets = {one.name: one.snmp for one in parts.config.devices if one.snmp is not None}
    poller = SnmpPoller(config=config, targets=targets, instruments=parts.instruments)
    poller.logins = parts.logins
    return poller


def _ssh(config: SshConfig, parts: Parts) -> SshPoller:
    targets = {one.name: one.ssh for one in parts.config.devices if one.ssh is not None}
    poller = SshPoller(
        config=config,
        targets=targets,
        instruments=parts.instruments,
        known_of=partial(_known, parts),
    )
    poller.logins = parts.logins
    return poller


def ways_of(config: Config) -> frozenset[tuple[str, str]]:
    """(device, manner) of those that are gone to with a credential."""
    return frozenset(
        (device.name, manner)
        for device in config.devices
        for manner in MANNERS
        if getattr(device, manner) is not None
    )


def _known(parts: Parts, device: str) -> Known:
    """What the poller's plan hangs on."""
    state = parts.pipeline.state_of(device)
    declared = any(device in one.members for one in parts.config.pairs)
    if state is None:
        return Known(pair=declared)
    return Known(
        deadline=instant(state.cycle.deadline),
        next_push=instant(state.cycle.next_push),
        release=state.release,
        pair=declared or _redundant(state.redundancy),
    )


def _redundant(said: Redundancy | None) -> bool:
    # Every router says something of redundancy; a lone one says that there is none.
    if said is None:
        return False
    return said.ha_type not in {None, "none"} or bool(said.peers) or said.processors


def _rooms(config: Config, store: EmbeddedStore, writer: Writer, clock: Clock) -> Rooms:
    instruments = writer.instruments
    registry = _registry(config, store)
    listener = Listener(registry, instruments)
    judge = Judge(
        registry,
        accounts=[one.account() for one in config.accounts],
        limits=limits_of(config),
        presence=Presence(listener.last_heard),
        instruments=instruments,
        pairs=[one.pair() for one in config.pairs],
    )
    judge.remember(store.facts(), store.standings())
    configure_accounts(config, judge, writer, clock())
    listener.learn_zones(store.facts())
    judge.know_pairs(clock())
    roles = RoleHistory(judge.sheet, lambda: judge.pairs)
    writer.before.append(roles.noted)
    rules = _usage_rules(config, store, judge, roles, writer)
    store.merge_with(lambda device, dense: merged_minutes(dense, rules(device)))
    live = Live(store, rules, config.usage.lateness_seconds)
    live.watch(sorted({series.device for series in store.series()}))
    measuring = Measuring(live, writer, instruments, clock)
    measuring.remember(list(_newest_measurements(store)))
    judge.peaks = measuring.peaks
    weekly = _weekly(store, judge, writer, clock)
    _compare(store, rules, judge, measuring)
    return Rooms(
        registry=registry,
        writer=writer,
        listener=listener,
        judge=judge,
        measuring=measuring,
        instruments=instruments,
        clock=clock,
        weekly=weekly,
        newest_minute=config.usage.newest_minute,
        usage_rules=rules,
    )


def _weekly(store: EmbeddedStore, judge: Judge, writer: Writer, clock: Clock) -> WeeklyUse:
    def recorded(device: str, start: int) -> Sequence[Measurement]:
        return store.measurements(device=device, start=start)

    weekly = WeeklyUse(recorded, clock, judge.reconsider_accounts)
    weekly.remember({series.device for series in store.series()})
    writer.after.append(weekly.noted)
    judge.forecasts = weekly.forecasts
    return weekly


def configure_accounts(config: Config, judge: Judge, writer: Writer, now: float) -> None:
    """Take over the configured accounts, at start and at a reload."""
    names = names_with(config.license_names)
    # A command that has no configuration at hand, or a file without accounts, says nothing of them.
    said = "accounts" in config.model_fields_set
    accounts = [one.account() for one in config.accounts] if said else None
    facts = judge.accounts.configure(accounts, names, now)
    if facts:
        writer.add(Batch(facts=facts))


def _compare(store: EmbeddedStore, rules: UsageRules, judge: Judge, measuring: Measuring) -> None:
    """Judge a device again when something was measured: reported counts are held against it."""
    measured = Measured(store, lambda device, start: rules(device).period_seconds(start))
    judge.measured = measured
    measuring.recorded.append(measured.renew)
    measuring.recorded.append(lambda device, _: judge.meet([device]))


def limits_of(config: Config) -> Limits:
    """The limits with the intervals at which devices are really polled."""
    limits = config.limits
    for one in config.collect:
        if isinstance(one, SshConfig):
            limits = replace(
                limits,
                poll_interval_hours=one.interval / HOUR,
                poll_interval_near_hours=one.near_interval / HOUR,
                poll_near_days=one.near_days,
            )
        elif isinstance(one, SnmpConfig):
            limits = replace(limits, snmp_interval_minutes=one.interval / MINUTE)
    return replace(limits, telemetry_interval_minutes=_telemetry_interval(config) / MINUTE)


def _telemetry_interval(config: Config) -> float:
    """Streams that break are tried again within minutes: no silence before that means anything."""
    intervals = (one.interval for one in config.collect if isinstance(one, _TELEMETRY))
    return max([config.limits.telemetry_interval_minutes * MINUTE, *intervals])


def _registry(config: Config, store: EmbeddedStore) -> Registry:
    registry = Registry(
        (one.device() for one in config.devices),
        relays=config.relays,
        learn_at_most=config.learn_at_most,
    )
    registry.restore(store.devices())
    return registry


def _usage_rules(
    config: Config, store: EmbeddedStore, judge: Judge, roles: RoleHistory, writer: Writer
) -> UsageRules:
    configured, default = configured_rules(config)
    return UsageRules(
        configured,
        default,
        sheet=judge.sheet,
        measured=lambda device: any(store.origin(device, tag) for tag in store.tags(device)),
        roles=roles.roles,
        writer=writer,
    )


def _newest_measurements(store: EmbeddedStore) -> Iterator[Measurement]:
    tags_measured = {(one.device, tag) for one in store.series() for tag in (one.tag, AGGREGATE)}
    for device, tag in sorted(tags_measured):
        newest = store.checkpoint(device, tag, _END_OF_TIME)
        if newest is not None:
            yield newest
