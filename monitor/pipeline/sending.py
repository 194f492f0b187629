"""One channel's queue: plan what it has to be told, send it, for ever, and remember what was.

Planning moves the channel's cursor over the log of turns and queues notices in one transaction.
Sending marks a notice only after the receiver took it: a crash in between sends it once more,
under the same key.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from monitor.domain.findings import Severity
from monitor.domain.instants import span
from monitor.domain.page import (
    Action,
    ChannelStatus,
    Notice,
    NoticeState,
    Page,
    PageRecord,
    PageTurn,
)
from monitor.domain.records import Batch, DeadLetter
from monitor.domain.silences import Silence
from monitor.errors import DeliveryError, StoreError
from monitor.instrument import PageInstruments
from monitor.notify.channel import Channel
from monitor.pipeline.page_plan import Ear, Storm, arrange, ended, plan
from monitor.pipeline.ports import Queue

logger = logging.getLogger(__name__)

_EVERY: Final = 1.0
"""Seconds between looks at the queue while nothing is said to be new."""
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 300.0
_AT_ONCE: Final = 1_000
_LONGEST_LETTER: Final = 4_096
_TOLD: Final = (NoticeState.WAITING, NoticeState.SENT, NoticeState.IN_DIGEST, NoticeState.DEAD)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A channel and what goes to it."""

    name: str
    kind: str
    channel: Channel
    severities: frozenset[Severity]
    escalate_to: str = ""
    escalate_after: float = 0.0
    """Seconds."""
    storm: Storm | None = None
    """None where every page goes by itself."""
    resend: float | None = None
    """Seconds after which what is open is said again."""
    shadow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What all channels look at: open pages and what keeps them from being sent."""

    pages: Mapping[int, PageRecord] = field(default_factory=dict)
    silences: Sequence[Silence] = ()
    quiet: bool = False


class Sender:
    """Works for one channel; `run` ends only when it is cancelled."""

    def __init__(
        self,
        route: Route,
        queue: Queue,
        commit: Callable[[Batch], Awaitable[object]],
        instruments: PageInstruments,
        clock: Callable[[], float],
    ) -> None:
        self.route = route
        self._queue = queue
        self._commit = commit
        self._count = instruments
        self._clock = clock
        self.sent: Callable[[Notice], None] = lambda _: None
        """Told of each trigger that a receiver took."""
        self._wake = asyncio.Event()
        self._told: dict[int, Notice] = {}
        self._left: Sequence[Page] = ()
        self._cursor = 0
        self._sent_at: deque[float] = deque()
        self._last_digest = float("-inf")
        self._error = ""
        self._failing_since: float | None = None
        self._sent = self._dead = 0

    def begin(self, pages: Collection[int]) -> None:
        """Take over what was told before. `pages`: those that are open. In any thread."""
        states = (NoticeState.SHADOW,) if self.route.shadow else _TOLD
        self._cursor = self._queue.cursor(self.route.name)
        self._told = self._queue.told(self.route.name, states)
        # Closed while nobody was told, as in shadow mode: their end is still to be said.
        records = map(self._queue.page, sorted(self._told.keys() - set(pages)))
        self._left = tuple(one.page for one in records if one is not None)

    def status(self) -> ChannelStatus:
        """How it stands. Raises StoreError."""
        waiting, oldest = self._queue.waits(self.route.name)
        return ChannelStatus(
            name=self.route.name,
            kind=self.route.kind,
            waiting=waiting,
            oldest=oldest,
            sent=self._sent,
            dead=self._dead,
            shadow=self.route.shadow,
            error=self._error,
            failing_since=self._failing_since,
            cursor=self._cursor,
        )

    def unheard(self, page: int, now: float) -> bool:
        """Whether it was told of a page so long ago that somebody else should be."""
        told = self._told.get(page)
        return told is not None and told.planned + self.route.escalate_after <= now

    async def plan(self, board: Board, escalated: Iterable[int]) -> None:
        """Queue what it has to be told now. Raises StoreError, and then nothing is planned."""
        turns = await asyncio.to_thread(self._queue.turns_after, self._cursor, _AT_ONCE)
        left = self._left
        ear = Ear(
            channel=self.route.name,
            severities=self.route.severities,
            now=self._clock(),
            quiet=board.quiet,
            escalated=frozenset(escalated),
            numbered=self.route.resend is None,
            otherwise=_otherwise(self.route),
            silences=board.silences,
            state=NoticeState.SHADOW if self.route.shadow else NoticeState.WAITING,
        )
        said = {turn.page.id for turn in turns}
        matters = [*left, *(one.page for one in board.pages.values() if one.page.id not in said)]
        notices = plan(ear, [turn.page for turn in turns], matters, self._told)
        if notices or turns:
            await self._take(turns, notices)
        self._left = ()

    async def _take(self, turns: Sequence[PageTurn], notices: Sequence[Notice]) -> None:
        upto = turns[-1].serial if turns else self._cursor
        ids = await asyncio.to_thread(self._queue.plan, self.route.name, upto, notices)
        self._cursor = upto
        for notice, number in zip(notices, ids, strict=True):
            self._remember(replace(notice, id=number))
        if self.route.shadow:
            self._counted("shadow", len(notices))
        if notices:
            self._wake.set()

    def _remember(self, notice: Notice) -> None:
        if notice.action is Action.TRIGGER:
            self._told[notice.page] = notice
        else:
            self._told.pop(notice.page, None)

    async def run(self) -> None:
        """Send what waits; try again for ever, with growing pauses while nothing is taken."""
        pause = _FIRST_PAUSE
        try:
            while True:
                wait = await self._round()
                if wait is None:
                    pause = _FIRST_PAUSE
                    await self._idle()
                else:
                    await asyncio.sleep(max(_FIRST_PAUSE, wait))
                    # What is new is tried at once: one sick notice must not hold it up.
                    await self._idle(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            await self.route.channel.close()

    async def keep(self, seconds: float) -> None:
        """Say again what is open, where the receiver forgets, until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            told = [one for one in self._told.values() if _stands(one)]
            try:
                if told:
                    await self.route.channel.keep(told)
            except DeliveryError as error:
                self._failed(error)

    async def _idle(self, seconds: float = _EVERY) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    async def _round(self) -> float | None:
        """Send all that can be sent; how long to wait where something was not taken."""
        try:
            while True:
                waiting = await asyncio.to_thread(self._queue.waiting, self.route.name, _AT_ONCE)
                self._count.waiting.labels(channel=self.route.name).set(len(waiting))
                if not await self._some(waiting):
                    return None
        except DeliveryError as error:
            self._failed(error)
            return error.retry_after or 0.0
        except StoreError as error:
            # Of our own store: it is counted where it commits.
            logger.warning("%s: %s", self.route.name, error)
            return 0.0

    async def _some(self, waiting: Sequence[Notice]) -> bool:
        """Whether anything was done."""
        now = self._clock()
        over = await self._digests_over(waiting, now)
        chosen = arrange(
            waiting,
            recent=self._recent(now),
            storm=self.route.storm,
            last_digest=self._last_digest,
            now=now,
        )
        if chosen.digest is not None:
            pages = {one.page for one in chosen.members}
            await self._bundle(
                chosen.digest, [one for one in waiting if one.page in pages and not one.digest]
            )
        await self._each(chosen.single)
        return over or chosen.digest is not None or bool(chosen.single)

    async def _each(self, notices: Sequence[Notice]) -> None:
        """One that is not taken does not hold up the next; two in a row do."""
        failed: DeliveryError | None = None
        for notice in notices:
            try:
                await self._tell(notice)
            except DeliveryError as error:
                if failed is not None:
                    raise
                failed = error
            else:
                failed = None
        if failed is not None:
            raise failed

    async def _bundle(self, digest: Notice, members: Sequence[Notice]) -> None:
        self._last_digest = self._clock()
        ids = [one.id for one in members]
        await asyncio.to_thread(self._queue.bundle, digest, ids)
        for one in members:
            told = self._told.get(one.page)
            if told is not None and told.id == one.id:
                self._told[one.page] = replace(one, digest=digest.key)

    async def _digests_over(self, waiting: Sequence[Notice], now: float) -> bool:
        """End digests of which every page is over; their resolves are told by that one end."""
        ending = {one.digest for one in waiting if one.digest and one.action is Action.RESOLVE} - {
            one.digest for one in self._told.values()
        }
        done = False
        for key in sorted(ending):
            members = [one for one in waiting if one.digest == key]
            if all(one.action is Action.RESOLVE for one in members):
                await self._end(members, key, now)
                done = True
        return done

    async def _end(self, members: Sequence[Notice], key: str, now: float) -> None:
        told = await asyncio.to_thread(self._queue.digest, self.route.name, key)
        if told is not None:
            await self.route.channel.send(ended(told, now))
        await self._settle(dict.fromkeys((one.id for one in members), NoticeState.IN_DIGEST))
        self._recovered("resolved")

    async def _tell(self, notice: Notice) -> None:
        try:
            await self.route.channel.send(notice)
        except DeliveryError as error:
            if not error.final:
                await asyncio.to_thread(self._queue.failed, notice.id, str(error))
                raise
            await self._bury(notice, error)
            return
        await self._done(notice)
        self._recovered("sent" if notice.action is Action.TRIGGER else "resolved")

    async def tell_now(self, notice: Notice) -> None:
        """Tell what the store has not taken, past the queue. Raises DeliveryError."""
        try:
            await self.route.channel.send(notice)
        except DeliveryError as error:
            self._failed(error)
            raise
        self._recovered("sent" if notice.action is Action.TRIGGER else "resolved")
        if notice.action is Action.TRIGGER:
            self.sent(notice)

    async def _done(self, notice: Notice) -> None:
        states = {notice.id: NoticeState.SENT}
        if not notice.page:
            states |= await asyncio.to_thread(self._members, notice.key)
            self._counted("in_digest", len(states) - 1)
        await self._settle(states)
        if notice.action is Action.TRIGGER:
            self._sent_at.append(self._clock())
            self._delivered(notice)
            self.sent(notice)

    def _members(self, key: str) -> dict[int, NoticeState]:
        waiting = self._queue.waiting(self.route.name, _AT_ONCE)
        return {
            one.id: NoticeState.IN_DIGEST
            for one in waiting
            if one.digest == key and one.action is Action.TRIGGER
        }

    def _delivered(self, notice: Notice) -> None:
        told = self._told.get(notice.page)
        if told is not None and told.id == notice.id:
            self._told[notice.page] = replace(told, done=self._clock())

    async def _settle(self, states: Mapping[int, NoticeState], error: str = "") -> None:
        await asyncio.to_thread(self._queue.settle, states, self._clock(), error)

    async def _bury(self, notice: Notice, error: DeliveryError) -> None:
        """Durably, before it leaves the queue."""
        letter = DeadLetter(
            source="notify",
            origin=self.route.name,
            received=self._clock(),
            reason=str(error),
            payload=f"{notice.action.value} {notice.key} {notice.title}".encode(
                "utf-8", "backslashreplace"
            )[:_LONGEST_LETTER],
        )
        await self._commit(Batch(dead_letters=[letter]))
        await self._settle({notice.id: NoticeState.DEAD}, str(error))
        self._dead += 1
        self._counted("dead")
        logger.error("%s will never take %s: %s", self.route.name, notice.key, error)

    def _recent(self, now: float) -> int:
        storm = self.route.storm
        while storm is not None and self._sent_at and self._sent_at[0] <= now - storm.seconds:
            self._sent_at.popleft()
        return len(self._sent_at)

    def _failed(self, error: DeliveryError) -> None:
        self._counted("failed")
        if not self._error:
            self._failing_since = self._clock()
            logger.warning("%s takes no pages, trying until it does: %s", self.route.name, error)
        self._error = str(error)

    def _recovered(self, result: str) -> None:
        self._sent += 1
        self._counted(result)
        if self._error:
            logger.info("%s takes pages again", self.route.name)
        self._error, self._failing_since = "", None

    def _counted(self, result: str, many: int = 1) -> None:
        self._count.pages.labels(channel=self.route.name, result=result).inc(many)


def _otherwise(route: Route) -> str:
    if not route.escalate_to:
        return ""
    return f"{route.escalate_to} is told after {span(route.escalate_after)}"


def _stands(notice: Notice) -> bool:
    return notice.done is not None and notice.state is not NoticeState.DEAD
