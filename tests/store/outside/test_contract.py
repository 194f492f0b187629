"""One contract for every database outside: it reads back as the embedded store itself does.

With CUBEMON_INFLUX_URL, _TOKEN and _ORG in the environment it runs against that server instead, and
with CUBEMON_READINGS=10000000 the test of many readings takes that many.
"""

import os
import threading
from array import array
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.cursors import Kind
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.measurement import Chain, HourValue, Measurement, Reason
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore
from monitor.store.line.failure import OutsideError

Opener = Callable[..., EmbeddedStore]
Build = Callable[..., ReadingColumns]
HOUR = 3_600
T0 = 1_700_000_000 // HOUR * HOUR
ALL = tuple(Kind)
MANY = int(os.environ.get("CUBEMON_READINGS", "300000"))

AWKWARD = [
    "cube-a",
    "with blank",
    "a,b=c",
    'say "${r}"',
    "back\\slash\\",
    "zürich %41",
    "line\nbreak\t\x00",
    "#1",
]
A = Series("cube-a", "AGG", "lab")


def read(blocks: Iterable[ReadingColumns]) -> dict[tuple[Series, int], int]:
    found: dict[tuple[Series, int], int] = {}
    for columns in blocks:
        for which, at, count in zip(columns.which, columns.seconds, columns.counts, strict=True):
            key = columns.series[which], at
            assert key not in found, "doubled for a reader"
            found[key] = count
    return found


def measurement(index: int, version: int, device: str = "cube-a") -> Measurement:
    return Measurement(
        device=device, tag="AGG", start=T0 + index * HOUR, end=T0 + (index + 8) * HOUR,
        units=37 * version, count=version + 1, coverage=0.123456789, minute_coverage=1.0,
        reason=Reason.CHANGE, changed=bool(index), version=version,
    )  # fmt: skip


def chain(first: int, last: int, version: int, device: str = "cube-a") -> Chain:
    return Chain(
        device=device, tag="AGG", start=T0 + first * HOUR, version=version,
        measurements=tuple(measurement(index, version, device) for index in range(first, last)),
    )  # fmt: skip


def hour(index: int, units: int | None = 37, device: str = "cube-a") -> HourValue:
    return HourValue(
        device=device, tag="AGG", start=T0 + index * HOUR, units=units,
        seconds=0 if units is None else 1_234, minutes=0 if units is None else 21,
    )  # fmt: skip


def fact(value: bool | float | str | None, **other: Any) -> Fact:
    plain = Fact(
        subject="cube-a", name=FactName.ACK_DEADLINE, source="cli", value=value,
        kind=FactKind.EXACT, received=T0 + 5.5, effective=T0 + 5.25,
    )  # fmt: skip
    return replace(plain, **other)


def same_readings(store: EmbeddedStore, target: Any) -> None:
    assert read(target.readings(T0 - HOUR, T0 + 60 * HOUR)) == read(store.readings())


def same_measurements(store: EmbeddedStore, target: Any) -> None:
    found = target.measurements(T0 - HOUR, T0 + 60 * HOUR)
    everything = [one.measurement for one in found]
    latest = [one.measurement for one in found if not one.replaced]

    def order(one: Measurement) -> tuple[str, int, int]:
        return one.device, one.start, one.version

    assert everything == sorted(store.measurements(versions="all"), key=order)
    assert latest == sorted(store.measurements(), key=order)


def test_everything_reads_back_equal_whatever_the_names(
    store: EmbeddedStore, columns: Build, outside: Any, ship: Any
) -> None:
    rows = [
        (Series(name, tag, source), T0 + second, second * 7 + at)
        for at, name in enumerate(AWKWARD)
        for tag, source in (("CUBE_T_STD", "lab"), ("AGG", ""))
        for second in (0, 1, 3_599, 3_600)
    ]
    store.commit(
        Batch(
            readings=[columns([*rows, (A, T0 + 30, 2**31 - 2)])],
            hours=[hour(at, device=name) for at, name in enumerate(AWKWARD)] + [hour(30, None)],
            chains=[chain(0, 3, 1, name) for name in AWKWARD],
        )
    )
    target = outside.target()
    (*_, last) = ship(store, store.follow("out", ALL), target)
    assert last.refused == []
    outside.settle()

    same_readings(store, target)
    same_measurements(store, target)
    told = target.hours(T0, T0 + 60 * HOUR)
    assert {one.value for one in told} == {
        value for name in AWKWARD for value in store.hours(name, "AGG", T0, T0 + 60 * HOUR)
    }
    for name in AWKWARD:
        chosen = read(target.readings(T0, T0 + HOUR, device=name, source="lab"))
        assert len(chosen) == 3 + (name == "cube-a")
        assert {key[0].device for key in chosen} == {name}


