"""Which commands are due on a device, and when the next ones are; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from monitor.collect.ssh.commands import (
    DAILY,
    HOURLY,
    PAIRED,
    POLLED,
    Show,
    bearable,
    lists_reports,
)
from monitor.collect.ssh.schedule import Pace
from monitor.domain.instants import DAY

JITTER: Final = 0.1
"""Waits are shortened by up to this share; what falls due within it is asked in the same login."""


AFTER_PUSH: Final = 120.0
"""Seconds after a planned push within which it is usually acknowledged."""
BEFORE_DEADLINE: Final = 20.0
"""Seconds before a deadline at which it is looked at once more."""


class Asked(NamedTuple):
    """When a command was last typed, seconds since 1970 UTC, and whether the device took it."""

    at: float
    taken: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a device when its next poll is planned."""

    deadline: float | None = None
    """Acknowledgement deadline, seconds since 1970 UTC."""
    next_push: float | None = None
    """The next planned report push, seconds since 1970 UTC."""
    release: str | None = None
    pair: bool = False
    """It is a member of a redundant pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked of a device, and how often."""

    pace: Pace
    commands: Sequence[Show]


History = Mapping[Show, Asked]
_FACTS: Final = frozenset(POLLED) - HOURLY
"""Who polls all of these wants to know how licensing stands: the reports belong to it."""


def due(plan: Plan, history: History, known: Known, now: float) -> tuple[Show, ...]:
    """The commands to type now, in order; none where nothing is due.

    The clock goes with every login and is no reason for one where there are other commands.
    """
    planned = _planned(plan, known)
    ripe = {one for one in planned if _left(plan, one, history, known, now, JITTER) <= 0}
    if ripe == {Show.CLOCK} and len(planned) > 1:
        return ()
    return tuple(one for one in planned if one in ripe or (ripe and one is Show.CLOCK))


def wait(plan: Plan, history: History, known: Known, now: float, chance: float) -> float:
    """Seconds until something is due; `chance` in [0, 1) keeps devices apart."""
    planned = _planned(plan, known)
    asking = [one for one in planned if one is not Show.CLOCK] or planned
    lefts = (_left(plan, one, history, known, now, JITTER * chance) for one in asking)
    return max(0.0, min(lefts))


def _planned(plan: Plan, known: Known) -> tuple[Show, ...]:
    besides = PAIRED if known.pair else ()
    daily = DAILY if set(plan.commands) >= _FACTS and lists_reports(known.release) else ()
    every = dict.fromkeys((*plan.commands, *besides, *daily))
    return tuple(one for one in every if bearable(one, known.release)) or (Show.CLOCK,)


def _left(
    plan: Plan, command: Show, history: History, known: Known, now: float, early: float
) -> float:
    asked = history.get(command)
    if asked is None or asked.at > now:
        # A clock of ours that was set back must not put polls off.
        return 0.0
    turn = asked.at + _interval(plan.pace, command, asked, known) * (1 - early)
    if command in HOURLY or not asked.taken:
        return turn - now
    return min([turn, *_moments(asked.at, known)]) - now


def _moments(at: float, known: Known) -> list[float]:
    """Instants after `at` at which facts are news: healthy routers push minutes before a deadline.

    What was known before the push or before the deadline would be judged as a push or an
    acknowledgement missed.
    """
    planned = (known.next_push, AFTER_PUSH), (known.deadline, -BEFORE_DEADLINE)
    moments = [instant + apart for instant, apart in planned if instant is not None]
    return [moment for moment in moments if moment > at]


def _interval(pace: Pace, command: Show, asked: Asked, known: Known) -> float:
    if not asked.taken or command in DAILY:
        return max(pace.interval, DAY)
    if command in HOURLY:
        return pace.hourly_interval
    return fact_interval(pace, asked.at, known.deadline)


def fact_interval(pace: Pace, at: float, deadline: float | None) -> float:
    """Seconds from a poll `at` to the next one of facts that change daily.

    Shorter near the deadline, and never sleeping into its neighbourhood; both in seconds since
    1970 UTC. A deadline long past is as if there were none.
    """
    if deadline is None or at - deadline > pace.near:
        return pace.interval
    return min(pace.interval, max(pace.near_interval, deadline - pace.near - at))
