"""The demo's history: measured live it comes out again; a router that misreports drifts."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from monitor.app.build import Parts, build
from monitor.app.service import Service
from monitor.cli import main
from monitor.config import Config, load
from monitor.config.model import UsageConfig
from monitor.domain.drift import Against
from monitor.domain.instants import DAY, HOUR
from monitor.domain.readings import ReadingColumns
from monitor.lab.fleet import Fleet, virtual_fleet
from monitor.lab.history import columns_between, tell_readings
from monitor.lab.voices import Voices
from monitor.store.embedded import EmbeddedStoreConfig
from monitor.wire import ShowCapture, SyslogBatch

NOW = 1_700_006_400 + 40 * 60


@dataclass
class Stage:
    parts: Parts
    now: float

    async def measure(self, now: float) -> None:
        self.now = now
        await self.parts.rooms.measuring.work(now)


@asynccontextmanager
async def running(directory: Path) -> AsyncIterator[Stage]:
    config = Config(
        collect=(),
        store=EmbeddedStoreConfig(directory=directory),
        usage=UsageConfig(periodicity="8h"),
    )
    stage: list[Stage] = []
    parts = build(config, lambda: stage[0].now if stage else float(NOW), group_seconds=0)
    stage.append(Stage(parts, float(NOW)))
    loops = [
        asyncio.create_task(parts.rooms.writer.run()),
        asyncio.create_task(parts.pipeline.read()),
    ]
    try:
        yield stage[0]
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        parts.rooms.writer.close()
        parts.store.close()


def run(story: Callable[[Stage], Awaitable[None]], directory: Path) -> None:
    async def whole() -> None:
        async with running(directory) as stage:
            await story(stage)

    asyncio.run(whole())


def some_of(fleet: Fleet, *numbers: int) -> Fleet:
    return replace(fleet, cubes=tuple(fleet.cubes[number] for number in numbers))


async def ignored(readings: int) -> None:
    del readings


def recompute(directory: Path, tmp_path: Path, *more: str) -> int:
    config = tmp_path / "cubemon.yml"
    config.write_text(f"usage: {{periodicity: 8h}}\nstore: {{directory: {directory}}}\n")
    return main(["recompute", "--config", str(config), *more])


def test_the_history_of_the_demo_comes_out_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = some_of(virtual_fleet(NOW), 3)

    async def story(stage: Stage) -> None:
        for cube in fleet.cubes:
            await tell_readings(cube, fleet, stage.parts.pipeline, ignored)
        await stage.measure(NOW + 400.0)

    run(story, tmp_path / "data")
    assert recompute(tmp_path / "data", tmp_path, "--workers", "2") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "1 devices" in said.err
    assert ": 0 differ" in said.err


def test_a_late_batch_is_measured_live_and_comes_out_again(tmp_path: Path) -> None:
    fleet = some_of(virtual_fleet(NOW), 0)
    (cube,) = fleet.cubes
    start = NOW - 4 * DAY

    async def story(stage: Stage) -> None:
        pipeline = stage.parts.pipeline
        gap = (start + DAY, start + DAY + 3 * HOUR)
        await pipeline.columns(columns_between(cube, start, gap[0]))
        await pipeline.columns(columns_between(cube, gap[1], NOW))
        await stage.measure(NOW + 400.0)
        late: ReadingColumns = columns_between(cube, *gap)
        late.counts[100] = late.counts[101] = late.counts[102] = 5_000
        await pipeline.columns(late)
        await stage.measure(NOW + 1_000.0)

    run(story, tmp_path / "data")
    assert recompute(tmp_path / "data", tmp_path, "--workers", "1") == 0


def test_a_router_that_misreports_drifts_and_an_honest_one_does_not(tmp_path: Path) -> None:
    honest, liar = (
        replace(cube, metered={}, born=NOW // HOUR * HOUR - 2 * DAY, period_hours=8, misreports=one)
        for cube, one in zip(virtual_fleet(NOW).cubes[:2], (1.0, 1.5), strict=True)
    )
    fleet = Fleet(now=NOW, cubes=(honest, liar), expected=frozenset())
    now = NOW + 1_000.0

    async def story(stage: Stage) -> None:
        pipeline = stage.parts.pipeline
        for cube in fleet.cubes:
            await pipeline.columns(columns_between(cube, cube.born, NOW))
        await stage.measure(NOW + 400.0)
        for spoken in Voices(fleet=fleet).between(NOW - 2 * DAY, NOW):
            pipeline.syslog(
                SyslogBatch(
                    transport="udp",
                    received=spoken.at + 0.05,
                    frames=[(spoken.address, spoken.frame)],
                )
            )
        await pipeline.drain()
        shown = ("show version", "show license usage", "show cube status")
        await pipeline.show(
            [
                ShowCapture(
                    device=cube.name,
                    received=NOW - 60.0,
                    text=cube.answer(command, NOW - 60),
                    command=command,
                )
                for cube in fleet.cubes
                for command in shown
            ]
        )
        judged = pipeline.judge_now(now)
        drifts = {state.device.id: state.drifts for state in judged.devices}
        assert {one.against for one in drifts[honest.name]} == {Against.REQUESTED, Against.SHOWN}
        assert not any(one.beyond for one in drifts[honest.name])
        assert all(one.beyond and one.difference < 0 for one in drifts[liar.name])
        assert {one.against for one in drifts[liar.name]} >= {Against.REQUESTED, Against.SHOWN}
        found = [one.finding for one in judged.findings if one.finding.rule == "usage_drift"]
        assert {one.subject for one in found} == {liar.name}
        assert "measured" in found[0].why

    run(story, tmp_path / "data")


def test_a_running_monitor_records_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = some_of(virtual_fleet(NOW), 0)
    (cube,) = fleet.cubes

    async def measured(stage: Stage) -> None:
        await stage.parts.pipeline.columns(columns_between(cube, NOW - 2 * DAY, NOW))
        await stage.measure(NOW + 400.0)

    run(measured, tmp_path / "data")
    rounding = (
        f"usage: {{periodicity: 8h, rounding: down}}\nstore: {{directory: {tmp_path}/data}}\n"
    )
    config = tmp_path / "other.yml"
    config.write_text(rounding)
    words = ["recompute", "--config", str(config), "--workers", "1"]
    assert main(words) == 1
    assert "rounding" in capsys.readouterr().out
    asyncio.run(applied(config, words, columns_between(cube, NOW, NOW + 60)))
    assert main(words) == 0


async def applied(config: Path, words: list[str], latest: ReadingColumns) -> None:
    running = load(config)
    http = running.http.model_copy(update={"port": 0})
    service = Service(running.model_copy(update={"http": http, "collect": ()}), lambda: NOW + 70.0)
    stop = asyncio.Event()
    serving = asyncio.create_task(service.run(stop))
    async with asyncio.timeout(30):
        await service.ready.wait()
        url = ["--apply", "--url", f"http://127.0.0.1:{service.port}"]
        assert await asyncio.to_thread(main, [*words, *url]) == 2
        await service.pipeline.columns(latest)
        code, deadline = 2, time.monotonic() + 20
        while code == 2 and time.monotonic() < deadline:
            code = await asyncio.to_thread(main, [*words, *url])
        assert code == 0
        stop.set()
        await serving
