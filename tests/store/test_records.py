"""Events, facts, measurements and the rest come back as committed, each by its own rule."""

import random
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKey, FactKind, FactName, Value, fold
from monitor.domain.findings import FindingKey, Standing
from monitor.domain.measurement import Chain, HourValue, Measurement, Reason
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch, DeadLetter, EventRecord, Origin
from monitor.store.embedded import EmbeddedStore

Opener = Callable[..., EmbeddedStore]
HOUR = 3_600
T0 = 1_700_000_000 // HOUR * HOUR


def event(counter: int | None = 1, received: float = 1_000.0, **other: object) -> EventRecord:
    plain = EventRecord(
        device="cube-a",
        source="syslog",
        received=received,
        device_time=990.5,
        effective=990.5,
        clock="synchronised",
        counter=counter,
        facility="SMART_LIC",
        severity=3,
        mnemonic="SMART_LIC-3-COMM_FAILED",
        text="Communications failure",
        events=[{"kind": "communication", "state": "failed", "days": 3, "ok": True, "at": None}],
        raw=b"<187>\xff\x00raw",
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def test_events_come_back_whole_in_order_of_reception(store: EmbeddedStore, opened: Opener) -> None:
    first = event(1, received=1_000.25)
    second = event(None, received=2_000.0, device="cube-b", device_time=None, severity=None)
    done = store.commit(Batch(events=[second, first]))
    assert (done.events, done.duplicates) == (2, frozenset())
    store.close()

    store = opened()
    assert [replace(one, events=list(one.events)) for one in store.events()] == [first, second]
    assert [one.device for one in store.events(device="cube-b")] == ["cube-b"]
    assert [one.device for one in store.events(since=1_000.5)] == ["cube-b"]
    assert [one.device for one in store.events(limit=1)] == ["cube-b"]


def test_a_message_that_comes_again_within_ten_minutes_is_dropped_and_named(
    store: EmbeddedStore, opened: Opener
) -> None:
    done = store.commit(Batch(events=[event(1), event(2), event(1), event(2, received=1_300)]))
    assert done.duplicates == {2, 3}
    assert done.events == 2
    store.close()

    store = opened()
    again = [event(1, received=1_600.0), event(1, received=1_601.0), event(3), event(3, 399.0)]
    assert store.commit(Batch(events=again)).duplicates == {0}
    assert len(store.events()) == 5


@pytest.mark.parametrize(
    "other",
    [
        {"device": "cube-b"},
        {"counter": 2},
        {"counter": None},
        {"device_time": 990.501},
        {"device_time": None},
        {"text": "Communications failure "},
    ],
)
def test_a_message_that_differs_in_any_part_of_the_key_is_kept(
    store: EmbeddedStore, other: dict[str, object]
) -> None:
    assert not store.commit(Batch(events=[event(), replace(event(), **other)])).duplicates  # type: ignore[arg-type]


def test_a_batch_that_was_not_acknowledged_may_come_again(
    store: EmbeddedStore, columns: Callable[..., ReadingColumns]
) -> None:
    batch = _everything(columns)
    store.commit(batch)
    before = _all(store)
    store.commit(batch)

    assert _all(store) == before


def _everything(columns: Callable[..., ReadingColumns]) -> Batch:
    return Batch(
        readings=[columns([(Series("cube-a", "AGG", "lab"), T0, 7)])],
        events=[event()],
        facts=[fact()],
        origins=[Origin(device="cube-a", tag="AGG", start=T0)],
        hours=[hour(0)],
        chains=[chain(0, 1, [1, 2])],
        standings=[Standing(key=FindingKey("rule", "step", "cube-a"), since=1.5, opened=2.0)],
        devices=[device()],
    )


def _all(store: EmbeddedStore) -> list[object]:
    return [
        [list(one.counts) for one in store.readings()],
        store.events(),
        list(store.facts()),
        store.origin("cube-a", "AGG"),
        store.hours("cube-a", "AGG", 0, 2**40),
        store.measurements(versions="all"),
        store.standings(),
        store.devices(),
    ]


def fact(received: float = 5.0, value: Value = True, **other: object) -> Fact:
    plain = Fact(
        subject="cube-a",
        name=FactName.TRUST_CODE,
        source="cli",
        value=value,
        kind=FactKind.EXACT,
        received=received,
        effective=4.0,
    )
    return replace(plain, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", [True, False, None, 0, 1, -(2**70), 0.1, 1e300, "17.3.2", "", "nul\x00", "zürich"]
)
def test_fact_values_keep_their_type(store: EmbeddedStore, opened: Opener, value: Value) -> None:
    given = fact(
        value=value, device_time=3.5, authenticated=False, bound=True, text="Dec 07 \udcff"
    )
    store.commit(Batch(facts=[given]))
    store.close()

    (found,) = opened().facts()
    assert found == replace(given, text="Dec 07 \\udcff")
    assert type(found.value) is type(value)


@pytest.mark.parametrize("seed", range(5))
def test_facts_in_any_order_and_batching_fold_as_in_the_domain(opened: Opener, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same orders in every run
    facts = [
        fact(
            subject=chance.choice("ab"),
            name=chance.choice([FactName.POLLED, FactName.RELEASE]),
            key=chance.choice(["", "k"]),
            received=float(chance.randrange(3)),
            effective=float(chance.randrange(3)),
            value=chance.choice([None, True, 1, 1.0, "1"]),
        )
        for _ in range(60)
    ]
    sheet: dict[FactKey, Fact] = {}
    fold(sheet, facts)
    for part in range(3):
        chance.shuffle(facts)
        store = opened()
        for at in range(0, len(facts), 7 + part):
            store.commit(Batch(facts=facts[at : at + 7 + part]))
        assert {one.filed: one for one in store.facts()} == sheet
        store.close()


def measurement(index: int, version: int, units: int = 36) -> Measurement:
    return Measurement(
        device="cube-a",
        tag="AGG",
        start=T0 + index * 8 * HOUR,
        end=T0 + (index + 1) * 8 * HOUR,
        units=units,
        count=1,
        coverage=0.25,
        minute_coverage=0.5,
        reason=Reason.PERIODIC,
        changed=True,
        version=version,
    )


def chain(first: int, version: int, units: Sequence[int]) -> Chain:
    return Chain(
        device="cube-a",
        tag="AGG",
        start=T0 + first * 8 * HOUR,
        version=version,
        measurements=tuple(
            measurement(first + index, version, one) for index, one in enumerate(units)
        ),
    )


def test_a_later_version_replaces_the_chain_from_its_start_and_the_old_one_is_kept(
    store: EmbeddedStore, opened: Opener
) -> None:
    assert store.latest_version("cube-a", "AGG") == 0
    assert store.checkpoint("cube-a", "AGG", T0 + 10**6) is None
    store.commit(Batch(chains=[chain(0, 1, [1, 2])]))
    store.commit(Batch(chains=[chain(2, 1, [3])]))
    store.commit(Batch(chains=[chain(1, 2, [20])]))
    store.close()

    store = opened()
    latest = [measurement(0, 1, 1), measurement(1, 2, 20)]
    assert store.measurements() == latest
    assert store.measurements(versions="all") == [
        measurement(0, 1, 1),
        measurement(1, 1, 2),
        measurement(1, 2, 20),
        measurement(2, 1, 3),
    ]
    assert store.latest_version("cube-a", "AGG") == 2
    assert store.checkpoint("cube-a", "AGG", T0 + 10**6) == latest[1]
    assert store.checkpoint("cube-a", "AGG", latest[1].end - 1) == latest[0]
    assert store.checkpoint("cube-a", "AGG", latest[0].end) == latest[0]
    assert store.checkpoint("cube-a", "CUBE_T_STD", T0 + 10**6) is None


def test_a_chain_without_measurements_still_raises_the_version(store: EmbeddedStore) -> None:
    store.commit(Batch(chains=[chain(0, 1, [1]), chain(0, 2, [])]))

    assert store.measurements() == []
    assert store.latest_version("cube-a", "AGG") == 2


def test_measurements_are_chosen_by_device_tag_range_and_number(store: EmbeddedStore) -> None:
    other = replace(measurement(0, 1), device="cube-b", tag="CUBE_T_STD")
    store.commit(
        Batch(
            chains=[
                chain(0, 1, [1, 2, 3]),
                replace(chain(0, 1, []), device="cube-b", tag="CUBE_T_STD", measurements=(other,)),
            ]
        )
    )

    assert store.measurements(device="cube-b") == [other]
    assert store.measurements(tag="CUBE_T_STD") == [other]
    assert store.measurements(limit=1) == [measurement(2, 1, 3)]
    middle = measurement(1, 1, 2)
    assert store.measurements(start=middle.start, end=middle.end) == [middle]


def hour(index: int, units: int | None = 36, tag: str = "AGG") -> HourValue:
    return HourValue(
        device="cube-a", tag=tag, start=T0 + index * HOUR, units=units, seconds=9, minutes=3
    )


def test_hours_worked_out_again_replace_themselves(store: EmbeddedStore) -> None:
    store.commit(Batch(hours=[hour(1), hour(0), hour(2, None), hour(0, tag="CALLS")]))
    store.commit(Batch(hours=[hour(1, 72)]))

    assert store.hours("cube-a", "AGG", T0, T0 + 2 * HOUR) == [hour(0), hour(1, 72)]
    assert store.hours("cube-a", "AGG", T0 + 2 * HOUR, T0 + 3 * HOUR) == [hour(2, None)]


def test_an_origin_is_stored_once(store: EmbeddedStore) -> None:
    assert store.origin("cube-a", "AGG") is None
    for start in (T0, T0 - HOUR):
        store.commit(Batch(origins=[Origin(device="cube-a", tag="AGG", start=start)]))

    assert store.origin("cube-a", "AGG") == T0


def device(**other: object) -> Device:
    plain = Device(
        id="cube-a",
        aliases=frozenset({"10.0.0.1", "CUBE-A"}),
        virtual_account="berlin",
        release="17.3.2",
        zones={"IST": 19_800},
        learned=True,
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def test_what_operators_decided_about_a_device_comes_back(opened: Opener) -> None:
    old = Device(id="cube-1", title="edge 1", retired_at=1_700_000_000.5, replaced_by="cube-9")
    store = opened()
    store.commit(Batch(devices=[old]))
    store.close()
    assert opened().devices() == [old]


def test_devices_and_standings_keep_the_last_word(store: EmbeddedStore, opened: Opener) -> None:
    key = FindingKey("ack_deadline", "near", "cube-a")
    standing = Standing(key=key, since=1.0, opened=2.0, clear_since=3.0, acknowledged=4.0)
    store.commit(Batch(devices=[device()], standings=[standing]))
    changed = replace(standing, notified=5.0, resolved=6.0)
    store.commit(Batch(devices=[device(release=None)], standings=[changed]))
    store.close()

    store = opened()
    assert store.devices() == [device(release=None)]
    assert store.standings() == [changed]


def letter(payload: bytes, reason: str = "no mnemonic") -> DeadLetter:
    return DeadLetter(
        source="syslog", origin="10.0.0.1", received=1.0, reason=reason, payload=payload
    )


def test_dead_letters_are_bounded_in_number_and_bytes(opened: Opener) -> None:
    store = opened(dead_letters=3, dead_letter_bytes=10)
    store.commit(Batch(dead_letters=[letter(b"%d" % number) for number in range(5)]))
    assert [one.payload for one in store.dead_letters()] == [b"2", b"3", b"4"]
    assert store.dead_letters(limit=1) == [letter(b"4")]

    store.commit(Batch(dead_letters=[letter(b"12345678"), letter(b"9")]))
    assert [one.payload for one in store.dead_letters()] == [b"4", b"12345678", b"9"]

    store.commit(Batch(dead_letters=[letter(b"x" * 99)]))
    assert [one.payload for one in store.dead_letters()] == [b"x" * 99]
    assert store.statistics().dropped_letters == 7


def test_an_hour_with_readings_stays_marked_until_it_is_worked_out(
    store: EmbeddedStore, opened: Opener, columns: Callable[..., ReadingColumns]
) -> None:
    a, b = Series("cube-a", "AGG", "lab"), Series("cube-b", "AGG", "lab")
    store.commit(Batch(readings=[columns([(a, T0, 1), (b, T0 + HOUR, 1), (a, T0 + 5, 1)])]))
    assert store.touched() == [("cube-a", T0), ("cube-b", T0 + HOUR)]

    store.commit(Batch(worked=[("cube-a", T0), ("nobody", T0)]))
    assert store.touched() == [("cube-b", T0 + HOUR)]

    store.commit(Batch(readings=[columns([(a, T0 + 9, 1)])]))
    assert ("cube-a", T0) in store.touched(), "a late reading marks its hour again"

    late = columns([(b, T0 + HOUR + 7, 1)])
    store.commit(Batch(readings=[late], worked=[("cube-a", T0), ("cube-b", T0 + HOUR)]))
    assert store.touched() == [("cube-b", T0 + HOUR)], "its own readings were not worked out yet"
    store.close()

    store = opened()
    store.commit(Batch(worked=[("cube-b", T0 + HOUR)]))
    assert store.touched() == []
    store.commit(Batch(readings=[late]))
    assert store.touched() == [("cube-b", T0 + HOUR)]


def test_marks_of_many_devices_come_back(
    store: EmbeddedStore, opened: Opener, columns: Callable[..., ReadingColumns]
) -> None:
    many = [Series(f"cube-{k:03d}", "AGG", "lab") for k in range(300)]
    for part in (many[:10], many):
        store.commit(Batch(readings=[columns([(one, T0, 1) for one in part])]))
    marks = [(one.device, T0) for one in many]
    assert store.touched() == marks
    store.close()

    store = opened()
    store.commit(Batch(readings=[columns([(one, T0 + 1, 1) for one in many])]))
    assert store.touched() == marks
    store.commit(Batch(worked=[*reversed(marks), ("nobody", T0)]))
    assert store.touched() == []
    store.commit(Batch(readings=[columns([(many[-1], T0 + 2, 1)])]))
    assert store.touched() == marks[-1:]


def test_the_number_rises_with_every_commit_over_restarts(
    store: EmbeddedStore, opened: Opener
) -> None:
    numbers = [store.commit(Batch()).number for _ in range(3)]
    empty = ReadingColumns(series=[], which=array("I"))
    numbers.append(store.commit(Batch(readings=[empty])).number)
    store.close()
    numbers.append(opened().commit(Batch(facts=[fact()])).number)

    assert numbers == [1, 2, 3, 4, 5]
