"""The store takes nothing: devices are judged on from memory, it is said, nothing is lost."""

import asyncio
from pathlib import Path

import pytest

from monitor.app import Parts, build
from monitor.config import Config
from monitor.domain.records import Batch, Committed
from monitor.errors import StoreError
from monitor.expose.overview import overview
from monitor.store.embedded import EmbeddedStore
from monitor.wire import ReadingLines, SyslogBatch

NOW = 1_795_428_000.0
DAY = 86_400
ADDRESS = "192.0.2.1"
FAILED = (
    "<187>42: *Nov 22 18:00:00.207: %SMART_LIC-3-COMM_FAILED: Communications failure with the"
    " Cisco Smart Software Manager (CSSM) : No detail given"
)


class Closed:
    """A log that refuses until it is opened."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self.open = False

    def commit(self, batch: Batch) -> Committed:
        if not self.open:
            raise StoreError("no space left on device", "full")
        return self._store.commit(batch)

    def compact(self, now: float) -> int:
        return self._store.compact(now)


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


def configured(directory: Path) -> Config:
    return Config.model_validate(
        {
            "store": {"directory": str(directory)},
            "devices": [{"name": "cube-1", "addresses": [ADDRESS], "release": "17.9.4"}],
        }
    )


async def heard(parts: Parts) -> None:
    while not parts.rooms.writer.refusing:  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.01)


def found(parts: Parts) -> set[str]:
    return {one.finding.rule for one in parts.pipeline.judge_now(parts.rooms.clock()).findings}


async def scene(parts: Parts, clock: Clock, log: Closed) -> None:
    pipeline = parts.pipeline
    tasks = [
        asyncio.create_task(one)
        for one in (parts.rooms.writer.run(), pipeline.read(), pipeline.judge())
    ]
    try:
        before = found(parts)
        assert "communication_failed" not in before
        pipeline.syslog(
            SyslogBatch(transport="udp", received=NOW, frames=[(ADDRESS, FAILED.encode())])
        )
        line = b'{"device": "cube-1", "tag": "CUBE_T_STD", "time": %d, "count": 7}\n' % NOW
        lines = ReadingLines(origin="test", received=NOW, payload=line, first_line=1)
        posted = asyncio.ensure_future(pipeline.readings(lines))
        await heard(parts)
        clock.now += 40 * DAY
        assert "communication_failed" in found(parts), "heard and judged, though not on disk"
        while not pipeline.snapshot.faults:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)
        assert "no space left on device" in pipeline.snapshot.faults[0]
        assert "no space left on device" in overview(pipeline.snapshot)
        assert parts.store.events() == []
        assert not posted.done(), "not accepted before it is on disk"

        log.open = True
        receipt = await posted
        assert receipt.accepted == 1
        await parts.rooms.writer.idle()
    finally:
        for task in tasks:
            task.cancel()
        parts.rooms.writer.close()
        parts.store.close()


@pytest.mark.timeout(60)
def test_judging_goes_on_from_memory_and_everything_is_kept_in_the_end(tmp_path: Path) -> None:
    clock = Clock()
    parts = build(configured(tmp_path), clock, group_seconds=0)
    log = Closed(parts.store)
    parts.rooms.writer._log = log
    asyncio.run(scene(parts, clock, log))

    again = build(configured(tmp_path), clock)
    try:
        assert [one.mnemonic for one in again.store.events()] == ["SMART_LIC-3-COMM_FAILED"]
        assert sum(map(len, again.store.readings())) == 1
        assert "communication_failed" in found(again)
        assert not again.store.unclean
    finally:
        again.rooms.writer.close()
        again.store.close()


def test_a_store_that_could_not_be_opened_is_a_fault_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is to be written, too."""

    def refused(_: EmbeddedStore) -> None:
        raise StoreError("Read-only file system", "read_only")

    monkeypatch.setattr(EmbeddedStore, "_open", refused)
    parts = build(configured(tmp_path), Clock())
    try:
        assert parts.rooms.writer.refusing is not None
        assert parts.rooms.writer.refusing.reason == "read_only"
        parts.pipeline.judge_now(NOW)
        assert any("Read-only" in one for one in parts.pipeline._faults())
    finally:
        parts.rooms.writer.close()
        parts.store.close()
