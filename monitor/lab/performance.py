"""The whole demo: a monitor, its virtual fleet, thirty days of history, then the present."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from monitor.app.service import Service
from monitor.errors import ConfigError
from monitor.lab.arrangement import Place, configuration
from monitor.lab.cssm_fleet import cssm_lab
from monitor.lab.fleet import HISTORY_DAYS, Fleet, virtual_fleet
from monitor.lab.history import (
    readings_told,
    tell_messages,
    tell_readings,
    tell_roles,
    tell_statuses,
)
from monitor.lab.present import Consoles, Present, consoles
from monitor.lab.snmp_fleet import SnmpLab, snmp_lab
from monitor.lab.voices import Voices
from monitor.lab.yang_fleet import yang_lab


@dataclass(slots=True, kw_only=True)
class Progress:
    """How much of the history has been played in."""

    total: int
    readings: int = 0
    captures: int = 0
    messages: int = 0
    told: asyncio.Event = field(default_factory=asyncio.Event)
    """Statuses and messages of the past are in."""

    async def add(self, readings: int) -> None:
        """Count readings, and let the monitor have its turn."""
        self.readings += readings
        await asyncio.sleep(0)

    @property
    def whole(self) -> bool:
        """All readings of the past are in."""
        return self.readings >= self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A running demo. The service is built when this is made, and started right after."""

    fleet: Fleet
    place: Place
    progress: Progress
    service: Service
    present: Present
    snmp: SnmpLab
    doors: Consoles
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Something ended that should not have."""
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since the service was started."""
        return time.monotonic() - self.began


@contextlib.asynccontextmanager
async def performance(place: Place, seed: int) -> AsyncIterator[Performance]:
    """Start everything; it runs until the context is left.

    Raises ConfigError where the directory holds something already.
    """
    _prepare(place)
    fleet = virtual_fleet(int(time.time()), seed)
    password = secrets.token_urlsafe(16)
    async with (
        consoles(fleet, password) as doors,
        snmp_lab(fleet, place.directory) as snmp,
        yang_lab(fleet, place.directory, password, place.password_file) as yang,
        cssm_lab(place.directory, password, place.password_file) as cssm,
    ):
        _write_secrets(place, doors, password)
        service = Service(configuration(fleet, place, doors.ports, snmp, yang, cssm))
        shown = Performance(
            fleet=fleet,
            place=place,
            progress=Progress(total=readings_told(fleet)),
            service=service,
            present=Present(fleet=fleet, place=place, voices=Voices(fleet=fleet)),
            snmp=snmp,
            doors=doors,
        )
        async with _running(shown):
            yield shown


@contextlib.asynccontextmanager
async def _running(shown: Performance) -> AsyncIterator[None]:
    stop = asyncio.Event()
    serving = asyncio.create_task(shown.service.run(stop))
    playing = asyncio.create_task(_play(shown))
    for task in (serving, playing):
        task.add_done_callback(lambda _: shown.over.set())
    try:
        yield
    finally:
        playing.cancel()
        await asyncio.wait([playing])
        stop.set()
        await serving
        if not playing.cancelled():
            # It never ends by itself: what ended it is an error, and it is told here.
            playing.result()


async def _play(shown: Performance) -> None:
    await shown.service.ready.wait()
    pipeline, fleet, progress = shown.service.pipeline, shown.fleet, shown.progress
    await tell_roles(fleet, pipeline)
    shown.doors.opens.set()
    progress.captures = await tell_statuses(fleet, pipeline)
    progress.messages = await tell_messages(fleet, shown.present.voices, pipeline)
    progress.told.set()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(shown.present.run())
        tasks.create_task(shown.snmp.notify(fleet))
        tasks.create_task(shown.snmp.tell_acknowledgements(fleet))
        # Drift is found only in the history: that one comes first, for somebody may wait for it.
        for cube in sorted(fleet.cubes, key=lambda one: one.misreports == 1):
            until = await tell_readings(cube, fleet, pipeline, progress.add)
            shown.present.sent_until[cube.name] = until
            shown.snmp.answer(cube)


def _prepare(place: Place) -> None:
    place.directory.mkdir(parents=True, exist_ok=True)
    if any(place.directory.iterdir()):
        raise ConfigError(
            f"{place.directory} is not empty; the demo's {HISTORY_DAYS} days begin anew each time,"
            " so give it an empty directory or none"
        )


def _write_secrets(place: Place, doors: Consoles, password: str) -> None:
    place.password_file.touch(mode=0o600)
    place.password_file.write_text(password)
    place.known_hosts.write_text(doors.known_hosts())
