"""A failover from the router's output to the recorded measurements of both members."""

import asyncio
from array import array
from pathlib import Path

from monitor.app.build import Parts, build
from monitor.config.model import Config
from monitor.domain.measurement import Measurement, Reason
from monitor.domain.readings import ReadingColumns, Series
from monitor.store.embedded import EmbeddedStoreConfig
from monitor.wire import ShowCapture

START = 1_767_571_200  # 2026-01-05T00:00:00Z
HOUR = 3_600
GROUP = """\
cube#show redundancy application group 1
Group ID:1
Group Name:voice-b2bha

My Role: {own}
Peer Role: {peer}
Peer Presence: Yes
Peer Comm: Yes
"""


class Clock:
    now = float(START)

    def __call__(self) -> float:
        return self.now


def sessions(device: str, first: int, count: int) -> ReadingColumns:
    """One reading a minute over one hour."""
    seconds = range(first, first + HOUR, 60)
    return ReadingColumns(
        series=[Series(device, "CUBE_T_RED", "test")],
        which=array("I", bytes(4 * len(seconds))),
        seconds=array("q", seconds),
        counts=array("q", [count]) * len(seconds),
    )


async def say(parts: Parts, now: float, active: str) -> None:
    for device in ("cube-1", "cube-2"):
        own, peer = ("ACTIVE", "STANDBY") if device == active else ("STANDBY", "ACTIVE")
        text = GROUP.format(own=own, peer=peer)
        await parts.pipeline.show([ShowCapture(device=device, received=now, text=text)])


async def scene(parts: Parts, clock: Clock) -> None:
    await say(parts, clock.now, "cube-1")
    parts.pipeline.judge_now(clock.now)
    for hour in range(24):
        clock.now = START + hour * HOUR
        if hour == 5:
            clock.now += 1_800
            await say(parts, clock.now, "cube-2")
        active = "cube-1" if clock.now < START + 5 * HOUR + 1_800 else "cube-2"
        await parts.pipeline.columns(sessions(active, START + hour * HOUR, 10 + hour))
        clock.now = START + (hour + 1) * HOUR + 100
        await parts.rooms.measuring.work(clock.now)


def test_a_failover_ends_one_period_and_begins_another(tmp_path: Path) -> None:
    config = Config.model_validate(
        {
            "usage": {"periodicity": "8h"},
            "devices": [{"name": "cube-1"}, {"name": "cube-2"}],
            "pairs": [{"name": "edge", "members": ["cube-1", "cube-2"]}],
        }
    ).model_copy(update={"store": EmbeddedStoreConfig(directory=tmp_path)})
    clock = Clock()

    async def play() -> tuple[list[Measurement], list[str]]:
        parts = build(config, clock, group_seconds=0)
        running = asyncio.create_task(parts.rooms.writer.run())
        async with asyncio.timeout(60):
            await scene(parts, clock)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        recorded = list(
            parts.store.measurements(device=None, tag="CUBE_T_RED", start=None, end=None, limit=100)
        )
        events = [one.text for one in parts.store.events(device=None, since=None, limit=10)]
        parts.rooms.writer.close()
        parts.store.close()
        return recorded, events

    recorded, events = asyncio.run(play())

    assert events == ["failover of edge: cube-2 took over from cube-1"]
    (ended,) = [one for one in recorded if one.device == "cube-1"]
    assert (ended.start, ended.end) == (START, START + 6 * HOUR)
    assert (ended.reason, ended.count, ended.changed) == (Reason.FAILOVER, 14, False)
    following = [one for one in recorded if one.device == "cube-2"]
    assert following[0].start == START + 5 * HOUR
    assert all(one.reason is not Reason.FAILOVER for one in following)
