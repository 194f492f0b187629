"""The licence agent of a virtual CUBE: when it pushes reports, and what is acknowledged by when."""

from dataclasses import dataclass, replace
from typing import Final, Protocol

from monitor.domain.instants import DAY, HOUR

_CHECK: Final = 12 * HOUR
_ANSWERED: Final = 3
"""Seconds after which a report is acknowledged that somebody sent by hand."""
_FREQUENCY_DAYS: Final = 90
"""What the policy of the lab says: so long does an acknowledgement hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AckState:
    """What `show license status` says of the cycle. Whole seconds since 1970 UTC; None: none."""

    interval_days: int
    deadline: int | None
    last_ack: int | None = None
    next_check: int | None = None
    next_push: int | None = None
    last_push: int | None = None
    trusted_since: int | None = None


class Cycle(Protocol):
    """An acknowledgement cycle as a function of time."""

    def state(self, now: float) -> AckState:
        """How it stands."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushing:
    """Reports go out every `interval_days`; each is acknowledged after `ack_delay` seconds.

    An acknowledgement moves the deadline to `deadline_days` after itself.
    """

    first_push: int
    interval_days: int
    deadline_days: int
    trusted_since: int
    ack_delay: int = 240

    def state(self, now: float) -> AckState:
        """How it stands."""
        interval = self.interval_days * DAY
        last_push = self.first_push + (int(now) - self.first_push) // interval * interval
        waiting = now < last_push + self.ack_delay
        last_ack = last_push + self.ack_delay - (interval if waiting else 0)
        return AckState(
            interval_days=self.interval_days,
            last_ack=last_ack,
            deadline=last_ack + self.deadline_days * DAY,
            next_check=_next_check(last_push, now) if waiting else None,
            next_push=last_push + interval,
            last_push=last_push,
            trusted_since=self.trusted_since,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Reports went out every `interval_days` since the last acknowledgement; no answer came."""

    last_ack: int
    deadline: int
    last_push: int
    """One of them; the others lie whole intervals before and after it."""
    trusted_since: int
    interval_days: int

    def state(self, now: float) -> AckState:
        """How it stands."""
        interval = self.interval_days * DAY
        last_push = self.last_push + (int(now) - self.last_push) // interval * interval
        return AckState(
            interval_days=self.interval_days,
            last_ack=self.last_ack,
            deadline=self.deadline,
            next_check=_next_check(last_push, now),
            next_push=last_push + interval,
            last_push=last_push,
            trusted_since=self.trusted_since,
        )


def prompted(state: AckState, typed: int, now: float) -> AckState:
    """How it stands at `now`, after somebody typed `license smart sync all`.

    `state` is how it would stand by itself. A report goes out at once and is acknowledged seconds
    later; without a trust code the account takes none.
    """
    if state.trusted_since is None:
        return state
    if now < typed + _ANSWERED:
        check = typed + _CHECK
        return replace(state, last_push=typed, next_check=check, next_push=typed + _interval(state))
    return Pushing(
        first_push=typed,
        interval_days=state.interval_days,
        deadline_days=_FREQUENCY_DAYS,
        trusted_since=state.trusted_since,
        ack_delay=_ANSWERED,
    ).state(now)


def _interval(state: AckState) -> int:
    return state.interval_days * DAY


def _next_check(last_push: int, now: float) -> int:
    return last_push + ((int(now) - last_push) // _CHECK + 1) * _CHECK


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverAcknowledged:
    """The case of Cisco's 17.3.2 sample: the first push is planned for after the deadline."""

    deadline: int
    next_push: int
    interval_days: int = 30

    def state(self, now: float) -> AckState:
        """How it stands; no clock changes it."""
        del now
        return AckState(
            interval_days=self.interval_days, deadline=self.deadline, next_push=self.next_push
        )
