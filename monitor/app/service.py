"""The running service: collectors under supervision, loops, a drain at the end."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from functools import partial
from typing import Final

from fastapi import FastAPI

from monitor.app.build import build, collectors
from monitor.app.causes import causes
from monitor.app.declared import noticed, took
from monitor.app.doctor import Doctor
from monitor.app.notifier import notifier
from monitor.app.reload import Face, Reload
from monitor.app.sources import Sources, ended
from monitor.app.systemd import READY, RELOADING, STOPPING, ServiceManager
from monitor.app.targets import shipping
from monitor.config import Config
from monitor.domain.audit import AuditRecord
from monitor.domain.records import Batch
from monitor.errors import CollectError, MonitorError, StoreError
from monitor.expose.access import Access
from monitor.expose.api import (
    accept_captures,
    accept_diagnosis,
    accept_inventories,
    accept_operations,
    accept_recompute,
    accept_reloads,
    build_api,
    show_audit,
    show_pages,
    show_reports,
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

_NOTE_SECONDS: Final = 5.0
_LONGEST_RESULT: Final = 300
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
_STEADY_SECONDS: Final = 300.0
_COMPACT_SECONDS: Final = 60.0
_DRAIN_SECONDS: Final = 20.0
"""Stopping gives up when nothing was committed for so long."""
_LONGEST_DRAIN_SECONDS: Final = 80.0
"""And after so long all told: less than what service managers wait before they kill."""


class Service:
    """Everything of one monitor; build it, run it once."""

    def __init__(
        self,
        config: Config,
        clock: Callable[[], float] = time.time,
        source: Callable[[], Config] | None = None,
    ) -> None:
        """`source` reads the configuration anew for a reload; without it there is none."""
        self._clock = clock
        self._parts = build(config, clock)
        self._shipping = shipping(self._parts, clock)
        self._notifier = notifier(self._parts, clock)
        self._sources = Sources(self._parts, self._supervised)
        self._manager = ServiceManager()
        self._draining = False
        self.ready = asyncio.Event()
        """Set when the collectors run and the API answers."""
        self._access = Access(read_tokens(config.http.tokens), config.http.answers_to)
        self.app = self._api()
        """What answers over HTTP."""
        self._http = HttpServer(self.app, config.http, self._refused)
        self.reload = Reload(
            self._parts,
            sources=self._sources,
            shipping=self._shipping,
            face=Face(server=self._http, access=self._access),
            source=source,
        )
        """Take the file into use again; see `Reload`."""
        accept_reloads(self.app, self.reload)
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
            self._shipping.start(tasks)
            await self._sources.start(tasks, collectors(self._parts))
            self.ready.set()
            judge = self._parts.rooms.judge
            seen = noticed(self._parts.config, judge.knows)
            await took(self._parts, seen, self._clock())
            self._manager.tell(READY)
            await stop.wait()
            self._manager.tell(STOPPING)
            self._draining = True
            await self._sources.stop()
            await self._drained()
            await self._shipping.stop()
            await ended([*loops, serving])

    def _loops(self) -> Iterable[Coroutine[None, None, None]]:
        rooms = self._parts.rooms
        yield rooms.writer.run()
        yield self.pipeline.read()
        yield self.pipeline.judge()
        yield rooms.measuring.run()
        yield rooms.weekly.run()
        yield self._tidy()
        yield self._manager.keep(lambda: self._clock() - self.pipeline.snapshot.now)
        yield from self._notifier.loops()

    async def _tidy(self) -> None:
        writer = self._parts.rooms.writer
        while True:
            tidied = 0
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
        accept_inventories(app, self.pipeline.cssm)
        accept_operations(app, self._parts.operations.perform, lambda: self.pipeline.snapshot)
        accept_recompute(app, self._parts.rooms.measuring.again, lambda: self.pipeline.snapshot)
        accept_diagnosis(app, Doctor(self._parts), lambda: self.pipeline.snapshot)
        show_shipping(app, self._shipping)
        show_audit(app, self._parts.store.audit)
        parts = self._parts
        show_pages(
            app,
            parts.store.outbox,
            self._notifier,
            lambda: self.pipeline.snapshot,
            partial(causes, parts),
        )
        show_reports(app, parts.store, parts.rum.ledger, lambda: self.pipeline.snapshot)
        show_rum(app, parts.rum, parts.store, lambda: self.pipeline.snapshot)
        return app

    def _door(self) -> Doorkeeper:
        return Doorkeeper(access=self._access, note=self._note, refused=self._refused)

    def _refused(self, reason: str) -> None:
        self._parts.instruments.http_refused.labels(reason=reason).inc()

    async def _note(self, record: AuditRecord) -> None:
        await self._parts.rooms.writer.commit(Batch(audit=[record]))

    async def reload_asked(self, by: str) -> None:
        """Reload on behalf of somebody who hears no answer; noted, what is wrong logged too."""
        self._manager.tell(RELOADING, f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            done = await self.reload()
            what, result = f"changed: {', '.join(done.changed) or 'nothing'}", "done"
        except MonitorError as error:
            what, result = "", f"refused: {error}"[:_LONGEST_RESULT]
        self._manager.tell(READY)
        record = AuditRecord(time=self._clock(), who=by, action="reload", what=what, result=result)
        # The next signal does not wait for a store that refuses; it gets the record later.
        with suppress(TimeoutError):
            async with asyncio.timeout(_NOTE_SECONDS):
                await self._note(record)

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


async def run(
    config: Config,
    *,
    stop: asyncio.Event | None = None,
    source: Callable[[], Config] | None = None,
) -> None:
    """Run a monitor until SIGTERM or SIGINT, or until `stop` is set; SIGHUP reloads `source`."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    service = Service(config, source=source)
    hang_up = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, hang_up.set)
    reloading = asyncio.create_task(_reload_on(hang_up, service))
    try:
        await service.run(stop)
    finally:
        reloading.cancel()


async def _reload_on(hang_up: asyncio.Event, service: Service) -> None:
    while True:
        await hang_up.wait()
        hang_up.clear()
        await service.ready.wait()
        await service.reload_asked("signal")
