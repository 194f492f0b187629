"""Thirty days of the fleet, played into a running monitor through its ordinary pipeline."""

from array import array
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, Protocol

import numpy as np

from monitor.domain.instants import DAY, HOUR
from monitor.domain.readings import ReadingColumns, Series
from monitor.lab.calls import Counts, seconds_of_hour
from monitor.lab.cube import Cube
from monitor.lab.fleet import Fleet
from monitor.lab.voices import Voices
from monitor.wire import ShowCapture, SyslogBatch

SOURCE: Final = "lab"
"""The source of the readings."""
_CAPTURED: Final = ("show version", "show license status", "show license usage")
_ROLE: Final = "show redundancy application group"
_STEP: Final = DAY
_DELAY: Final = 0.05
"""Seconds a message takes to arrive."""


class Intake(Protocol):
    """The pipeline, as far as history needs it."""

    def syslog(self, batch: SyslogBatch) -> bool: ...
    async def room(self) -> None: ...
    async def show(self, captures: Sequence[ShowCapture]) -> None: ...
    async def columns(self, columns: ReadingColumns) -> int: ...


async def tell_statuses(fleet: Fleet, intake: Intake) -> int:
    """A capture of each CUBE for each day it spoke, the newest first; how many is returned.

    Facts do not mind their order, and with the newest first nothing is found that is long past.
    """
    told = 0
    for at in range(fleet.now - HOUR, fleet.start, -_STEP):
        captures = [capture for cube in fleet.cubes for capture in _captures(cube, at, fleet.now)]
        await intake.show(captures)
        told += len(captures)
    return told


def _captures(cube: Cube, at: int, now: int) -> Iterator[ShowCapture]:
    if cube.speaks(at) and at <= now:
        for command in _CAPTURED:
            yield ShowCapture(
                device=cube.name, received=at, text=cube.answer(command, at), command=command
            )


async def tell_messages(fleet: Fleet, voices: Voices, intake: Intake) -> int:
    """All syslog of the past, each with the time at which it would have arrived."""
    told = 0
    for spoken in voices.between(fleet.start, fleet.now):
        batch = SyslogBatch(
            transport="udp",
            received=spoken.at + _DELAY,
            frames=[(spoken.address, spoken.frame)],
        )
        while not intake.syslog(batch):
            await intake.room()
        told += 1
    return told


async def tell_roles(fleet: Fleet, intake: Intake) -> None:
    """The roles of pairs as they were, from the beginning on and from each failover.

    In this order and before anything else: the first role that is heard of a router holds for all
    time before it too.
    """
    for pair in fleet.pairs:
        for at in (fleet.start, *pair.failovers):
            await intake.show([_role(cube, at) for cube in fleet.cubes if cube.pair is pair])


def _role(cube: Cube, at: float) -> ShowCapture:
    return ShowCapture(device=cube.name, received=at, text=cube.answer(_ROLE, at), command=_ROLE)


def seconds_between(cube: Cube, tag: str, start: int, end: int) -> Counts:
    """Counts of each second of `[start, end)`."""
    profile = cube.calls[tag]
    hours = range(start // HOUR * HOUR, end, HOUR)
    counts = [seconds_of_hour(profile, hour) for hour in hours]
    whole = np.concatenate(counts) if counts else np.zeros(0, np.int64)
    return whole[start % HOUR : start % HOUR + max(0, end - start)]


def columns_between(cube: Cube, start: int, end: int) -> ReadingColumns:
    """Readings of all tags of one CUBE for the seconds of `[start, end)`, once a second."""
    tags = tuple(cube.calls)
    counts = [seconds_between(cube, tag, start, end) for tag in tags]
    seconds = np.arange(start, max(start, end), dtype=np.int64)
    return ReadingColumns(
        series=[Series(cube.name, tag, SOURCE) for tag in tags],
        which=_array("I", np.repeat(np.arange(len(tags), dtype=np.uint32), len(seconds))),
        seconds=_array("q", np.tile(seconds, len(tags))),
        counts=_array("q", np.concatenate(counts)),
    )


def _array(code: str, values: "np.ndarray[tuple[int], np.dtype[np.integer]]") -> "array[int]":
    filled = array(code)
    filled.frombytes(values.tobytes())
    return filled


async def tell_readings(
    cube: Cube, fleet: Fleet, intake: Intake, progress: Callable[[int], Awaitable[None]]
) -> int:
    """Every second of the past of one CUBE, a day at a time; the second after the last comes back.

    `progress` is told the number of readings of each piece.
    """
    until = spoken_until(cube, fleet)
    for begun, over in cube.stints(fleet.start, until):
        for start in range(begun, over, _STEP):
            columns = columns_between(cube, start, min(start + _STEP, over))
            await intake.columns(columns)
            await progress(len(columns))
    return until


def spoken_until(cube: Cube, fleet: Fleet) -> int:
    """The second after the last of its past."""
    return fleet.now if cube.silent_since is None else cube.silent_since


def readings_told(fleet: Fleet) -> int:
    """How many readings the past has."""
    return sum(
        len(cube.calls) * (over - begun)
        for cube in fleet.cubes
        for begun, over in cube.stints(fleet.start, spoken_until(cube, fleet))
    )
