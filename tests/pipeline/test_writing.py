import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

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
async def writing(log: Recorder, registry: CollectorRegistry) -> AsyncIterator[Writer]:
    writer = Writer(log, Instruments(registry), group_seconds=0)
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
