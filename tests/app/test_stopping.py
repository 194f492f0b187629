import asyncio

import pytest
from prometheus_client import CollectorRegistry

from monitor.app.service import while_committing
from monitor.domain.records import Batch, Committed
from monitor.instrument import Instruments
from monitor.pipeline.writing import Writer


class Keeping:
    """A log that takes everything."""

    def commit(self, batch: Batch) -> Committed:
        del batch
        return Committed(number=1)

    def compact(self, now: float) -> int:
        del now
        return 0


def writer() -> Writer:
    return Writer(Keeping(), Instruments(CollectorRegistry()), group_seconds=0)


def test_stopping_waits_as_long_as_commits_happen() -> None:
    async def scene() -> bool:
        slow = writer()
        gone_on = asyncio.Event()

        async def work() -> None:
            for _ in range(20):
                slow.commits += 1
                await asyncio.sleep(0)
            gone_on.set()

        await while_committing(work(), slow, patience=0)
        slow.close()
        return gone_on.is_set()

    assert asyncio.run(scene())


def test_stopping_gives_up_where_nothing_is_committed() -> None:
    async def scene() -> None:
        stuck = writer()
        try:
            await while_committing(asyncio.Event().wait(), stuck, patience=0)
        finally:
            stuck.close()

    with pytest.raises(TimeoutError, match="no commit in 0 s"):
        asyncio.run(scene())