def test_facts_are_numbers_or_none_and_words_stay_at_home(
    store: EmbeddedStore, outside: Any, ship: Any
) -> None:
    facts = [
        fact(1_700_000_000.5),
        fact(None, source="syslog"),
        fact(True, name=FactName.ACK_REQUIRED),
        fact(12, name=FactName.USAGE_COUNT, key="CUBE_T_STD"),
        fact(8, name=FactName.PERIOD_CHANGE, key="1700000000"),
        fact("17.3.2", name=FactName.RELEASE),
    ]
    store.commit(Batch(facts=facts))
    target = outside.target()
    ship(store, store.follow("out", ALL), target)
    outside.settle()

    assert target.facts(T0, T0 + HOUR) == {
        facts[0].filed: [(T0 + 5, 1_700_000_000.5)],
        facts[1].filed: [(T0 + 5, None)],
        facts[2].filed: [(T0 + 5, 1.0)],
        facts[3].filed: [(T0 + 5, 12.0)],
    }


def test_sent_again_nothing_changes(
    store: EmbeddedStore, columns: Build, outside: Any, ship: Any
) -> None:
    rows = [(A, T0 + second, second) for second in range(100)]
    store.commit(Batch(readings=[columns(rows)], hours=[hour(0)], chains=[chain(0, 2, 1)]))
    target, follower = outside.target(), store.follow("out", ALL)
    for _ in range(3):
        assert ship(store, follower, target)
        outside.settle()
        same_readings(store, target)
        same_measurements(store, target)
        assert store.rewind("out", T0)


def test_late_and_lower_and_higher_counts_read_as_in_the_store(
    store: EmbeddedStore, columns: Build, outside: Any, ship: Any
) -> None:
    target, follower = outside.target(), store.follow("out", ALL)
    late = [(A, T0 + 40 * HOUR, 5), (A, T0 + 9, 8), (A, T0 + 9, 11), (A, T0 + 9, 3)]
    for row in late:
        store.commit(Batch(readings=[columns([row])]))
        ship(store, follower, target)
    outside.settle()

    same_readings(store, target)


def test_new_versions_replace_and_the_old_ones_stay_readable(
    store: EmbeddedStore, outside: Any, ship: Any
) -> None:
    target, follower = outside.target(), store.follow("out", ALL)
    for batch in (
        Batch(chains=[chain(0, 4, 1)], hours=[hour(0, 900)]),
        Batch(chains=[chain(2, 3, 2)], hours=[hour(0, 36)]),
        Batch(chains=[chain(1, 3, 3)]),
    ):
        store.commit(batch)
        ship(store, follower, target)
    outside.settle()

    same_measurements(store, target)
    (told,) = target.hours(T0, T0 + HOUR)
    assert (told.value, told.version) == (hour(0, 36), 2), "a lower value is the newer one"


def test_ranges_without_anything_are_empty(outside: Any) -> None:
    target = outside.target()
    assert list(target.readings(T0, T0 + HOUR)) == []
    assert target.measurements(T0, T0 + HOUR) == []
    assert target.hours(T0, T0 + HOUR) == []
    assert target.facts(T0, T0 + HOUR) == {}


def test_ends_of_a_range_are_start_included_end_not(
    store: EmbeddedStore, columns: Build, outside: Any, ship: Any
) -> None:
    store.commit(Batch(readings=[columns([(A, T0 + at, at) for at in range(5)])]))
    target = outside.target()
    ship(store, store.follow("out", ALL), target)
    outside.settle()
    assert read(target.readings(T0 + 1, T0 + 3)) == {(A, T0 + 1): 1, (A, T0 + 2): 2}


