"""The notifier: open pages, silences and maintenance in, notices to channels out."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol
from uuid import uuid4

from monitor.domain.findings import FindingKey, Severity
from monitor.domain.instants import DAY, HOUR
from monitor.domain.maintenance import Window
from monitor.domain.page import (
    Action,
    ChannelStatus,
    Mark,
    Notice,
    PageFigures,
    PageRecord,
    PageText,
    dedup_key,
)
from monitor.domain.records import Batch, Committed
from monitor.domain.silences import LONGEST_SILENCE, Silence
from monitor.errors import DeliveryError, OperationError, StoreError
from monitor.instrument import PageInstruments
from monitor.pipeline.judging import Judge
from monitor.pipeline.page_alarm import Alarm
from monitor.pipeline.ports import Queue
from monitor.pipeline.sending import Board, Sender
from monitor.pipeline.writing import Writer

logger = logging.getLogger(__name__)

_EVERY: Final = 1.0
_TIDY_SECONDS: Final = HOUR
_COMMIT_SECONDS: Final = 10.0
"""A store that takes nothing for so long is not alive."""
_LONGEST_WINDOW: Final = 30 * DAY
_MOST_SUBJECTS: Final = 1_000


class Beats(Protocol):
    """A dead man's ping."""

    every: float

    async def beat(self) -> None:
        """Ping once; DeliveryError where it was not taken."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the notifier works with."""

    queue: Queue
    judge: Judge
    writer: Writer
    instruments: PageInstruments
    clock: Callable[[], float]
    quiet: Callable[[float], bool] = lambda _: False
    heartbeat: Beats | None = None
    alive: Callable[[], bool] = lambda: True
    """Whether the fleet is judged: what the ping stands for, with a store that takes it."""
    devices: Callable[[], int] = lambda: 0
    """How many there are."""


