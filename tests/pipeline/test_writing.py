import asyncio
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch, Committed, DeadLetter, EventRecord
from monitor.errors import StoreError
from monitor.instrument import Instruments
from monitor.pipeline.writing import Writer


class Recorder:
    """A log that keeps what it is given, after refusing the first few commits."""

    def __init__(self, refusals: int = 0) -> None:
        self.batches: list[Batch] = []
        self.refusals = refusals

    def commit(self, batch: Batch) -> Committed:
        if self.refusals:
            self.refusals -= 1
            raise StoreError("disk full")
        self.batches.append(batch)
        return Committed(number=len(self.batches))

    def compact(self, now: float) -> int:
        del now
        return 0


def letter(reason: str) -> DeadLetter:
    return DeadLetter(source="s", origin="o", received=0, reason=reason, payload=b"")


@asynccontextmanager
async def writing(
    log: Recorder, registry: CollectorRegistry, backlog_bytes: int = 10**9
) -> AsyncIterator[Writer]:
    writer = Writer(log, Instruments(registry), group_seconds=0, backlog_bytes=backlog_bytes)
    running = asyncio.create_task(writer.run())
    try:
        async with asyncio.timeout(20):
            yield writer
    finally:
        running.cancel()
        writer.close()


def event(counter: int) -> EventRecord:
    return EventRecord(
        device="cube-1",
        source="syslog",
        received=0,
        device_time=None,
        effective=0,
        clock="unknown",
        counter=counter,
        facility="CUBE",
        severity=5,
        mnemonic="CUBE-5-LICENSE_INFO",
        text="",
        events=(),
        raw=b"",
    )


def test_what_arrives_together_is_committed_together() -> None:
    async def scene() -> list[Batch]:
        log = Recorder()
        async with writing(log, CollectorRegistry()) as writer:
            writer.add(Batch(dead_letters=[letter("a")]))
            await writer.commit(Batch(dead_letters=[letter("b")]))
        return log.batches

    batches = asyncio.run(scene())

    assert [[one.reason for one in batch.dead_letters] for batch in batches] == [["a", "b"]]


def test_a_refused_batch_is_kept_and_committed_later() -> None:
    async def scene() -> tuple[Recorder, float | None]:
        log, registry = Recorder(refusals=2), CollectorRegistry()
        async with writing(log, registry) as writer:
            await writer.commit(Batch(dead_letters=[letter("a")]))
            await writer.idle()
        return log, registry.get_sample_value("cube_monitor_commit_failures_total")

    log, failures = asyncio.run(scene())

    assert [one.reason for one in log.batches[0].dead_letters] == ["a"]
    assert failures == 2


def test_listeners_hear_of_a_commit_before_those_who_wait() -> None:
    heard = []

    async def scene() -> None:
        async with writing(Recorder(), CollectorRegistry()) as writer:
            writer.after.append(lambda batch, committed: heard.append(committed.number))
            await writer.commit(Batch(dead_letters=[letter("a")]))
            heard.append(0)

    asyncio.run(scene())

    assert heard == [1, 0]


def test_marks_are_filtered_at_the_last_moment() -> None:
    async def scene() -> Batch:
        log = Recorder()
        async with writing(log, CollectorRegistry()) as writer:
            writer.still_worked = lambda marks: [mark for mark in marks if mark[0] != "late"]
            await writer.commit(Batch(worked=[("late", 0), ("done", 0)]))
        return log.batches[0]

    assert asyncio.run(scene()).worked == [("done", 0)]


def test_reading_waits_while_many_events_wait_for_their_commit() -> None:
    async def scene() -> tuple[bool, bool]:
        async with writing(Recorder(), CollectorRegistry()) as writer:
            writer.add(Batch(events=[event(number) for number in range(2_000)]))
            full = asyncio.ensure_future(writer.room())
            await asyncio.sleep(0)
            waited = not full.done()
            await writer.idle()
            await full
            return waited, writer.commits == 1

    assert asyncio.run(scene()) == (True, True)


