import asyncio

from monitor.pipeline.waiting import Waiting
from monitor.wire import SyslogBatch


def batch(*payloads: bytes) -> SyslogBatch:
    return SyslogBatch(transport="udp", received=0, frames=[("a", one) for one in payloads])


def test_what_was_offered_comes_back_in_order_and_in_slices() -> None:
    waiting = Waiting()
    waiting.offer(batch(*[b"%d" % number for number in range(1_000)]))
    waiting.offer(batch(b"last"))

    taken = []
    while waiting:
        taken.append([payload for _, payload in waiting.take().frames])

    assert [len(one) for one in taken] == [512, 488, 1]
    assert [int(one) for part in taken[:2] for one in part] == list(range(1_000))
    assert waiting.frames == 0


def test_a_batch_beyond_the_bound_in_messages_is_refused_whole() -> None:
    waiting = Waiting(most_frames=2)

    assert waiting.offer(batch(b"1", b"2"))
    assert not waiting.offer(batch(b"3"))
    assert waiting.frames == 2


def test_a_batch_beyond_the_bound_in_bytes_is_refused() -> None:
    assert not Waiting(most_bytes=10).offer(batch(b"x" * 11))


def test_there_is_room_again_when_half_is_read() -> None:
    async def scene() -> list[bool]:
        waiting = Waiting(most_frames=2)
        waiting.offer(batch(b"1"))
        waiting.offer(batch(b"2"))
        waiting.offer(batch(b"3"))
        waiter = asyncio.create_task(waiting.room())
        await asyncio.sleep(0)
        before = waiter.done()
        waiting.take()
        await waiter
        return [before, waiter.done()]

    assert asyncio.run(scene()) == [False, True]
