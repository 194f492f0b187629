"""What polling costs a device and the fleet within a day, and what it may cost."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from monitor.collect.ssh.commands import HOURLY, Show
from monitor.domain.instants import DAY


class Budget(BaseModel):
    """Most that may be spent within 24 hours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commands: int = Field(default=600, ge=1)
    seconds: float = Field(default=1800, gt=0)
    """Seconds of open sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent."""

    logins: int = 0
    commands: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Footprint:
    """The sessions of the last 24 hours, of one device or of all."""

    _sessions: deque[tuple[float, int, float]] = field(default_factory=deque)
    _commands: int = 0
    _seconds: float = 0.0

    def add(self, at: float, commands: int, seconds: float) -> None:
        """Note a session that ended at `at`; times in seconds of one clock that only grows."""
        self._sessions.append((at, commands, seconds))
        self._commands += commands
        self._seconds += seconds

    def spent(self, now: float) -> Spent:
        """What the sessions of the 24 hours before `now` cost."""
        while self._sessions and self._sessions[0][0] <= now - DAY:
            _, commands, seconds = self._sessions.popleft()
            self._commands -= commands
            self._seconds -= seconds
        return Spent(
            logins=len(self._sessions), commands=self._commands, seconds=max(0.0, self._seconds)
        )


def affordable(commands: Sequence[Show], budget: Budget | None, spent: Spent) -> tuple[Show, ...]:
    """As many of these commands as the budget still pays for: facts before hourly figures."""
    if budget is None:
        return tuple(commands)
    left = budget.commands - spent.commands if spent.seconds < budget.seconds else 0
    urgent = sorted(commands, key=lambda one: (one in HOURLY, one is Show.CLOCK))
    paid = frozenset(urgent[: max(0, left)])
    return tuple(one for one in commands if one in paid)
