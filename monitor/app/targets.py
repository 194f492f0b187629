"""The databases outside as configured, each with its cursor in the log."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.app.build import Parts
from monitor.app.sources import ended
from monitor.config.model import ShipConfig
from monitor.domain.cursors import Piece, TargetState
from monitor.pipeline.shipping import Follows, Shipper, Target
from monitor.store.embedded import EmbeddedStore

logger = logging.getLogger(__name__)

PREFIX: Final = "ship:"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """From the log to one target."""

    name: str
    kind: str
    store: EmbeddedStore
    follower: Follows
    target: Target

    def confirm(self, piece: Piece) -> None:
        self.store.advance(PREFIX + self.name, piece)


@dataclass(slots=True)
class _Shipment:
    """One target that is worked for."""

    config: ShipConfig
    shipper: Shipper
    task: asyncio.Task[None] | None = None


@dataclass(slots=True)
class ShippingPlan:
    """What is to be done so that another configuration holds."""

    targets: Mapping[str, tuple[ShipConfig, Target]] = field(default_factory=dict)
    """Label -> what is new, or another now."""
    stays: frozenset[str] = frozenset()


class Shipping:
    """All targets; an answer for the API, too."""

    def __init__(self, parts: Parts, clock: Callable[[], float]) -> None:
        self._parts = parts
        self._store = parts.store
        self._clock = clock
        self._shipments: dict[str, _Shipment] = {}
        self._group: asyncio.TaskGroup | None = None

    @property
    def shippers(self) -> Sequence[Shipper]:
        """Those that work, in the order of the configuration."""
        return [one.shipper for one in tuple(self._shipments.values())]

    def states(self) -> Sequence[TargetState]:
        """How it stands with each. Raises StoreError."""
        return [one.state() for one in self.shippers]

    def rewind(self, name: str, to: int) -> bool:
        """Send a target again what is of this second or later; False where there is none."""
        return self._store.rewind(PREFIX + name, to)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Work for all targets."""
        self._group = group
        for one in self._shipments.values():
            one.task = group.create_task(one.shipper.run())

    async def stop(self) -> None:
        """Stop working; returns when all have ended."""
        await ended(one.task for one in self._shipments.values() if one.task is not None)

    def plan(self, ship: Sequence[ShipConfig]) -> ShippingPlan:
        """Build the targets that are new or changed; raises ConfigError, connects nothing."""
        known = {label: one.config for label, one in self._shipments.items()}
        stays = frozenset(one.label for one in ship if known.get(one.label) == one)
        built = {one.label: (one, one.build()) for one in ship if one.label not in stays}
        return ShippingPlan(targets=built, stays=stays)

    async def exchange(self, plan: ShippingPlan) -> None:
        """Work for these from now on; each goes on where its cursor stands. Raises StoreError."""
        gone = {
            label: self._shipments.pop(label)
            for label in tuple(self._shipments)
            if label not in plan.stays
        }
        await ended(one.task for one in gone.values() if one.task is not None)
        self.register(plan)

    def register(self, plan: ShippingPlan) -> None:
        """Take over the new targets; forget those that are gone. Raises StoreError."""
        _forget_others(plan.stays | plan.targets.keys(), self._store)
        for label, (config, target) in plan.targets.items():
            self._begin(label, config, target)

    def _begin(self, label: str, config: ShipConfig, target: Target) -> None:
        route = _Route(
            name=label,
            kind=config.kind,
            store=self._store,
            follower=self._store.follow(PREFIX + label, config.what),
            target=target,
        )
        commit = self._parts.rooms.writer.commit
        shipper = Shipper(route, commit, self._parts.instruments, self._clock)
        begun = self._shipments[label] = _Shipment(config, shipper)
        if self._group is not None:
            begun.task = self._group.create_task(shipper.run())


def shipping(parts: Parts, clock: Callable[[], float]) -> Shipping:
    """Register every target; forget those that are no longer configured. Raises StoreError."""
    made = Shipping(parts, clock)
    made.register(made.plan(parts.config.ship))
    return made


def _forget_others(labels: Collection[str], store: EmbeddedStore) -> None:
    wanted = {PREFIX + label for label in labels}
    for known in store.cursors():
        if known.name.startswith(PREFIX) and known.name not in wanted:
            logger.warning(
                "%s is no longer configured: how far it had come is forgotten",
                known.name.removeprefix(PREFIX),
            )
            store.forget(known.name)
