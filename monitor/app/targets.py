"""The databases outside as configured, each with its cursor in the log."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.app.build import Parts
from monitor.config import Config
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


class Shipping:
    """All targets; an answer for the API, too."""

    def __init__(self, store: EmbeddedStore, shippers: Sequence[Shipper]) -> None:
        self._store = store
        self.shippers = shippers

    def states(self) -> Sequence[TargetState]:
        """How it stands with each. Raises StoreError."""
        return [one.state() for one in self.shippers]

    def rewind(self, name: str, to: int) -> bool:
        """Send a target again what is of this second or later; False where there is none."""
        return self._store.rewind(PREFIX + name, to)


def shipping(parts: Parts, clock: Callable[[], float]) -> Shipping:
    """Register every target; forget those that are no longer configured. Raises StoreError."""
    _forget_others(parts.config, parts.store)
    shippers = []
    for config in parts.config.ship:
        name = config.label
        route = _Route(
            name=name,
            kind=config.kind,
            store=parts.store,
            follower=parts.store.follow(PREFIX + name, config.what),
            target=config.build(),
        )
        shippers.append(Shipper(route, parts.rooms.writer.commit, parts.instruments, clock))
    return Shipping(parts.store, shippers)


def _forget_others(config: Config, store: EmbeddedStore) -> None:
    wanted = {PREFIX + one.label for one in config.ship}
    for known in store.cursors():
        if known.name.startswith(PREFIX) and known.name not in wanted:
            logger.warning(
                "%s is no longer configured: how far it had come is forgotten",
                known.name.removeprefix(PREFIX),
            )
            store.forget(known.name)