class Notifier:
    """Plans for all channels; keeps silences and maintenance windows, which work without any."""

    def __init__(
        self,
        desk: Desk,
        senders: Sequence[Sender],
        silences: Iterable[Silence],
        windows: Iterable[Window],
    ) -> None:
        self._desk = desk
        self.senders = tuple(senders)
        self._silences = {one.id: one for one in silences}
        self._windows = {one.id: one for one in windows}
        self.rounds = 0
        """Plans so far: it rises as long as there is progress."""
        self._turned = asyncio.Event()
        self._board = Board()
        self._beat_error = ""
        desk.judge.maintain(self._windows.values())
        self.alarm = Alarm(self.senders, desk.clock, lambda: tuple(self._silences.values()))
        """Tells critical pages while the store takes nothing."""
        desk.writer.meanwhile.append(self.alarm.refused)
        desk.writer.after.append(self._committed)
        for sender in self.senders:
            sender.sent = self._notified

    # The loops

    def loops(self) -> Iterable[Coroutine[None, None, None]]:
        """What runs as long as the service does."""
        if self.senders:
            yield self._plan()
            yield self.alarm.run()
        for sender in self.senders:
            if not sender.route.shadow:
                yield sender.run()
                if sender.route.resend is not None:
                    yield sender.keep(sender.route.resend)
        if self._desk.heartbeat is not None:
            yield self._beats(self._desk.heartbeat)

    async def begin(self) -> None:
        """Take over what was told before. Raises StoreError."""
        await self._look()
        for sender in self.senders:
            await asyncio.to_thread(sender.begin, set(self._board.pages))

    async def plan(self) -> None:
        """Plan for every channel, as of now. Raises StoreError."""
        now = self._desk.clock()
        board = replace(
            self._board, quiet=self._desk.quiet(now), silences=tuple(self._silences.values())
        )
        for sender in self.senders:
            await sender.plan(board, self._escalated(sender.route.name, now))
        self.rounds += 1

    async def _plan(self) -> None:
        begun, tidied, waits = False, float("-inf"), False
        while True:
            try:
                if not begun:
                    await self.begin()
                    begun = True
                # Open pages first, then the log: what the log says of a page is never the older.
                await self._look()
                await self.plan()
                tidied = await self._tidied(tidied)
                waits = False
                await self._something()
            except StoreError as error:
                if not waits:
                    logger.warning("pages wait until the store takes them: %s", error)
                waits = True
                await asyncio.sleep(_EVERY)

    async def _tidied(self, before: float) -> float:
        now = self._desk.clock()
        if now - before < _TIDY_SECONDS:
            return before
        await asyncio.to_thread(self._desk.queue.tidy, now)
        rate = await asyncio.to_thread(self.figures, self._desk.devices())
        self._desk.instruments.false_rate.set(rate.rate or 0.0)
        return now

    async def _something(self) -> None:
        try:
            async with asyncio.timeout(_EVERY):
                await self._turned.wait()
        except TimeoutError:
            return
        self._turned.clear()

    async def _look(self) -> None:
        """See which pages are open. Raises StoreError."""
        pages = await asyncio.to_thread(self._desk.queue.open_pages)
        self._board = Board(pages={record.page.id: record for record in pages})

    def _escalated(self, channel: str, now: float) -> Iterable[int]:
        sources = [one for one in self.senders if one.route.escalate_to == channel]
        for number, record in self._board.pages.items():
            if record.acknowledged is None and any(one.unheard(number, now) for one in sources):
                yield number

    def _committed(self, batch: Batch, committed: Committed) -> None:
        del committed
        if batch.pages:
            self.alarm.committed(batch)
            self._turned.set()

    def _notified(self, notice: Notice) -> None:
        standing = self._desk.judge.notified(notice.finding, self._desk.clock())
        if standing is not None:
            self._desk.writer.add(Batch(standings=[standing]))

    async def _beats(self, heartbeat: Beats) -> None:
        while True:
            if self._desk.alive() and await self._store_takes():
                await self._beat(heartbeat)
            await asyncio.sleep(heartbeat.every)

    async def _store_takes(self) -> bool:
        try:
            async with asyncio.timeout(_COMMIT_SECONDS):
                await self._desk.writer.commit(Batch())
        except TimeoutError:
            return False
        return True

    async def _beat(self, heartbeat: Beats) -> None:
        try:
            await heartbeat.beat()
        except DeliveryError as error:
            self._desk.instruments.heartbeats.labels(result="failed").inc()
            if str(error) != self._beat_error:
                logger.warning("heartbeat: %s", error)
            self._beat_error = str(error)
        else:
            self._desk.instruments.heartbeats.labels(result="sent").inc()
            self._beat_error = ""

    # What is shown

    def channels(self) -> Sequence[ChannelStatus]:
        """How it stands with each. Raises StoreError; in any thread."""
        return [one.status() for one in self.senders]

    def figures(self, devices: int) -> PageFigures:
        """False pages of the last 30 days. Raises StoreError; in any thread."""
        return self._desk.queue.figures(self._desk.clock(), devices)

    def windows(self) -> Sequence[Window]:
        """Maintenance windows, latest end first."""
        return sorted(self._windows.values(), key=lambda one: (-one.end, one.id))

    def silences(self) -> Sequence[Silence]:
        """Silences, latest end first."""
        return sorted(self._silences.values(), key=lambda one: (-one.end, one.id))

    # What people do

    async def acknowledge(self, number: int, by: str) -> PageRecord:
        """Somebody takes a page: nobody else is told. OperationError where it is not open."""
        now = self._desk.clock()
        record = await asyncio.to_thread(self._desk.queue.acknowledge, number, by, now)
        if record is None:
            raise OperationError(f"no open page has the number {number}")
        standing = self._desk.judge.acknowledge(record.page.key, now)
        if standing is not None:
            self._desk.writer.add(Batch(standings=[standing]))
        await self._look()
        return record

    async def mark(self, number: int, mark: Mark, by: str, reason: str) -> PageRecord:
        """Say what a page was. OperationError where there is none."""
        now = self._desk.clock()
        record = await asyncio.to_thread(self._desk.queue.mark, number, mark, by, reason, now)
        if record is None:
            raise OperationError(f"no page has the number {number}")
        self._desk.instruments.marked.labels(mark=mark.value).inc()
        figures = await asyncio.to_thread(self.figures, self._desk.devices())
        self._desk.instruments.false_rate.set(figures.rate or 0.0)
        return record

    async def maintain(self, asked: Window) -> Window:
        """Open a window; its id comes back with it. OperationError says what is wrong."""
        now = self._desk.clock()
        if not asked.subjects or len(asked.subjects) > _MOST_SUBJECTS:
            raise OperationError(f"name 1 to {_MOST_SUBJECTS} devices, pairs, accounts or causes")
        _check_span(asked.start, asked.end, now, _LONGEST_WINDOW)
        window = replace(asked, id=_id("m"), created=now)
        await self._keep_window(window)
        return window

    async def end_window(self, name: str, by: str) -> Window:
        """End one now. OperationError where it is over, or there is none."""
        now = self._desk.clock()
        window = self._windows.get(name)
        if window is None or window.end <= now:
            raise OperationError(f"no maintenance window {name!r} is open or to come")
        window = replace(window, start=min(window.start, now), end=now, ended_by=by)
        await self._keep_window(window)
        return window

    async def silence(self, asked: Silence) -> Silence:
        """Begin a silence; its id comes back with it. OperationError says what is wrong."""
        now = self._desk.clock()
        if not (asked.rule or asked.subject or asked.severity):
            raise OperationError("name a rule, a subject or a severity: a silence of all is none")
        if not asked.reason:
            raise OperationError("say why (`reason`): others will wonder")
        _check_span(asked.start, asked.end, now, LONGEST_SILENCE)
        silence = replace(asked, id=_id("s"), created=now)
        await self._keep_silence(silence)
        return silence

    async def end_silence(self, name: str, by: str) -> Silence:
        """End one now. OperationError where it is over, or there is none."""
        now = self._desk.clock()
        silence = self._silences.get(name)
        if silence is None or silence.end <= now:
            raise OperationError(f"no silence {name!r} is open or to come")
        silence = replace(silence, start=min(silence.start, now), end=now, ended_by=by)
        await self._keep_silence(silence)
        return silence

    async def test(self, name: str) -> str:
        """Tell a channel a test and its end; why it was not taken, empty where it was."""
        sender = next((one for one in self.senders if one.route.name == name), None)
        if sender is None:
            known = ", ".join(one.route.name for one in self.senders) or "none is configured"
            raise OperationError(f"no channel is called {name!r}: {known}")
        now = self._desk.clock()
        notice = _test(name, now)
        try:
            await sender.route.channel.send(notice)
            over = replace(notice, action=Action.RESOLVE, resolved=now)
            await sender.route.channel.send(replace(over, title=f"RESOLVED: {notice.title}"))
        except DeliveryError as error:
            return str(error)
        return ""

    async def _keep_window(self, window: Window) -> None:
        await self._kept(Batch(windows=[window]))
        self._windows[window.id] = window
        self._desk.judge.maintain(self._windows.values())

    async def _kept(self, batch: Batch) -> None:
        try:
            async with asyncio.timeout(_COMMIT_SECONDS):
                await self._desk.writer.commit(batch)
        except TimeoutError as error:
            raise StoreError("the store takes nothing now; look again when it does") from error

    async def _keep_silence(self, silence: Silence) -> None:
        await self._kept(Batch(silences=[silence]))
        self._silences[silence.id] = silence


def _check_span(start: float, end: float, now: float, longest: float) -> None:
    if end <= max(start, now):
        raise OperationError("its end is not after its start and after now")
    if end - max(start, now) > longest:
        raise OperationError(f"it may last {longest / DAY:g} days at most; renew it then")


def _id(kind: str) -> str:
    return f"{kind}-{uuid4().hex[:8]}"


def _test(channel: str, now: float) -> Notice:
    finding = FindingKey("test", "test", channel)
    lines = {"What": "A test of this channel (`cubemon notify test`). Nothing is wrong."}
    return Notice(
        channel=channel,
        action=Action.TRIGGER,
        key=dedup_key(finding),
        severity=Severity.WARNING,
        planned=now,
        title="TEST of cube-license-monitor: nothing is wrong",
        text=PageText(title="", lines=lines),
        finding=finding,
        opened=now,
    )
