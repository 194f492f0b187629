"""The parts of a virtual CUBE: calls, licence agent, meter, history."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from monitor.domain.findings import Severity
from monitor.domain.instants import DAY, HOUR
from monitor.domain.readings import ReadingColumns
from monitor.lab.agent import Cycle, NeverAcknowledged, Pushing, Unanswered
from monitor.lab.calls import CallProfile, level, seconds_of_hour
from monitor.lab.cube import Cube
from monitor.lab.fleet import Expectation, history_start, virtual_fleet
from monitor.lab.history import columns_between, seconds_between, tell_messages, tell_statuses
from monitor.lab.verdict import difference
from monitor.lab.voices import Voices
from monitor.wire import ShowCapture, SyslogBatch

NOW = 1_795_370_000
MONDAY_10 = 1_795_428_000
PROFILE = CallProfile(seed=7, busy=100)


def test_the_same_seed_gives_the_same_calls_and_another_gives_others() -> None:
    first, again = seconds_of_hour(PROFILE, MONDAY_10), seconds_of_hour(PROFILE, MONDAY_10)
    other = seconds_of_hour(CallProfile(seed=8, busy=100), MONDAY_10)
    assert first.shape == (HOUR,)
    assert (first == again).all()
    assert not (first == other).all()
    assert first.min() >= 0


def test_days_are_busy_nights_quiet_and_contact_centres_steady() -> None:
    assert level(PROFILE, MONDAY_10) > 80
    assert level(PROFILE, MONDAY_10 + 16 * HOUR) < 20
    assert level(PROFILE, MONDAY_10 - DAY) < 0.4 * level(PROFILE, MONDAY_10)
    steady = CallProfile(seed=7, busy=100, steady=True)
    assert {level(steady, MONDAY_10 + n * HOUR) for n in range(24)} == {100}
    india = CallProfile(seed=7, busy=100, offset=19_800)
    assert level(india, MONDAY_10 - 19_800) == pytest.approx(level(PROFILE, MONDAY_10))


def test_a_healthy_cycle_moves_its_deadline_with_each_acknowledgement() -> None:
    cycle = Pushing(first_push=0, interval_days=30, deadline_days=90, trusted_since=0)
    waiting, acked = cycle.state(60 * DAY + 100), cycle.state(60 * DAY + 240)
    assert (waiting.last_push, waiting.last_ack) == (60 * DAY, 30 * DAY + 240)
    assert waiting.deadline == 120 * DAY + 240
    assert waiting.next_check == 60 * DAY + 12 * HOUR
    assert (acked.last_ack, acked.deadline) == (60 * DAY + 240, 150 * DAY + 240)
    assert (acked.next_push, acked.next_check) == (90 * DAY, None)


def test_an_unanswered_cycle_pushes_on_towards_the_same_deadline() -> None:
    cycle = Unanswered(
        last_ack=0, deadline=90 * DAY, last_push=80 * DAY, trusted_since=0, interval_days=6
    )
    states = [cycle.state(at) for at in (75 * DAY, 85 * DAY, 87 * DAY)]
    assert [state.last_push for state in states] == [74 * DAY, 80 * DAY, 86 * DAY]
    assert {state.deadline for state in states} == {90 * DAY}


@pytest.mark.parametrize("at", [0, NOW])
def test_a_never_acknowledged_cycle_stands_still(at: int) -> None:
    cycle: Cycle = NeverAcknowledged(deadline=5, next_push=9)
    state = cycle.state(at)
    assert (state.deadline, state.next_push, state.last_ack, state.trusted_since) == (
        5, 9, None, None,
    )  # fmt: skip


def named(name: str) -> Cube:
    return next(cube for cube in virtual_fleet(NOW).cubes if cube.name == name)


def test_who_types_sync_on_a_router_gets_its_report_acknowledged() -> None:
    cube = named("cube-ber-1")
    before = cube.reporting(NOW - 1)
    assert cube.answer("license smart sync all", NOW)
    sent, acked = cube.reporting(NOW + 1), cube.reporting(NOW + 10)
    assert cube.reporting(NOW - 1) == before
    assert (sent.last_push, sent.last_ack, sent.deadline) == (
        NOW, before.last_ack, before.deadline,
    )  # fmt: skip
    assert acked.last_ack is not None
    assert NOW < acked.last_ack < NOW + 10
    assert acked.deadline == acked.last_ack + 90 * DAY
    assert (acked.last_push, acked.next_push) == (NOW, NOW + 6 * DAY)
    assert cube.is_acknowledged(NOW, NOW + 10)
    assert not cube.is_acknowledged(NOW, acked.last_ack - 0.5)
    assert not cube.is_acknowledged(acked.last_ack, NOW + 20)


def test_without_a_trust_code_sync_brings_nothing_and_old_releases_do_not_know_it() -> None:
    untrusted, old = named("cube-ams-1"), named("cube-hel-1")
    assert untrusted.answer("license smart sync all", NOW)
    assert untrusted.reporting(NOW + 100) == untrusted.cycle.state(NOW + 100)
    assert old.answer("license smart sync all", NOW) == ""
    assert old.prompts == []


def test_a_meter_measures_the_same_however_often_it_is_asked() -> None:
    often, once = virtual_fleet(NOW).cubes[0], virtual_fleet(NOW).cubes[0]
    (tag,) = often.calls
    for hours in range(0, 40, 7):
        often.meters(NOW)[tag].until(often.born + hours * HOUR)
    until = often.born + 60 * HOUR
    assert often.meters(NOW)[tag].until(until) == once.meters(NOW)[tag].until(until)
    assert len(once.meters(NOW)[tag].until(until)) >= 60 / 8 - 1


def test_columns_hold_each_second_of_each_tag_once() -> None:
    cube = virtual_fleet(NOW).cubes[1]
    start = cube.born + 1800
    columns = columns_between(cube, start, start + HOUR)
    assert [series.tag for series in columns.series] == list(cube.calls)
    assert len(columns) == 2 * HOUR
    second_tag = np.array(columns.which) == 1
    assert (np.array(columns.seconds)[second_tag] == np.arange(start, start + HOUR)).all()
    whole = seconds_between(cube, "CUBE_T_ENH", cube.born, cube.born + 2 * HOUR)
    assert (np.array(columns.counts)[second_tag] == whole[1800 : 1800 + HOUR]).all()
    assert len(columns_between(cube, start, start)) == 0


@dataclass
class Taken:
    """An intake that keeps what it is told, and is full every other time."""

    captures: list[ShowCapture] = field(default_factory=list)
    batches: list[SyslogBatch] = field(default_factory=list)
    full: bool = True

    def syslog(self, batch: SyslogBatch) -> bool:
        self.full = not self.full
        if not self.full:
            self.batches.append(batch)
        return not self.full

    async def room(self) -> None:
        assert self.full

    async def show(self, captures: Sequence[ShowCapture]) -> None:
        self.captures.extend(captures)

    async def columns(self, columns: ReadingColumns) -> int:
        raise AssertionError(columns)


def test_statuses_and_messages_of_the_past_are_told_once_and_a_silent_cube_falls_silent() -> None:
    fleet, taken = virtual_fleet(NOW), Taken()

    async def tell() -> tuple[int, int]:
        voices = Voices(fleet=fleet)
        told = await tell_statuses(fleet, taken)
        return told, await tell_messages(fleet, voices, taken)

    captures, messages = asyncio.run(tell())
    assert (captures, messages) == (len(taken.captures), len(taken.batches))
    received = [batch.received for batch in taken.batches]
    assert received == sorted(received)
    assert history_start(NOW) <= received[0]
    assert received[-1] <= NOW
    silent = max(c.received for c in taken.captures if c.device == "cube-osl-1")
    lively = max(c.received for c in taken.captures if c.device == "cube-lon-1")
    assert (silent < NOW - 5 * DAY, lively) == (True, NOW - HOUR)
    assert not any(
        b"cube-osl-1" in frame and batch.received > NOW - 5 * DAY
        for batch in taken.batches
        for _, frame in batch.frames
    )


def test_cubes_in_every_state() -> None:
    fleet = virtual_fleet(NOW)
    assert len({cube.name for cube in fleet.cubes}) == 15
    assert len({cube.address for cube in fleet.cubes}) == 15
    assert {cube.name: cube.pair.name for cube in fleet.cubes if cube.pair is not None} == {
        "cube-fra-1": "cube-fra", "cube-fra-2": "cube-fra",
    }  # fmt: skip
    assert [cube.name for cube in fleet.cubes if cube.misreports != 1] == ["cube-chi-1"]
    assert len({cube.dialect for cube in fleet.cubes}) == 7
    assert {cube.layout.value for cube in fleet.cubes} == {
        "before_policy", "first_policy", "later_policy",
    }  # fmt: skip


def test_a_difference_names_what_is_missing_and_what_is_too_much() -> None:
    one = Expectation(subject="a", rule="r", severity=Severity.WARNING)
    other = Expectation(subject="a", rule="r", severity=Severity.CRITICAL)
    assert list(difference(frozenset({one}), frozenset({one}))) == []
    assert list(difference(frozenset({one}), frozenset({other}))) == [
        "missing: a: r (warning)",
        "not expected: a: r (critical)",
    ]