@pytest.mark.timeout(1_800)
def test_many_readings(store: EmbeddedStore, outside: Any, ship: Any) -> None:
    many = MANY // 10 if outside.double is not None else MANY
    series = [Series(f"cube-{number:03d}", "CUBE_T_STD", "lab") for number in range(100)]
    seconds = max(1, many // len(series))
    for at in range(0, seconds, 100):
        block = range(at, min(at + 100, seconds))
        store.commit(
            Batch(
                readings=[
                    ReadingColumns(
                        series=series,
                        which=array("I", list(range(100)) * len(block)),
                        seconds=array("q", [T0 + second for second in block for _ in series]),
                        counts=array("q", [(s * k) % 1_500 for s in block for k in range(100)]),
                    )
                ]
            )
        )
    target = outside.target()
    outcomes = ship(store, store.follow("out", ALL), target)
    assert sum(one.written for one in outcomes) == seconds * len(series)
    outside.settle()

    total = count = 0
    for columns in target.readings(T0, T0 + seconds):
        count += len(columns)
        total += sum(columns.counts)
    assert count == seconds * len(series)
    assert total == sum((s * k) % 1_500 for s in range(seconds) for k in range(100))


def test_after_a_restart_nothing_confirmed_is_sent_again(
    store: EmbeddedStore, opened: Opener, columns: Build, outside: Any, ship: Any
) -> None:
    store.commit(Batch(readings=[columns([(A, T0, 1)])], hours=[hour(0)], facts=[fact(1)]))
    ship(store, store.follow("out", ALL), outside.target())
    store.close()
    before = len(outside.front.paths)

    store = opened()
    assert ship(store, store.follow("out", ALL), outside.target()) == []
    assert len(outside.front.paths) == before
    outside.settle()
    same_readings(store, outside.target())


def test_a_refused_token_confirms_nothing_and_a_new_one_needs_no_restart(
    store: EmbeddedStore, columns: Build, outside: Any, ship: Any
) -> None:
    right = outside.token_file.read_text()
    outside.token_file.write_text("wrong-token")
    store.commit(Batch(readings=[columns([(A, T0, 1)])]))
    target, follower = outside.target(), store.follow("out", ALL)
    for _ in range(2):
        with pytest.raises(OutsideError, match="answered 401") as refused:
            ship(store, follower, target)
        assert refused.value.reason == "refused"
        assert "wrong-token" not in str(refused.value)
    with pytest.raises(OutsideError):
        list(outside.target().readings(T0, T0 + HOUR))
    outside.token_file.unlink()
    with pytest.raises(OutsideError, match=r"token: file .* cannot be read"):
        ship(store, follower, target)

    outside.token_file.write_text(right)
    assert ship(store, follower, target)
    outside.settle()
    same_readings(store, target)


def test_a_server_away_for_the_whole_test_and_back(
    store: EmbeddedStore, columns: Build, outside: Any, ship: Any
) -> None:
    target, follower = outside.target(), store.follow("out", ALL)
    store.commit(Batch(readings=[columns([(A, T0, 1)])]))
    ship(store, follower, target)
    outside.front.close()
    for at in range(1, 30):
        store.commit(Batch(readings=[columns([(A, T0 + at, at)])], hours=[hour(at)]))
        with pytest.raises(OutsideError) as away:
            ship(store, follower, target)
        assert away.value.reason in {"unreachable", "busy"}
        while store.compact(T0 + 1_000 * HOUR):
            pass
    assert follower.state().behind == 29
    outside.front.open()
    ship(store, follower, target)
    outside.settle()

    same_readings(store, target)
    assert len(target.hours(T0, T0 + 60 * HOUR)) == 29


def test_a_server_that_asks_us_to_wait_or_hangs_confirms_nothing(
    store: EmbeddedStore, columns: Build, outside: Any, ship: Any
) -> None:
    store.commit(Batch(readings=[columns([(A, T0, 1)])]))
    follower = store.follow("out", ALL)
    outside.front.fault = lambda path, body: (503, {"Retry-After": "7"}, b"")
    with pytest.raises(OutsideError) as busy:
        ship(store, follower, outside.target())
    assert (busy.value.reason, busy.value.retry_after) == ("busy", 7.0)

    held = threading.Event()
    outside.front.fault = lambda path, body: held.wait(20) and None
    with pytest.raises(OutsideError, match="no answer") as hangs:
        ship(store, follower, outside.target(timeout_seconds=0.2))
    assert hangs.value.reason == "unreachable"
    held.set()

    for status in (500, 302, 418):
        outside.front.fault = lambda path, body, status=status: (status, {"Location": "/x"}, b"<p>")
        with pytest.raises(OutsideError, match=f"answered {status}"):
            ship(store, follower, outside.target())

    outside.front.fault = lambda path, body: None
    assert ship(store, follower, outside.target())
