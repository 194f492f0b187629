"""Carry what is accepted to one database outside, for ever: an outage of it is only a lag.

What is confirmed moves a durable cursor. Nothing here holds up the intake or the commits: each
target reads the log in a thread of its own.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol, TypeVar

from monitor.domain.cursors import CursorState, Kind, Piece, TargetState
from monitor.domain.records import Batch, DeadLetter
from monitor.errors import StoreError
from monitor.instrument import Instruments
from monitor.store.line.failure import OutsideError
from monitor.store.line.points import Refused
from monitor.store.line.writing import Outcome

logger = logging.getLogger(__name__)

_EVERY: Final = 1.0
"""Seconds between looks at the log while there is little new."""
_SMALL: Final = 5_000
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
_LONGEST_LETTER: Final = 4_096

T = TypeVar("T")


class Target(Protocol):
    """A database outside. Called from one thread at a time; raises OutsideError."""

    def write(self, piece: Piece) -> Outcome:
        """Write all of a piece."""
        ...

    def check(self) -> int:
        """Confirmed points that were found missing since the last call."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Follows(Protocol):
    """Reads the log on behalf of one target; raises StoreError."""

    def next(self) -> Piece | None:
        """What is not confirmed, the same until it is."""
        ...

    def state(self) -> CursorState:
        """How far it has come."""
        ...


class Route(Protocol):
    """From where to where."""

    @property
    def name(self) -> str:
        """Of the target, as configured."""
        ...

    @property
    def kind(self) -> str:
        """What it is."""
        ...

    @property
    def follower(self) -> Follows:
        """Reads for it."""
        ...

    @property
    def target(self) -> Target:
        """Is written to."""
        ...

    def confirm(self, piece: Piece) -> None:
        """Move its cursor, durably; raises StoreError."""
        ...


class Shipper:
    """Works for one target; `run` ends only when it is cancelled."""

    def __init__(
        self,
        route: Route,
        commit: Callable[[Batch], Awaitable[object]],
        instruments: Instruments,
        clock: Callable[[], float],
    ) -> None:
        self._route = route
        self._commit = commit
        self._ship = instruments.ship
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"ship-{route.name}")
        self._error = ""
        self._failing_since: float | None = None
        self._sent = self._refused = 0

    def state(self) -> TargetState:
        """How it stands, from any thread. Raises StoreError."""
        return TargetState(
            name=self._route.name,
            kind=self._route.kind,
            up=not self._error,
            error=self._error,
            failing_since=self._failing_since,
            sent=self._sent,
            refused=self._refused,
            cursor=self._route.follower.state(),
        )

    async def run(self) -> None:
        """Ship what there is, then look again."""
        self._ship.up.labels(target=self._route.name).set(1)
        try:
            while True:
                try:
                    await self._round()
                except StoreError as error:
                    # Of our own store: it is counted where it commits.
                    logger.warning("%s cannot read the log: %s", self._route.name, error)
                await asyncio.sleep(_EVERY)
        finally:
            # A request that hangs ends with its time limit; nobody waits for it here.
            self._thread.submit(self._route.target.close)
            self._thread.shutdown(wait=False)

    async def _round(self) -> None:
        while True:
            piece = await self._threaded(self._route.follower.next)
            if piece is None:
                break
            await self._deliver(piece)
            state = await self._show()
            if _is_little(piece) and state.repeating is None:
                break
        self._missing(await self._threaded(self._route.target.check))
        await self._show()

    async def _deliver(self, piece: Piece) -> None:
        outcome = await self._written(piece)
        await self._bury(outcome.refused)
        await self._threaded(lambda: self._route.confirm(piece))
        self._count("written", outcome.written)
        self._count("expired", outcome.expired)
        self._missing(outcome.missing)
        self._sent += outcome.written

    async def _written(self, piece: Piece) -> Outcome:
        pause = _FIRST_PAUSE
        while True:
            try:
                outcome = await self._threaded(lambda: self._route.target.write(piece))
            except OutsideError as error:
                self._failed(error)
                await self._show()
                await asyncio.sleep(max(pause, error.retry_after or 0.0))
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                self._recovered()
                return outcome

    def _failed(self, error: OutsideError) -> None:
        name = self._route.name
        self._ship.failures.labels(target=name, reason=error.reason).inc()
        self._ship.up.labels(target=name).set(0)
        if not self._error:
            self._failing_since = self._clock()
            logger.warning("%s takes nothing, trying until it does: %s", name, error)
        elif self._error != str(error):
            logger.warning("%s still takes nothing: %s", name, error)
        self._error = str(error)

    def _recovered(self) -> None:
        if self._error:
            logger.info("%s takes points again", self._route.name)
            self._ship.up.labels(target=self._route.name).set(1)
        self._error, self._failing_since = "", None

    async def _bury(self, refused: Sequence[Refused]) -> None:
        """Durably, before the cursor passes them."""
        if not refused:
            return
        origin, received = self._route.name, self._clock()
        await self._commit(Batch(dead_letters=[_letter(one, origin, received) for one in refused]))
        many = sum(one.points for one in refused)
        self._refused += many
        self._count("refused", many)
        logger.warning("%s: %d points are in the dead letters: %s", origin, many, refused[0].reason)

    async def _show(self) -> CursorState:
        state = await self._threaded(self._route.follower.state)
        name = self._route.name
        lag = 0.0 if state.oldest is None else max(0.0, self._clock() - state.oldest)
        self._ship.lag.labels(target=name).set(lag)
        self._ship.behind.labels(target=name).set(state.behind)
        self._ship.waiting.labels(target=name).set(state.waiting)
        self._ship.cursor.labels(target=name).set(state.number or 0)
        return state

    def _missing(self, points: int) -> None:
        self._count("missing", points)

    def _count(self, result: str, points: int) -> None:
        self._ship.points.labels(target=self._route.name, result=result).inc(points)

    async def _threaded(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


def _is_little(piece: Piece) -> bool:
    return piece.kind is Kind.READINGS and not piece.repeated and len(piece) < _SMALL


def _letter(refused: Refused, origin: str, received: float) -> DeadLetter:
    return DeadLetter(
        source="ship",
        origin=origin,
        received=received,
        reason=refused.reason,
        payload=refused.line.encode("utf-8", "backslashreplace")[:_LONGEST_LETTER],
    )
