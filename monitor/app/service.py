"""The running service: collectors under supervision, loops, a drain at the end."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Final

from fastapi import FastAPI

from monitor.app.build import build, collectors
from monitor.app.doctor import Doctor
from monitor.app.targets import shipping
from monitor.collect.syslog.tcp import SyslogTcp
from monitor.collect.syslog.udp import SyslogUdp
from monitor.config import Config
from monitor.errors import CollectError, StoreError
from monitor.expose.access import Access
from monitor.expose.api import (
    accept_captures,
    accept_diagnosis,
    accept_operations,
    build_api,
    show_rum,
    show_shipping,
)
from monitor.expose.guard import Doorkeeper
from monitor.expose.http import HttpServer
from monitor.expose.tokens import read_tokens
from monitor.instrument import Instruments
from monitor.pipeline.flow import Pipeline
from monitor.pipeline.writing import Writer
from monitor.wire import Collector, Intake

logger = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
_STEADY_SECONDS: Final = 300.0
_COMPACT_SECONDS: Final = 60.0
_DRAIN_SECONDS: Final = 20.0
"""Stopping gives up when nothing was committed for so long."""
_LONGEST_DRAIN_SECONDS: Final = 80.0
"""And after so long all told: less than what service managers wait before they kill."""
_LISTEN_SECONDS: Final = 3.0


class Service:
    """Everything of one monitor; build it, run it once."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.time) -> None:
        self._config = config
        self._clock = clock
        self._parts = build(config, clock)
        self._shipping = shipping(self._parts, clock)
        self._draining = False
        self.ready = asyncio.Event()
        """Set when the collectors run and the API answers."""
        self._access = Access(read_tokens(config.http.tokens), config.http.answers_to)
        self.app = self._api()
        """What answers over HTTP."""
        self._http = HttpServer(self.app, config.http)
        self.port = 0
        """The HTTP port in use, once ready."""

    @property
    def pipeline(self) -> Pipeline:
        """Where records may be handed in from inside the process."""
        return self._parts.pipeline

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then read and commit what has arrived, then close."""
        try:
            self.port = self._http.bind()
            await self._run(stop)
        finally:
            self._parts.rooms.writer.close()
            self._parts.store.close()
            logger.info("stopped")

    async def _run(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as tasks:
            loops = [tasks.create_task(one) for one in self._loops()]
            serving = tasks.create_task(self._http.run(), name="http")
            built = collectors(self._parts)
            sources = [
                tasks.create_task(self._supervised(name, one), name=name)
                for name, one in built.items()
            ]
            await _listening(built.values())
            self.ready.set()
            await stop.wait()
            self._draining = True
            await _ended(sources)
            await self._drained()
            await _ended([*loops, serving])

    def _loops(self) -> Iterable[Coroutine[None, None, None]]:
        rooms = self._parts.rooms
        yield rooms.writer.run()
        yield self.pipeline.read()
        yield self.pipeline.judge()
        yield rooms.measuring.run()
        yield self._tidy()
        for shipper in self._shipping.shippers:
            yield shipper.run()

    async def _tidy(self) -> None:
        writer = self._parts.rooms.writer
        while True:
            # A store that refuses is counted with the next commit, which fails for the same cause.
            with suppress(StoreError):
                tidied = await writer.compact(self._clock())
                await asyncio.sleep(0 if tidied else _COMPACT_SECONDS)

    async def _supervised(self, name: str, collector: Collector) -> None:
        await supervise(name, collector, self.pipeline, self._parts.instruments)

    async def _drained(self) -> None:
        try:
            async with asyncio.timeout(_LONGEST_DRAIN_SECONDS):
                await while_committing(self.pipeline.drain(), self._parts.rooms.writer)
        except TimeoutError as error:
            logger.warning("stopping with work undone: %s", str(error) or "it took too long")

    def _api(self) -> FastAPI:
        app = build_api(
            snapshot=lambda: self.pipeline.snapshot,
            archive=self._parts.store,
            ingest=self.pipeline.readings,
            ready=self._why_not_ready,
            registry=self._parts.registry,
            door=self._door(),
        )
        accept_captures(app, self.pipeline.show)
        accept_operations(app, self._parts.operations.perform, lambda: self.pipeline.snapshot)
        accept_diagnosis(app, Doctor(self._parts), lambda: self.pipeline.snapshot)
        show_shipping(app, self._shipping)
        show_rum(app, self._parts.rum, self._parts.store, lambda: self.pipeline.snapshot)
        return app

    def _door(self) -> Doorkeeper:
        refused = self._parts.instruments.http_refused
        return Doorkeeper(
            access=self._access, refused=lambda reason: refused.labels(reason=reason).inc()
        )

    def _why_not_ready(self) -> str | None:
        if self._draining:
            return "stopping"
        return None if self.ready.is_set() else "starting"


async def supervise(
    name: str, collector: Collector, intake: Intake, instruments: Instruments
) -> None:
    """Run a collector; start it again with growing pauses when its source is gone.

    Returns when the collector does (a file that is read). Every other error ends the service: it is
    a mistake of ours, and a monitor that goes on half blind would hide it.
    """
    pause = _FIRST_PAUSE
    up = instruments.collector_up.labels(collector=name)
    while True:
        started = time.monotonic()
        up.set(1)
        try:
            return await collector.run(intake)
        except CollectError as error:
            logger.warning("%s failed, starting it again in %.0f s: %s", name, pause, error)
        finally:
            up.set(0)
        instruments.restarts.labels(collector=name).inc()
        await asyncio.sleep(pause)
        steady = time.monotonic() - started > _STEADY_SECONDS
        pause = _FIRST_PAUSE if steady else min(pause * 2, _LONGEST_PAUSE)


async def _listening(built: Iterable[Collector]) -> None:
    """Wait until those that listen do, or a moment: one that cannot is tried again meanwhile."""
    events = [one.listening for one in built if isinstance(one, SyslogUdp | SyslogTcp)]
    with suppress(TimeoutError):
        async with asyncio.timeout(_LISTEN_SECONDS):
            for event in events:
                await event.wait()


async def while_committing(
    work: Coroutine[None, None, object], writer: Writer, patience: float = _DRAIN_SECONDS
) -> None:
    """Let work go on as long as commits happen; TimeoutError after `patience` without one."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            before = writer.commits
            await asyncio.wait({task}, timeout=patience)
            if not task.done() and writer.commits == before:
                raise TimeoutError(f"no commit in {patience:g} s")
        await task
    finally:
        task.cancel()


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def run(config: Config, *, stop: asyncio.Event | None = None) -> None:
    """Run a monitor until SIGTERM or SIGINT, or until `stop` is set."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await Service(config).run(stop)