class Away(Recorder):
    """A log that refuses everything until it is back."""

    def __init__(self) -> None:
        super().__init__()
        self.back = False

    def commit(self, batch: Batch) -> Committed:
        if not self.back:
            raise StoreError("disk full", "full")
        return super().commit(batch)


def readings(many: int) -> Batch:
    columns = ReadingColumns(
        series=[Series("cube-1", "AGG", "lab")],
        which=array("I", [0] * many),
        seconds=array("q", range(many)),
        counts=array("q", [1] * many),
    )
    return Batch(readings=[columns])


async def until(met: Callable[[], bool]) -> None:
    while not met():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.01)


def test_while_the_store_refuses_listeners_hear_and_it_is_said() -> None:
    async def scene() -> None:
        log, registry = Away(), CollectorRegistry()
        heard: list[str] = []
        async with writing(log, registry) as writer:
            writer.meanwhile.append(
                lambda batch: heard.extend(one.reason for one in batch.dead_letters)
            )
            committed: list[int] = []
            writer.after.append(lambda _, done: committed.append(done.number))
            first = asyncio.ensure_future(writer.commit(Batch(dead_letters=[letter("a")])))
            await until(lambda: heard == ["a"])
            assert writer.refusing is not None
            assert (writer.refusing.reason, writer.refusing.error) == ("full", "disk full")
            assert faulty(registry) == 1
            writer.add(Batch(dead_letters=[letter("b")]))
            await until(lambda: heard == ["a", "b"])
            assert not first.done()
            assert committed == []

            log.back = True
            assert await first
            await writer.idle()
            assert faulty(registry) == 0
        assert [[one.reason for one in batch.dead_letters] for batch in log.batches] == [
            ["a"],
            ["b"],
        ]
        assert heard == ["a", "b"], "each once"
        assert committed == [1, 2]

    asyncio.run(scene())


def faulty(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("cube_monitor_store_faulty", {"reason": "full"})


def test_what_waits_is_bounded_and_readings_go_first_counted_and_refused() -> None:
    async def scene() -> None:
        log, registry = Away(), CollectorRegistry()
        async with writing(log, registry, backlog_bytes=30_000) as writer:
            writer.add(Batch(dead_letters=[letter("kept")], events=[event(1)]))
            refused = asyncio.ensure_future(writer.commit(readings(2_000)))
            assert not await refused
            kept = asyncio.ensure_future(writer.commit(readings(10)))
            await until(lambda: len(writer._backlog) >= 2 or not writer._group.parts)
            log.back = True
            assert await kept
            await writer.idle()
        assert dropped(registry, "reading") == 2_000
        assert dropped(registry, "dead_letter") is None
        assert sum(len(part) for batch in log.batches for part in batch.readings) == 10
        assert [one.counter for batch in log.batches for one in batch.events] == [1]

    asyncio.run(scene())


def dropped(registry: CollectorRegistry, record: str) -> float | None:
    return registry.get_sample_value("cube_monitor_backlog_dropped_total", {"record": record})


def test_events_never_go_reading_stops_instead_and_goes_on_when_the_store_is_back() -> None:
    async def scene() -> None:
        log, registry = Away(), CollectorRegistry()
        async with writing(log, registry, backlog_bytes=10_000) as writer:
            writer.add(Batch(events=[event(number) for number in range(20)]))
            writer.add(Batch(dead_letters=[letter("gone")]))
            await until(lambda: writer.refusing is not None)
            room = asyncio.ensure_future(writer.room())
            await asyncio.sleep(0)
            assert not room.done()
            assert dropped(registry, "dead_letter") == 1
            log.back = True
            await room
            await writer.idle()
        assert [one.counter for batch in log.batches for one in batch.events] == list(range(20))

    asyncio.run(scene())
