"""Take another configuration into use while everything runs: all of it, or nothing.

Everything is read, checked and built first. Then the parts whose own model changed are exchanged;
sockets, sessions and what is under way stay where nothing about them changed.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from monitor.app.build import Parts, configure_accounts, limits_of, ways_of
from monitor.app.declared import took
from monitor.app.sources import Sources, SourcesPlan
from monitor.app.targets import Shipping, ShippingPlan
from monitor.app.usage_rules import configured_rules
from monitor.config import Config
from monitor.config.renaming import names_of, renamed
from monitor.domain.reload import Reloaded
from monitor.errors import ConfigError, MonitorError
from monitor.expose.access import Access
from monitor.expose.http import HttpServer
from monitor.expose.tokens import Token, read_tokens

logger = logging.getLogger(__name__)

_LIVE: Final = frozenset(
    {
        "collect", "devices", "inventory", "accounts", "pairs", "limits", "relays",
        "learn_at_most", "ship", "license_names",
        "usage.periodicity", "usage.rounding", "usage.newest_minute",
        "http.hosts", "http.tokens", "http.tls", "http.drain_seconds",
    }
)  # fmt: skip
"""Keys whose change is taken into use; every other one needs a restart."""


class RestartNeededError(ConfigError):
    """The file is good, but holds what only another start can take into use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What shows the monitor to others."""

    server: HttpServer
    access: Access


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """Everything that can fail has been done."""

    config: Config
    sources: SourcesPlan
    ship: ShippingPlan
    tokens: Sequence[Token]
    context: ssl.SSLContext | None


class Reload:
    """One at a time; `source` reads the configuration anew and raises ConfigError."""

    def __init__(
        self,
        parts: Parts,
        *,
        sources: Sources,
        shipping: Shipping,
        face: Face,
        source: Callable[[], Config] | None,
    ) -> None:
        self._parts = parts
        self._sources = sources
        self._shipping = shipping
        self._face = face
        self._source = source
        self._lock = asyncio.Lock()
        self._good()

    async def __call__(self) -> Reloaded:
        """Take the file into use; which keys changed comes back.

        ConfigError says why not, StoreError that the store refused; what was in use stays.
        """
        async with self._lock:
            try:
                done = await self._reload()
            except MonitorError as error:
                self._bad(error)
                logger.error("the configuration in use stays: %s", error)  # noqa: TRY400 - the message says it all
                raise
            self._good()
            logger.info("configuration reloaded; changed: %s", ", ".join(done.changed) or "nothing")
            return done

    def _bad(self, error: MonitorError) -> None:
        first, *more = str(error).splitlines()
        others = f" (and {len(more)} more; `cubemon check` says all)" if more else ""
        self._parts.pipeline.config_fault = f"the configuration file is not in use: {first}{others}"
        self._parts.instruments.reload_good.set(0)
        self._parts.instruments.restart_needed.set(isinstance(error, RestartNeededError))

    def _good(self) -> None:
        self._parts.pipeline.config_fault = ""
        self._parts.instruments.restart_needed.set(0)
        self._parts.instruments.reload_good.set(1)
        self._parts.instruments.reloaded.set(time.time())

    async def _reload(self) -> Reloaded:
        if self._source is None:
            raise ConfigError("there is no configuration file: it was started without --config")
        config = await asyncio.to_thread(self._source)
        changed = tuple(changes(self._parts.config, config))
        # First all that can be wrong with it: who restarts for a key should find a good file.
        ready = self._prepared(config)
        _refuse_fixed(changed)
        before, knows = names_of(self._parts.config), self._parts.rooms.judge.knows
        names = list(renamed(before, names_of(config), knows))
        await self._apply(ready)
        await took(self._parts, names, self._parts.rooms.clock())
        return Reloaded(changed=changed, warnings=tuple(map(str, names)))

    def _prepared(self, config: Config) -> _Prepared:
        before, self._parts.config = self._parts.config, config
        try:
            # Collectors are built by the configuration that is to come.
            sources = self._sources.plan(self._parts)
        finally:
            self._parts.config = before
        return _Prepared(
            config=config,
            sources=sources,
            tokens=read_tokens(config.http.tokens),
            context=config.http.context(),
            ship=self._shipping.plan(config.ship),
        )

    async def _apply(self, ready: _Prepared) -> None:
        config = ready.config
        await self._sources.leave(ready.sources, config)
        self._exchange(config)
        await self._sources.join(ready.sources, config)
        await self._shipping.exchange(ready.ship)
        await self._face.server.exchange(config.http, ready.context)
        self._face.access.exchange(ready.tokens, config.http.answers_to)

    def _exchange(self, config: Config) -> None:
        """In one go, so that no message is read by half of it."""
        parts = self._parts
        rooms, parts.config = parts.rooms, config
        changed = rooms.registry.redeclare(
            [one.device() for one in config.devices],
            relays=config.relays,
            learn_at_most=config.learn_at_most,
        )
        rooms.judge.exchange(
            limits=limits_of(config), pairs=[one.pair() for one in config.pairs], changed=changed
        )
        parts.logins.forget(rooms.registry.devices, ways_of(config), rooms.clock())
        parts.relays.forget(rooms.registry.devices, config.relays, rooms.clock())
        configure_accounts(config, rooms.judge, rooms.writer, rooms.clock())
        if rooms.usage_rules.exchange(*configured_rules(config)):
            rooms.measuring.forget()
        parts.pipeline.read_minutes(config.usage.newest_minute)


def changes(before: Config, after: Config) -> Iterator[str]:
    """Keys that are another way: of `http`, `store` and `usage` the ones below, else the first."""
    for name in Config.model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if isinstance(old, BaseModel) and isinstance(new, BaseModel) and name != "limits":
            yield from (
                f"{name}.{key}"
                for key in type(old).model_fields
                if getattr(old, key) != getattr(new, key, None)
            )
        else:
            yield name


def _refuse_fixed(changed: Sequence[str]) -> None:
    fixed = [key for key in changed if key not in _LIVE]
    if fixed:
        keys, it = ", ".join(fixed), "it" if len(fixed) == 1 else "them"
        raise RestartNeededError(
            f"{keys}: cannot change while the monitor runs; the file is good: restart the monitor"
            f" to take all of it into use, or set {it} back and reload"
        )
