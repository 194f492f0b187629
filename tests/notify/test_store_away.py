"""The store takes nothing: critical pages go out from memory, and once more when it is back."""

import asyncio
from typing import Any

from monitor.domain.instants import DAY
from monitor.domain.records import Batch, Committed
from monitor.domain.silences import Silence
from monitor.errors import StoreError
from monitor.store.embedded import EmbeddedStore

DEADLINE = 1_768_435_200.0  # 2026-01-15T00:00:00Z
CRITICAL = "cubemon/ack_backstop/3d/cube-1"
NOW = DEADLINE - 3 * DAY + 60


class Closed:
    """A log that refuses until it is opened."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self.open = True

    def commit(self, batch: Batch) -> Committed:
        if not self.open:
            raise StoreError("no space left on device", "full")
        return self._store.commit(batch)

    def compact(self, now: float) -> int:
        return self._store.compact(now)


def shut(it: Any) -> Closed:
    log = Closed(it.parts.store)
    it.parts.rooms.writer._log = log
    log.open = False
    return log


async def heard(it: Any, shown: Any) -> None:
    """Show it to a monitor whose store refuses: nobody is answered, and it is judged."""
    task = asyncio.create_task(it.show(shown))
    writer = it.parts.rooms.writer
    async with asyncio.timeout(20):
        while not writer.refusing:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)
        it.parts.pipeline.judge_now(it.clock[0])
        while not it.notifier.alarm._held:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
    task.cancel()


def channel(receiver: Any, secret: str, **other: Any) -> dict[str, Any]:
    return {"kind": "webhook", "url": receiver.url, "secret": {"env": secret}} | other


def test_a_critical_page_does_not_wait_for_the_store(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    async def story() -> None:
        async with monitor({"channels": [channel(receiver, secret)]}, now=NOW) as it:
            log = shut(it)
            await heard(it, capture("cube-1"))
            await it.notifier.alarm.round()
            assert receiver.told == [], "a commit refused for a moment is no outage"
            it.clock[0] += 6
            for _ in range(3):
                await it.notifier.alarm.round()
            assert receiver.keys() == {CRITICAL: 1}
            assert it.parts.store.events() == []

            log.open = True
            await it.parts.rooms.writer.idle()
            await it.sent()
            assert receiver.keys() == {CRITICAL: 2}, "the same key: receivers count one"
            it.clock[0] += 6
            await it.notifier.alarm.round()
            assert receiver.keys() == {CRITICAL: 2}
            assert not it.notifier.alarm._held

    asyncio.run(story())


def test_what_is_over_meanwhile_is_ended_and_a_receiver_away_is_tried_again(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    later = ("Feb 14 00:00:00 2026 UTC", "Jan 14 23:00:00 2026 UTC")

    async def story() -> None:
        async with monitor({"channels": [channel(receiver, secret)]}, now=NOW) as it:
            shut(it)
            await heard(it, capture("cube-1"))
            it.clock[0] += 6
            receiver.answers += [500]
            await it.notifier.alarm.round()
            await it.notifier.alarm.round()
            assert receiver.keys()[CRITICAL] >= 1
            shown = capture("cube-1", deadline=later[0], acked=later[1])
            task = asyncio.create_task(it.show(shown))
            async with asyncio.timeout(20):
                while not receiver.keys("resolve"):
                    it.clock[0] += 60
                    it.parts.pipeline.judge_now(it.clock[0])
                    await it.notifier.alarm.round()
                    await asyncio.sleep(0.01)
            task.cancel()
            assert receiver.keys("resolve") == {CRITICAL: 1}

    asyncio.run(story())


def test_silences_shadow_and_routes_hold_without_the_store_too(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    channels = [
        channel(receiver, secret, name="warnings", severities=["warning"]),
        channel(receiver, secret, name="silenced"),
    ]
    quiet = Silence(
        id="",
        by="anna",
        rule="ack_backstop",
        start=NOW - 60,
        end=NOW + DAY,
        forced=True,
        reason="a drill",
    )

    async def story() -> None:
        async with monitor({"channels": channels}, now=NOW) as it:
            await it.notifier.silence(quiet)
            shut(it)
            await heard(it, capture("cube-1"))
            it.clock[0] += 6
            await it.notifier.alarm.round()
        shadow = {"shadow": True, "channels": channels}
        async with monitor(shadow, now=NOW, name="shadow") as it:
            shut(it)
            await heard(it, capture("cube-1"))
            it.clock[0] += 6
            await it.notifier.alarm.round()

    asyncio.run(story())
    assert receiver.told == []
