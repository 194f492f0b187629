"""The whole flow on one screen: frames in, records committed, facts judged, a snapshot out."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from monitor.domain.instants import rfc3339
from monitor.domain.maintenance import under_maintenance
from monitor.domain.page import Page
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch, Committed
from monitor.domain.state import DeviceState, FleetSnapshot
from monitor.errors import StoreError
from monitor.instrument import Instruments
from monitor.parse import readings
from monitor.parse.show.device_minutes import Newest
from monitor.pipeline.attribution import attribute
from monitor.pipeline.cssm import CssmDesk
from monitor.pipeline.identity import Registry
from monitor.pipeline.judging import Judge, Judged
from monitor.pipeline.listening import Listener
from monitor.pipeline.measuring import Measuring
from monitor.pipeline.reading import understand
from monitor.pipeline.snmp import SnmpDesk
from monitor.pipeline.telemetry import TelemetryDesk
from monitor.pipeline.usage_rules import UsageRules
from monitor.pipeline.waiting import Waiting
from monitor.pipeline.weekly import WeeklyUse
from monitor.pipeline.writing import Writer
from monitor.wire import (
    CssmInventory,
    ReadingLines,
    Receipt,
    ShowCapture,
    SnmpReport,
    SyslogBatch,
    TelemetryNotification,
)

_JUDGE_SECONDS: Final = 0.1
_TICK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """What the pipeline joins, built by the composition root."""

    registry: Registry
    writer: Writer
    listener: Listener
    judge: Judge
    measuring: Measuring
    instruments: Instruments
    clock: Callable[[], float]
    weekly: WeeklyUse
    usage_rules: UsageRules
    newest_minute: Newest = Newest.FIRST
    """Which column of a device's graph of minutes is the newest."""


