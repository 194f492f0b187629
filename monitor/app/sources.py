"""The running collectors: those whose part of the configuration stays the same stay as they are."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable

from monitor.app.build import Parts, collector_of
from monitor.collect.gnmi import GnmiConfig
from monitor.collect.restconf import RestconfConfig
from monitor.collect.snmp import SnmpConfig
from monitor.collect.ssh import SshConfig
from monitor.config import Config
from monitor.config.model import CollectorConfig
from monitor.wire import Collector

_LISTEN_SECONDS: Final = 3.0

Supervise = Callable[[str, Collector], Awaitable[None]]


@runtime_checkable
class Polls(Protocol):
    """A collector that goes to devices; `targets` are device id -> how it is reached."""

    async def leave(self, targets: Mapping[str, Any]) -> None:
        """Stop with devices that are not among `targets`, or are reached otherwise there."""
        ...

    def join(self, targets: Mapping[str, Any]) -> None:
        """Begin with those of `targets` that are not gone to yet."""
        ...


@runtime_checkable
class Listens(Protocol):
    """A collector that devices come to."""

    listening: asyncio.Event


@dataclass(slots=True)
class _Source:
    name: str
    config: CollectorConfig
    collector: Collector
    task: asyncio.Task[None]


@dataclass(slots=True)
class SourcesPlan:
    """What is to be done so that another configuration holds."""

    ending: list[_Source] = field(default_factory=list)
    beginning: list[tuple[str, CollectorConfig, Collector]] = field(default_factory=list)


class Sources:
    """Collectors in one task group, each supervised."""

    def __init__(self, parts: Parts, supervise: Supervise) -> None:
        self._parts = parts
        self._supervise = supervise
        self._running: list[_Source] = []
        self._group: asyncio.TaskGroup | None = None

    async def start(self, group: asyncio.TaskGroup, built: Mapping[str, Collector]) -> None:
        """Start all; returns when those that listen do, or after a moment.

        One that cannot listen is tried again meanwhile.
        """
        self._group = group
        configs = self._parts.config.collect
        for (name, collector), config in zip(built.items(), configs, strict=True):
            self._begin(name, config, collector)
        await _listening(one.collector for one in self._running)

    def plan(self, parts: Parts) -> SourcesPlan:
        """Build what is new, by the configuration of `parts`; raises ConfigError, starts nothing.

        An entry stays where there is the same one: its position does not matter.
        """
        plan = SourcesPlan()
        wanted = list(parts.config.collect)
        for source in self._running:
            if source.config in wanted:
                wanted.remove(source.config)
            else:
                plan.ending.append(source)
        taken = {source.name for source in self._running if source not in plan.ending}
        for config in wanted:
            name = _free(config.kind, taken)
            taken.add(name)
            plan.beginning.append((name, config, collector_of(config, parts)))
        return plan

    async def leave(self, plan: SourcesPlan, config: Config) -> None:
        """Stop what ends, with what it has under way handed on, and leave devices that go."""
        for source in plan.ending:
            self._running.remove(source)
        await ended([source.task for source in plan.ending])
        for source in self._running:
            if isinstance(source.collector, Polls):
                await source.collector.leave(_targets(source.config, config))

    async def join(self, plan: SourcesPlan, config: Config) -> None:
        """Go to devices that came, and begin what is new."""
        for source in self._running:
            if isinstance(source.collector, Polls):
                source.collector.join(_targets(source.config, config))
        for name, its, collector in plan.beginning:
            self._begin(name, its, collector)
        await _listening(collector for _, _, collector in plan.beginning)

    async def stop(self) -> None:
        """Stop all; returns when what they have under way is handed on."""
        await ended([source.task for source in self._running])

    def _begin(self, name: str, config: CollectorConfig, collector: Collector) -> None:
        if self._group is None:
            return

        async def supervised() -> None:
            await self._supervise(name, collector)

        task = self._group.create_task(supervised(), name=name)
        self._running.append(_Source(name, config, collector, task))


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


def _targets(config: CollectorConfig, whole: Config) -> Mapping[str, Any]:
    ways: tuple[tuple[type, str], ...] = (
        (SshConfig, "ssh"),
        (SnmpConfig, "snmp"),
        (GnmiConfig, "gnmi"),
        (RestconfConfig, "restconf"),
    )
    for kind, way in ways:
        if isinstance(config, kind):
            found = {one.name: getattr(one, way) for one in whole.devices}
            return {name: target for name, target in found.items() if target is not None}
    return {}


def _free(kind: str, taken: Iterable[str]) -> str:
    names = set(taken)
    number = 1
    name = kind
    while name in names:
        number += 1
        name = f"{kind}_{number}"
    return name


async def _listening(collectors: Iterable[Collector]) -> None:
    events = [one.listening for one in collectors if isinstance(one, Listens)]
    with suppress(TimeoutError):
        async with asyncio.timeout(_LISTEN_SECONDS):
            for event in events:
                await event.wait()
