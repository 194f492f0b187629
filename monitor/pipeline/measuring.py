"""Measure closed hours: the live aggregator over the store, one piece of work after another."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.aggregate.live import Live, Work
from monitor.domain.instants import HOUR
from monitor.domain.measurement import WEAK_BELOW, Measurement
from monitor.domain.readings import ReadingColumns
from monitor.domain.records import Batch, Committed
from monitor.domain.tags import AGGREGATE, TRUNK_TAGS
from monitor.errors import OperationError, StoreError
from monitor.instrument import Instruments
from monitor.pipeline.writing import Marks, Writer

logger = logging.getLogger(__name__)

_TICK_SECONDS: Final = 1.0
_REFUSED_SECONDS: Final = 30.0
_TAGS: Final = (*sorted(TRUNK_TAGS), AGGREGATE)


@dataclass(slots=True)
class _Asked:
    """A device that is to be worked out again."""

    device: str
    start: int
    answer: asyncio.Future[int]
    renewed: int = 0


class Measuring:
    """Feeds the aggregator after commits and commits what it measured.

    Readings that are committed while an hour is being worked out keep that hour marked: it is
    worked out again, so no interleaving loses one.
    """

    def __init__(
        self, live: Live, writer: Writer, instruments: Instruments, clock: Callable[[], float]
    ) -> None:
        self._live = live
        self._writer = writer
        self._clock = clock
        self._instruments = instruments
        self._meanwhile: list[ReadingColumns] | None = None
        """Readings committed while an hour is being worked out; None at other times."""
        self._outdated = False
        self.latest: dict[tuple[str, str], Measurement] = {}
        """The newest recorded measurement of each (device, tag)."""
        self._asked: list[_Asked] = []
        self.recorded: list[Callable[[str, str], None]] = []
        """Told of each (device, tag) of which something was recorded."""
        writer.after.append(self._committed)
        writer.still_worked = self._still_worked

    async def again(self, device: str, start: int) -> int:
        """Work a device out from a second on; how many chains got a new version, after the commit.

        Raises OperationError where it has not been heard of since the start.
        """
        asked = _Asked(device, start, asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        return await asked.answer

    def remember(self, measurements: Sequence[Measurement]) -> None:
        """Take over the newest measurements of an earlier run."""
        for one in measurements:
            self.latest[one.device, one.tag] = one

    def peaks(self, device: str) -> Mapping[str, int]:
        """Tag -> licences of the newest measurement; weak ones say too little to count."""
        newest = (self.latest.get((device, tag)) for tag in _TAGS)
        return {
            one.tag: one.count
            for one in newest
            if one is not None and one.count is not None and one.minute_coverage >= WEAK_BELOW
        }

    def forget(self) -> None:
        """Start over from the store, as after a restart: the rules are others now."""
        if self._meanwhile is None:
            self._live.forget()
        else:
            self._outdated = True

    async def run(self) -> None:
        """Work out what is due, about once a second, until cancelled."""
        while True:
            try:
                await self.work(self._clock())
            except StoreError as error:
                # Everything is due again: judging goes on by what was measured before.
                logger.error("measuring waits: %s", error)  # noqa: TRY400 - the store's message says it all
                await asyncio.sleep(_REFUSED_SECONDS)
            await asyncio.sleep(_TICK_SECONDS)

    async def work(self, now: float) -> None:
        """Work out everything that is due at `now` and commit it."""
        asked, self._asked = self._asked, []
        standing = [one for one in asked if self._begun(one)]
        try:
            await self._work(now, standing)
        except BaseException:
            self._asked += standing
            raise
        for one in standing:
            if not one.answer.done():
                one.answer.set_result(one.renewed)

    def _begun(self, asked: "_Asked") -> bool:
        begun = self._live.again(asked.device, asked.start)
        if not begun and not asked.answer.done():
            asked.answer.set_exception(
                OperationError(f"{asked.device} was not heard of since the start: try again later")
            )
        return begun

    async def _work(self, now: float, asked: Sequence["_Asked"]) -> None:
        while self._live.due(now):
            self._meanwhile = []
            try:
                work = await asyncio.to_thread(self._live.work, now)
                await self._writer.commit(_batch(work))
            finally:
                self._catch_up()
            self._account_for(work)
            for one in asked:
                one.renewed += sum(chain.device == one.device for chain in work.chains)

    def _catch_up(self) -> None:
        # The aggregator's calls come one at a time: what was committed during its work waits here.
        waiting, self._meanwhile = self._meanwhile or [], None
        for columns in waiting:
            self._live.feed(columns, self._clock())
        if self._outdated:
            self._outdated = False
            self._live.forget()

    def _account_for(self, work: Work) -> None:
        self._instruments.hours_worked.inc(len(work.hours))
        for chain in work.chains:
            self._instruments.chains_replaced.inc(chain.version > 1)
            if chain.measurements:
                self.latest[chain.device, chain.tag] = chain.measurements[-1]
            for listener in self.recorded:
                listener(chain.device, chain.tag)

    def _committed(self, batch: Batch, committed: Committed) -> None:
        del committed
        for columns in batch.readings:
            if self._meanwhile is None:
                self._live.feed(columns, self._clock())
            else:
                self._meanwhile.append(columns)

    def _still_worked(self, marks: Marks) -> Marks:
        if not marks or not self._meanwhile:
            return marks
        fed = set().union(*(_device_hours(columns) for columns in self._meanwhile))
        return [mark for mark in marks if mark not in fed]


def _batch(work: Work) -> Batch:
    return Batch(origins=work.origins, hours=work.hours, chains=work.chains, worked=work.worked)


def _device_hours(columns: ReadingColumns) -> set[tuple[str, int]]:
    devices = [series.device for series in columns.series]
    return {
        (devices[which], second - second % HOUR)
        for which, second in zip(columns.which, columns.seconds, strict=True)
    }