class Pipeline:
    """The intake of all collectors and the source of everything that is shown."""

    def __init__(self, rooms: Rooms, latest: Mapping[Series, tuple[int, int]]) -> None:
        self._rooms = rooms
        self._waiting = Waiting()
        self._latest = dict(latest)
        self._judged = Judged()
        self._unattributed = 0
        self._snmp = SnmpDesk(rooms.registry, rooms.listener, rooms.judge, rooms.instruments)
        self._telemetry = TelemetryDesk(rooms.registry, rooms.judge.sheet, rooms.instruments)
        self._cssm = CssmDesk(
            rooms.registry,
            rooms.judge.sheet,
            rooms.instruments,
            lambda: rooms.judge.accounts.names,
        )
        self.snapshot = FleetSnapshot(now=rooms.clock())
        self.lasting_faults: list[str] = []
        """What is wrong until the next start, in words."""
        self.config_fault = ""
        """Why the configuration file as it is now is not in use; empty where it is."""
        self.turns_of: Callable[[Judged, float], Sequence[Page]] = lambda _, __: ()
        """What is to be told to people; committed with the standings it comes from."""
        self.rum_counts: Callable[[], Mapping[str, Mapping[str, int]]] = dict
        """Usage reports of devices by state."""
        rooms.writer.after.append(self._committed)
        rooms.writer.meanwhile.append(self._heard)

    # Ways in (the Intake protocol)

    def syslog(self, batch: SyslogBatch) -> bool:
        """Queue a batch to be read; False where the queue is full."""
        return self._waiting.offer(batch)

    def read_minutes(self, newest: Newest) -> None:
        """Take this column of a device's graph of minutes as the newest from now on."""
        self._rooms = replace(self._rooms, newest_minute=newest)

    async def room(self) -> None:
        """Wait until the queue has room again."""
        await self._waiting.room()

    async def show(self, captures: Sequence[ShowCapture]) -> None:
        """Read captures; returns after the commit."""
        rooms = self._rooms
        shown = understand(captures, rooms.registry, rooms.instruments, rooms.newest_minute)
        await rooms.writer.commit(
            Batch(
                readings=shown.readings,
                facts=shown.facts,
                dead_letters=shown.dead_letters,
                devices=shown.learned,
                rum=shown.rum,
            )
        )

    async def readings(self, lines: ReadingLines) -> Receipt:
        """Read JSON lines; returns after the commit with what was refused and why."""
        parsed = readings.parse(lines, self._rooms.clock())
        accepted = await self.columns(parsed.columns)
        if parsed.refused:
            self._rooms.instruments.readings_refused.labels(reason="bad_line").inc(parsed.refused)
        return Receipt(
            accepted=accepted,
            refused=parsed.refused + len(parsed.columns) - accepted,
            refusals=parsed.refusals,
        )

    async def snmp(self, reports: Sequence[SnmpReport]) -> None:
        """Read answers and notifications; returns after the commit."""
        batch = self._snmp.understand(reports)
        self._unattributed += sum(not event.device for event in batch.events)
        if batch:
            await self._rooms.writer.commit(batch)

    async def telemetry(self, notifications: Sequence[TelemetryNotification]) -> None:
        """Read what devices said of their YANG trees; returns after the commit."""
        batch = self._telemetry.understand(notifications)
        if batch:
            await self._rooms.writer.commit(batch)

    async def cssm(self, inventories: Sequence[CssmInventory]) -> Receipt:
        """Read inventories of accounts; returns after the commit with what was refused and why."""
        batch, receipt = await self._cssm.understand(inventories)
        if batch:
            await self._rooms.writer.commit(batch)
        return receipt

    async def columns(self, columns: ReadingColumns) -> int:
        """Take readings that are columns already; how many were accepted, after their commit."""
        mine = attribute(columns, self._rooms.registry)
        refused = len(columns) - len(mine.columns)
        if refused:
            self._rooms.instruments.readings_refused.labels(reason="too_many_devices").inc(refused)
        if not len(mine.columns):
            return 0
        kept = await self._rooms.writer.commit(Batch(readings=[mine.columns], devices=mine.learned))
        if not kept:
            refused_for = self._rooms.instruments.readings_refused.labels(reason="store_away")
            refused_for.inc(len(mine.columns))
            raise StoreError("the store takes nothing now, and memory for readings is full")
        return len(mine.columns)

    # The loops

    async def read(self) -> None:
        """Read queued syslog in slices until cancelled, leaving the loop free in between.

        Where the store lags, reading stops: what waits is bounded here, not in memory behind it.
        """
        while True:
            await self._waiting.some()
            await self._rooms.writer.room()
            self._read_some()
            await asyncio.sleep(0)

    async def judge(self) -> None:
        """Judge soon after facts changed and when the clock makes a difference."""
        while True:
            now = self._rooms.clock()
            if self._rooms.judge.due(now):
                self.judge_now(now)
            self._publish(now)
            await asyncio.sleep(_JUDGE_SECONDS)

    def judge_now(self, now: float) -> Judged:
        """Judge at `now` and hand changed standings to the writer."""
        self._judged = self._rooms.judge.judge(now)
        batch = Batch(standings=self._judged.changed, pages=self.turns_of(self._judged, now))
        if batch:
            self._rooms.writer.add(batch)
        return self._judged

    @property
    def latest(self) -> Mapping[Series, tuple[int, int]]:
        """Second and count of the newest reading of each series."""
        return self._latest

    def deadline_of(self, device: str) -> float | None:
        """The acknowledgement deadline of a device, where one is known."""
        state = self.state_of(device)
        deadline = state.cycle.deadline if state else None
        value = deadline.value if deadline else None
        return float(value) if isinstance(value, int | float) else None

    def state_of(self, device: str) -> DeviceState | None:
        """A device as last judged; None where it is not known."""
        return next((one for one in self._judged.devices if one.device.id == device), None)

    async def drain(self) -> None:
        """Read and commit everything that has arrived."""
        while self._waiting:
            await self._rooms.writer.room()
            if self._waiting:
                self._read_some()
            await asyncio.sleep(0)
        await self._rooms.writer.idle()

    def _read_some(self) -> None:
        heard = self._rooms.listener.hear(self._waiting.take())
        self._unattributed += sum(not event.device for event in heard.events)
        records = Batch(
            events=self._snmp.twins.first(heard.events),
            facts=heard.facts,
            dead_letters=heard.dead_letters,
            devices=heard.learned,
        )
        if records:
            self._rooms.writer.add(records)

    # After a commit

    def _committed(self, batch: Batch, committed: Committed) -> None:
        del committed
        self._heard(batch)

    def _heard(self, batch: Batch) -> None:
        # Twice where the store refused it at first; folding it again changes nothing.
        self._rooms.judge.learn(batch.facts)
        self._rooms.listener.learn_zones(batch.facts)
        self._rooms.judge.meet(device.id for device in batch.devices)
        for columns in batch.readings:
            _note_latest(self._latest, columns)

    def _publish(self, now: float) -> None:
        self._rooms.instruments.queue.set(self._waiting.frames)
        judged = self._judged
        if judged is self._published and now - self.snapshot.now < _TICK_SECONDS:
            return
        self._published = judged
        self.snapshot = self.snapshot_at(now)

    def snapshot_at(self, now: float) -> FleetSnapshot:
        """Everything that is shown, as judged last."""
        judged = self._judged
        return FleetSnapshot(
            now=now,
            devices=judged.devices,
            accounts=judged.accounts,
            findings=judged.findings,
            latest=dict(self._latest),
            measurements=tuple(self._rooms.measuring.latest.values()),
            unattributed=self._unattributed,
            pairs=judged.pairs,
            retired=self._rooms.registry.retired,
            maintenance=under_maintenance(self._rooms.judge.windows, now),
            limits=self._rooms.judge.limits,
            rum=self.rum_counts(),
            faults=self._faults(),
        )

    def _faults(self) -> list[str]:
        known = [*self.lasting_faults, *([self.config_fault] if self.config_fault else [])]
        refusing = self._rooms.writer.refusing
        if refusing is None:
            return known
        words = f"the store takes nothing since {rfc3339(refusing.since // 1)}: {refusing.error}"
        return [*known, words]

    _published: Judged | None = None


def _note_latest(latest: dict[Series, tuple[int, int]], columns: ReadingColumns) -> None:
    # From the end: the newest reading of a series stands last in all but disordered batches.
    seen: set[int] = set()
    for position in range(len(columns) - 1, -1, -1):
        which = columns.which[position]
        if which not in seen:
            seen.add(which)
            reading = (columns.seconds[position], columns.counts[position])
            series = columns.series[which]
            latest[series] = max(latest.get(series, reading), reading)
            if len(seen) == len(columns.series):
                return
