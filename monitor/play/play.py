"""Play a scenario through the ordinary pipeline: parser, store, judging, with a fake clock."""

import asyncio
import json
import tempfile
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from monitor.app.build import Parts, build
from monitor.domain.findings import Severity
from monitor.domain.maintenance import Window
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.state import FleetSnapshot, OpenFinding
from monitor.errors import ConfigError
from monitor.play.pages import Change, Pages, compare_pages, pages_of, speaking
from monitor.play.scenario import (
    Count,
    Expected,
    Inventory,
    Line,
    Login,
    Page,
    Scenario,
    Snmp,
    Step,
    Yang,
)
from monitor.store.embedded import EmbeddedStoreConfig
from monitor.wire import (
    CssmInventory,
    LoginOutcome,
    ShowCapture,
    SnmpReport,
    SyslogBatch,
    TelemetryNotification,
)

_MOST_TICKS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A step that came out otherwise than expected."""

    step: int
    at: float
    missing: tuple[Expected, ...] = ()
    unexpected: tuple[OpenFinding, ...] = ()
    missing_pages: tuple[Page, ...] = ()
    unexpected_pages: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The fleet as it was judged and is shown at one moment of a play."""

    step: int
    """The step it belongs to: the one that comes next, or now."""
    fleet: FleetSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What became of a scenario."""

    differences: Sequence[Difference]
    moments: Sequence[Moment]
    pages: Pages


@dataclass(slots=True)
class _Stage:
    """What is true during a play."""

    now: float
    step: int = 0
    moments: list[Moment] = field(default_factory=list)
    silent: set[tuple[str, str]] = field(default_factory=set)
    """(device, source); an empty source stands for all of them."""
    windows: list[Window] = field(default_factory=list)


def play(scenario: Scenario) -> list[Difference]:
    """Every step that came out differently; empty where the scenario holds."""
    return list(played(scenario).differences)


def played(scenario: Scenario) -> Played:
    """Play it, and keep every moment at which the fleet was judged."""
    with tempfile.TemporaryDirectory(prefix="cubemon-play-") as directory:
        return asyncio.run(_play(scenario, Path(directory)))


async def _play(scenario: Scenario, directory: Path) -> Played:
    store = EmbeddedStoreConfig(directory=directory)
    scenario = scenario.model_copy(
        update={"config": scenario.config.model_copy(update={"store": store})}
    )
    stage = _Stage(now=scenario.start)
    differences = []
    for numbers in _lives(scenario.steps):
        async with _running(scenario, stage) as parts:
            for number in numbers:
                differences += await _step(parts, stage, scenario, number)
    pages = pages_of(scenario, [(one.step, speaking(one.fleet.findings)) for one in stage.moments])
    differences += _page_differences(scenario, pages)
    return Played(differences=differences, moments=stage.moments, pages=pages)


def _page_differences(scenario: Scenario, pages: Pages) -> Iterator[Difference]:
    for number, step in enumerate(scenario.steps):
        missing, unexpected = compare_pages(step.pages or (), pages.get(number, Counter()))
        if missing or unexpected:
            yield Difference(
                step=number, at=step.at, missing_pages=missing, unexpected_pages=unexpected
            )


def _lives(steps: Sequence[Step]) -> Iterator[range]:
    """Runs of steps between restarts; a restart comes before what else its step says."""
    begins = [0, *(number for number, step in enumerate(steps) if step.restart and number)]
    for begin, end in zip(begins, [*begins[1:], len(steps)], strict=True):
        yield range(begin, end)


@asynccontextmanager
async def _running(scenario: Scenario, stage: _Stage) -> AsyncIterator[Parts]:
    parts = build(scenario.config, lambda: stage.now, group_seconds=0)
    parts.rooms.judge.maintain(stage.windows)
    loops = [
        asyncio.create_task(parts.rooms.writer.run()),
        asyncio.create_task(parts.pipeline.read()),
    ]
    try:
        yield parts
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        parts.rooms.writer.close()
        parts.store.close()


async def _step(parts: Parts, stage: _Stage, scenario: Scenario, number: int) -> list[Difference]:
    step = scenario.steps[number]
    stage.step = number
    await _advance(parts, stage, scenario.start + step.at)
    stage.silent.update(
        (one, "") if isinstance(one, str) else (one.device, one.source) for one in step.silence
    )
    stage.windows += _windows(step, stage.now)
    parts.rooms.judge.maintain(stage.windows)
    await _deliver(parts, stage, step)
    judged = await _judged(parts, stage)
    if step.expect is None:
        return []
    missing, unexpected = compare(step.expect, judged)
    if not missing and not unexpected:
        return []
    return [Difference(step=number, at=step.at, missing=missing, unexpected=unexpected)]


def _windows(step: Step, now: float) -> Iterator[Window]:
    for one in step.maintenance:
        yield Window(
            id="maintenance", subjects=one.subjects, start=now, end=now + one.lasts, by="scenario"
        )


async def _advance(parts: Parts, stage: _Stage, until: float) -> None:
    """Let the clock stop wherever judging again could make a difference."""
    for _ in range(_MOST_TICKS):
        due = parts.rooms.judge.next_due
        if not stage.now < due < until:
            break
        stage.now = due
        await _judged(parts, stage)
    else:
        raise ConfigError(f"more than {_MOST_TICKS} judgements between two steps")
    stage.now = until


async def _deliver(parts: Parts, stage: _Stage, step: Step) -> None:
    if step.syslog:
        frames = [_frame(one, stage.now) for one in step.syslog]
        parts.pipeline.syslog(SyslogBatch(transport="udp", received=stage.now, frames=frames))
    if step.show:
        captures = [
            ShowCapture(device=one.device, received=stage.now, text=one.text) for one in step.show
        ]
        await parts.pipeline.show(captures)
    if step.snmp:
        await parts.pipeline.snmp([_report(one, stage.now) for one in step.snmp])
    if step.yang:
        await parts.pipeline.telemetry([_notification(one, stage.now) for one in step.yang])
    if step.cssm:
        await parts.pipeline.cssm([_inventory(one, stage.now) for one in step.cssm])
    for count in step.readings:
        await parts.pipeline.columns(_columns(count, int(stage.now)))
    for login in step.login:
        parts.logins(_login(login, stage.now))
    await parts.pipeline.drain()


async def _judged(parts: Parts, stage: _Stage) -> Sequence[OpenFinding]:
    await parts.rooms.measuring.work(stage.now)
    parts.rooms.judge.presence.keep_alive(stage.silent, stage.now)
    judged = parts.pipeline.judge_now(stage.now)
    await parts.pipeline.drain()
    fleet = parts.pipeline.snapshot_at(stage.now)
    stage.moments.append(Moment(step=stage.step, fleet=fleet))
    return judged.findings


def _frame(one: Line, now: float) -> tuple[str, bytes]:
    if not one.by:
        return one.sender, one.line.encode()
    priority, _, rest = one.line.partition(">")
    arrived = datetime.fromtimestamp(now, UTC)
    stamp = f"{arrived:%b} {arrived.day:2d} {arrived:%H:%M:%S}"
    return one.by, f"{priority}>{stamp} {one.sender} {rest}".encode()


def _login(one: Login, now: float) -> LoginOutcome:
    return LoginOutcome(
        device=one.device,
        manner=one.manner,
        credential=one.credential,
        refused=one.refused,
        at=now,
    )


def _report(one: Snmp, now: float) -> SnmpReport:
    return SnmpReport(
        device=one.device,
        address=one.sender,
        asked=now,
        received=now,
        authenticated=one.authenticated,
        varbinds=[
            (oid, value.encode() if isinstance(value, str) else value)
            for oid, value in one.values.items()
        ],
        notification=one.notification,
        walked=one.walked,
    )


def _notification(one: Yang, now: float) -> TelemetryNotification:
    names = one.path.strip("/").split("/")
    return TelemetryNotification(
        device=one.device,
        source=one.source,
        received=now,
        authenticated=one.authenticated,
        updates=[(tuple((name, ()) for name in names), json.dumps(one.value).encode())],
    )


def _inventory(one: Inventory, now: float) -> CssmInventory:
    text = one.text if one.answer is None else json.dumps(one.answer)
    return CssmInventory(
        origin="scenario",
        received=now,
        effective=now,
        payload=text.encode(),
        account=one.account,
        smart_account=one.smart_account,
    )


def _columns(count: Count, now: int) -> ReadingColumns:
    seconds = range(now - count.seconds, now)
    return ReadingColumns(
        series=[Series(count.device, count.tag, count.source)],
        which=array("I", bytes(4 * len(seconds))),
        seconds=array("q", seconds),
        counts=array("q", [count.count]) * len(seconds),
    )


def compare(
    expected: Sequence[Expected], found: Sequence[OpenFinding]
) -> tuple[tuple[Expected, ...], tuple[OpenFinding, ...]]:
    """What is missing and what is there unasked, of severity warning or worse.

    A finding of severity info, or for which another speaks (inhibited), may be named but need not
    be.
    """
    serious = [one for one in found if one.finding.severity > Severity.INFO]
    missing = [one for one in expected if not any(_is(one, other) for other in found)]
    unexpected = [
        other
        for other in serious
        if not (other.finding.inhibited_by or other.finding.hidden_by)
        and not any(_is(one, other) for one in expected)
    ]
    return tuple(missing), tuple(unexpected)


def _is(expected: Expected, other: OpenFinding) -> bool:
    finding = other.finding
    named = {
        "subject": finding.subject,
        "severity": finding.severity.word,
        "rule": finding.rule,
        "step": finding.step,
        "stale": finding.stale,
    }
    wanted = expected.model_dump(exclude_none=True)
    return all(named[name] == value for name, value in wanted.items())
