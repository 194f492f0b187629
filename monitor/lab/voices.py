"""The syslog of the fleet, past and present: each CUBE counts its own messages."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from monitor.lab.cube import Cube
from monitor.lab.dialects import Dialect, Message
from monitor.lab.fleet import Fleet

_FIRST_COUNTER = 1000
RELAY = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One message as it leaves a CUBE or its relay."""

    at: float
    address: str
    frame: bytes


@dataclass(slots=True, kw_only=True)
class Voices:
    """Writes messages in each CUBE's dialect."""

    fleet: Fleet
    _counters: Counter[str] = field(default_factory=Counter)

    def between(self, start: float, end: float) -> Iterator[Spoken]:
        """What the fleet says in `[start, end)`, in order of time."""
        told = [
            (message.at, number, message)
            for number, cube in enumerate(self.fleet.cubes)
            for message in cube.messages(start, end)
        ]
        for _, number, message in sorted(told, key=lambda entry: entry[:2]):
            yield self._spoken(self.fleet.cubes[number], message)

    def _spoken(self, cube: Cube, message: Message) -> Spoken:
        self._counters[cube.name] += 1
        counter = _FIRST_COUNTER + self._counters[cube.name]
        relayed = cube.dialect is Dialect.RELAYED
        return Spoken(
            at=message.at,
            address=RELAY if relayed else cube.address,
            frame=cube.dialect.write(cube.speaker, message, counter),
        )
