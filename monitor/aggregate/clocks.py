"""How far the time of each device has come, so that hours close neither too early nor never.

The clock of a (device, source) has come as far as its newest reading, though never beyond the last
reception; once the source is silent the wall clock stands in for it. While it catches up with the
past (a backfill) it stands still: what is brought then comes in any order, and is measured when it
is there.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NEVER: Final = -1e15
"""Long before any reading; a finite number, so that differences stay numbers."""
SILENCE: Final = 300.0
"""Seconds without a reading after which a source is silent."""
CATCHING_UP: Final = 10.0
"""Seconds for which the clock of a source stands still once it was seen to race."""
_WINDOW: Final = CATCHING_UP / 2
"""Seconds over which a source that stands still is watched before it is judged again."""
_BEHIND: Final = 120.0
"""A newest reading older than this, at reception, is of the past; a shorter jump is no race."""
_RACING: Final = 2.0
"""A source of the past races when its readings advance so many times faster than the clock."""

_COLUMNS: Final = ("newest", "received", "held", "held_until", "from_newest", "from_received")


class Clocks:
    """Clocks of all (device, source), read as one clock a device: its slowest."""

    def __init__(self) -> None:
        self.owner = np.empty(0, np.int64)
        """Source -> device."""
        self._state = {name: np.empty(0) for name in _COLUMNS}

    def __len__(self) -> int:
        return len(self.owner)

    def add(self, devices: Sequence[int]) -> None:
        """Add sources of these devices, of which nothing was heard yet."""
        self.owner = np.append(self.owner, np.array(devices, np.int64))
        never = np.full(len(devices), NEVER)
        for name, column in self._state.items():
            self._state[name] = np.append(column, never)

    def hear(self, sources: Integers, newest: Integers, received: float) -> None:
        """Readings came: distinct sources, the newest second each brought, their reception."""
        state = {name: column[sources] for name, column in self._state.items()}
        after = np.maximum(state["newest"], newest)
        _catch_up(state, after, received)
        state["newest"] = after
        state["received"] = np.maximum(state["received"], received)
        for name, column in state.items():
            self._state[name][sources] = column

    def read(self, devices: int, now: float, silent_since: float) -> Floats:
        """Clock of each device; one without any source is silent since `silent_since`."""
        state = self._state
        running = np.minimum(state["newest"], state["received"])
        clock = np.where(state["held_until"] > now, state["held"], running)
        clock = np.where(now - state["received"] > SILENCE, now, clock)
        slowest = np.full(devices, np.inf)
        np.minimum.at(slowest, self.owner, clock)
        alone = now if now - silent_since > SILENCE else NEVER
        return np.where(slowest == np.inf, alone, slowest)


def _catch_up(state: dict[str, Floats], after: Floats, received: float) -> None:
    """Begin, prolong or end the standing still of sources whose newest reading is now `after`."""
    past = after < received - _BEHIND
    standing = state["held_until"] > received
    elapsed = received - state["received"]
    jumped = after - state["newest"] > _RACING * elapsed + _BEHIND
    begins = past & ~standing & (jumped | (state["received"] == NEVER))
    watched = received - state["from_received"]
    raced = after - state["from_newest"] > _RACING * watched
    goes_on = past & standing & raced & (watched >= _WINDOW)
    clock = np.minimum(state["newest"], state["received"])
    state["held"] = np.where(begins, clock, state["held"])
    extended = begins | goes_on
    state["held_until"] = np.where(extended, received + CATCHING_UP, state["held_until"])
    state["held_until"] = np.where(past, state["held_until"], NEVER)
    state["from_newest"] = np.where(extended, after, state["from_newest"])
    state["from_received"] = np.where(extended, received, state["from_received"])
