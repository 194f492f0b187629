"""Readers of the log: in order, bounded, durable, each as far as it has confirmed."""

import sqlite3
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from monitor.domain.cursors import Kind, Piece
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.measurement import Chain, HourValue, Measurement, Reason
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore, Follower, schema

Opener = Callable[..., EmbeddedStore]
Build = Callable[..., ReadingColumns]
Found = dict[tuple[Series, int], int]
HOUR = 3_600
T0 = 1_700_000_000 // HOUR * HOUR
A, B = Series("cube-a", "AGG", "lab"), Series("cube-b", "AGG", "lab")
ALL = tuple(Kind)
LATE = T0 + 1000 * HOUR


def drain(store: EmbeddedStore, follower: Follower) -> list[Piece]:
    """Confirm everything there is."""
    pieces = []
    while (piece := follower.next()) is not None:
        pieces.append(piece)
        store.advance(follower.name, piece)
    return pieces


def readings(pieces: Iterable[Piece]) -> Found:
    """The last count told of every second, as a database would keep it."""
    found: Found = {}
    for piece in pieces:
        for columns in piece.readings:
            for which, at, count in zip(
                columns.which, columns.seconds, columns.counts, strict=True
            ):
                found[columns.series[which], at] = count
    return found


def compact(store: EmbeddedStore) -> None:
    while store.compact(LATE):
        pass


def hour(index: int, units: int | None = 36) -> HourValue:
    return HourValue(
        device="cube-a", tag="AGG", start=T0 + index * HOUR, units=units, seconds=9, minutes=3
    )


def measurement(index: int, version: int) -> Measurement:
    return Measurement(
        device="cube-a", tag="AGG", start=T0 + index * HOUR, end=T0 + (index + 1) * HOUR,
        units=36 * version, count=version, coverage=0.5, minute_coverage=0.5,
        reason=Reason.PERIODIC, changed=True, version=version,
    )  # fmt: skip


def chain(first: int, last: int, version: int) -> Chain:
    return Chain(
        device="cube-a", tag="AGG", start=T0 + first * HOUR, version=version,
        measurements=tuple(measurement(index, version) for index in range(first, last)),
    )  # fmt: skip


def fact(second: int, value: int = 1) -> Fact:
    return Fact(
        subject="cube-a", name=FactName.POLLED, source="cli", value=value,
        kind=FactKind.EXACT, received=float(second), effective=float(second),
    )  # fmt: skip


def test_a_reader_gets_each_commit_once_and_nothing_confirmed_after_a_restart(
    store: EmbeddedStore, opened: Opener, columns: Build
) -> None:
    follower = store.follow("out", ALL)
    assert follower.next() is None
    store.commit(Batch(readings=[columns([(A, T0, 1), (B, T0, 2)])], hours=[hour(0)]))
    first = follower.next()
    assert first == follower.next(), "an unconfirmed piece comes again"
    assert readings(drain(store, follower)) == {(A, T0): 1, (B, T0): 2}
    store.commit(Batch(readings=[columns([(A, T0 + 1, 3)])]))
    store.close()

    store = opened()
    assert readings(drain(store, store.follow("out", ALL))) == {(A, T0 + 1): 3}
    assert store.follow("out", ALL).next() is None


def test_pieces_are_bounded_and_a_commit_is_not_divided(
    store: EmbeddedStore, columns: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.store.embedded.following.MOST", 10)
    follower = store.follow("out", ALL)
    for at in range(0, 60, 6):
        store.commit(Batch(readings=[columns([(A, T0 + at + k, k) for k in range(6)])]))
    store.commit(Batch(readings=[columns([(A, T0 + 100 + k, k) for k in range(25)])]))
    store.commit(Batch(facts=[fact(T0)], hours=[hour(k) for k in range(25)]))

    sizes = [len(one) for one in drain(store, follower)]
    assert sizes == [10, 10, 5, 1, *[6] * 10, 25]


def test_what_was_there_before_the_reader_comes_after_what_is_new(
    store: EmbeddedStore, columns: Build
) -> None:
    old = [(series, T0 + hours * HOUR + 7, hours) for series in (A, B) for hours in (0, 1, 90)]
    store.commit(Batch(readings=[columns(old)], hours=[hour(0)], facts=[fact(T0)]))
    compact(store)
    store.commit(Batch(readings=[columns([(A, T0 + 200 * HOUR, 5)])], chains=[chain(0, 2, 1)]))
    follower = store.follow("out", ALL)
    new = {(B, T0 + 300 * HOUR): 6}
    store.commit(Batch(readings=[columns([(B, T0 + 300 * HOUR, 6)])]))

    pieces = drain(store, follower)
    assert [one.kind for one in pieces[:4]] == [
        Kind.MEASUREMENTS, Kind.HOURS, Kind.FACTS, Kind.READINGS,
    ]  # fmt: skip
    assert readings(pieces[3:4]) == new
    assert all(one.repeated for one in pieces[4:])
    told = {(one[0], one[1]): one[2] for one in old}
    assert readings(pieces) == told | {(A, T0 + 200 * HOUR): 5} | new
    assert follower.state().repeating is None


def test_the_highest_count_of_a_second_is_told_last_however_late_a_lower_one_comes(
    store: EmbeddedStore, opened: Opener, columns: Build
) -> None:
    follower = store.follow("out", ALL)
    store.commit(Batch(readings=[columns([(A, T0, 9), (A, T0, 4), (B, T0, 1)])]))
    assert readings(drain(store, follower)) == {(A, T0): 9, (B, T0): 1}
    store.commit(Batch(readings=[columns([(A, T0, 3)])]))
    assert readings(drain(store, follower)) == {(A, T0): 9}
    store.commit(Batch(readings=[columns([(A, T0, 2), (A, T0 + 9 * HOUR, 70_000)])]))
    store.close()

    store = opened()
    after = {(A, T0): 9, (A, T0 + 9 * HOUR): 70_000}
    assert readings(drain(store, store.follow("out", ALL))) == after
    compact(store)
    store.commit(Batch(readings=[columns([(A, T0, 1), (A, T0 + 50 * HOUR, 1), (B, T0, 8)])]))
    told = readings(drain(store, store.follow("out", ALL)))
    assert told == {(A, T0): 9, (A, T0 + 50 * HOUR): 1, (B, T0): 8}


def test_measurements_come_with_their_versions_and_replaced_ones_again(
    store: EmbeddedStore,
) -> None:
    follower = store.follow("out", [Kind.MEASUREMENTS])
    store.commit(Batch(chains=[chain(0, 3, 1)]))
    (first,) = drain(store, follower)
    assert [(one.measurement.start, one.replaced) for one in first.measurements] == [
        (T0 + index * HOUR, False) for index in range(3)
    ]
    store.commit(Batch(chains=[chain(1, 2, 2)]))
    (second,) = drain(store, follower)
    assert [
        (one.measurement.start - T0, one.measurement.version, one.replaced)
        for one in second.measurements
    ] == [(HOUR, 1, True), (2 * HOUR, 1, True), (HOUR, 2, False)]


def test_an_hour_comes_again_only_when_its_value_is_another(store: EmbeddedStore) -> None:
    follower = store.follow("out", [Kind.HOURS])
    store.commit(Batch(hours=[hour(0), hour(1)]))
    store.commit(Batch(hours=[hour(0)]))
    assert [one.version for one in drain(store, follower)[0].hours] == [1, 1]
    store.commit(Batch(hours=[hour(0), hour(1, None)]))
    (piece,) = drain(store, follower)
    assert [(one.value, one.version) for one in piece.hours] == [(hour(1, None), 2)]


def test_rewound_to_a_time_it_gets_what_is_of_that_time_or_later_again(
    store: EmbeddedStore, columns: Build
) -> None:
    follower = store.follow("out", ALL)
    for at in range(6):
        store.commit(
            Batch(
                readings=[columns([(A, T0 + at * HOUR, at)])], hours=[hour(at)],
                chains=[chain(at, at + 1, 1)], facts=[fact(T0 + at * HOUR, at)],
            )
        )  # fmt: skip
        if at == 3:
            drain(store, follower)
            compact(store)

    assert store.rewind("out", T0 + 2 * HOUR)
    pieces = drain(store, follower)
    assert readings(pieces) == {(A, T0 + at * HOUR): at for at in range(2, 6)}
    hours = [one.value.start for piece in pieces for one in piece.hours]
    assert hours == [T0 + at * HOUR for at in range(2, 6)]
    ends = [one.measurement.end for piece in pieces for one in piece.measurements]
    assert ends == [T0 + at * HOUR for at in range(2, 7)]
    assert not store.rewind("nobody", T0)
    assert store.rewind("out", T0 + 99 * HOUR)
    assert drain(store, follower) == []


def test_a_piece_confirmed_after_a_rewind_does_not_undo_it(
    store: EmbeddedStore, columns: Build
) -> None:
    store.commit(Batch(readings=[columns([(A, T0 + at, at) for at in range(5)])]))
    follower = store.follow("out", ALL)
    sent = follower.next()
    assert sent is not None
    store.rewind("out", T0 - HOUR)
    store.advance("out", sent)
    store.rewind("out", T0 + 3)
    store.commit(Batch(hours=[hour(0)]))
    drain(store, follower)
    sent = Piece(kind=Kind.HOURS, since=0, upto=99)
    store.advance("out", sent)
    store.commit(Batch(hours=[hour(1)]))
    assert len(drain(store, follower)) == 1


def test_compaction_waits_for_every_reader_of_readings_and_not_for_one_that_is_forgotten(
    store: EmbeddedStore, columns: Build
) -> None:
    follower = store.follow("out", ALL)
    store.follow("slow", ALL)
    store.follow("other", [Kind.FACTS])
    store.commit(Batch(readings=[columns([(A, T0, 1)])]))
    drain(store, follower)
    compact(store)
    assert store.statistics().batches == 1
    states = {one.name: one for one in store.cursors()}
    assert (states["out"].behind, states["slow"].behind) == (0, 1)
    assert (states["out"].oldest, states["slow"].oldest) == (None, T0)
    assert states["other"].number is None
    store.forget("slow")
    compact(store)
    assert store.statistics().batches == 0
    assert [one.name for one in store.cursors()] == ["other", "out"]


def test_a_reader_may_want_other_kinds_than_before(store: EmbeddedStore, columns: Build) -> None:
    batch = Batch(readings=[columns([(A, T0, 1)])], hours=[hour(0)], facts=[fact(T0)])
    store.commit(batch)
    drain(store, store.follow("out", [Kind.READINGS]))
    pieces = drain(store, store.follow("out", [Kind.READINGS, Kind.HOURS]))
    assert [one.kind for one in pieces] == [Kind.HOURS]
    pieces = drain(store, store.follow("out", [Kind.FACTS]))
    assert [one.kind for one in pieces] == [Kind.FACTS]
    assert store.cursors()[0].number is None


def test_rows_the_disk_cap_takes_from_a_reader_are_counted(opened: Opener, columns: Build) -> None:
    store = opened(max_bytes=0)
    store.commit(Batch(readings=[columns([(A, T0, 1), (A, T0 + 1, 1)])]))
    follower = store.follow("out", ALL)
    drain(store, follower)
    store.commit(Batch(readings=[columns([(A, T0 + 2, 1)])]))
    compact(store)
    statistics = store.statistics()
    assert statistics.dropped_unread == 1
    assert sum(map(len, drain(store, follower))) == 0


def test_rows_compacted_for_want_of_room_are_given_to_a_reader_by_time(
    opened: Opener, columns: Build
) -> None:
    store = opened(max_bytes=10**9)
    follower = store.follow("out", ALL)
    store.commit(Batch(readings=[columns([(A, T0 + k, k) for k in range(5)])]))
    compact(store)
    assert store.statistics().batches == 1, "not passed"
    while store.engine.compactor.force(T0 + HOUR):
        pass
    assert store.statistics().batches == 0
    given = [
        second for piece in drain(store, follower) for one in piece.readings
        for second in one.seconds
    ]  # fmt: skip
    assert given == [T0 + k for k in range(5)]
    assert store.statistics().dropped_unread == 0


def test_an_older_file_is_numbered_so_that_readers_get_all_of_it(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tables of schema 3, filled as that version did."""
    directory = tmp_path / "data"
    directory.mkdir()
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:3])
        older.setattr(schema, "VERSION", 3)
        connection = sqlite3.connect(directory / "cubemon.db", isolation_level=None)
        schema.migrate(connection)
    connection.executemany(
        "INSERT INTO hours VALUES ('cube-a', 'AGG', ?, 36, 9, 3)",
        [(T0 + index * HOUR,) for index in reversed(range(3))],
    )
    connection.executemany(
        "INSERT INTO measurements VALUES ('cube-a', 'AGG', ?, ?, ?, 36, 1, 1.0, 1.0, 'periodic',"
        " 1, 'median3', ?)",
        [(T0, 1, T0 + HOUR, 1), (T0, 2, T0 + HOUR, 0), (T0 + HOUR, 1, T0 + 2 * HOUR, 0)],
    )
    connection.execute(
        "INSERT INTO facts VALUES ('cube-a', 'polled', '', 'cli', '7', 'exact', 1.0, 1.0, NULL,"
        " 1, 0, '')"
    )
    connection.close()

    store = opened()
    measured, hours, facts = drain(store, store.follow("out", ALL))
    assert [one.value.start for one in hours.hours] == [T0 + index * HOUR for index in range(3)]
    told = [(one.measurement.version, one.replaced) for one in measured.measurements]
    assert told == [(1, True), (2, False), (1, False)]
    assert [one.value for one in facts.facts] == [7]
    store.commit(Batch(hours=[hour(5)]))
    assert len(drain(store, store.follow("out", ALL))) == 1


def test_many_series_and_hours_are_repeated_whole(store: EmbeddedStore) -> None:
    series = [Series(f"cube-{k}", "AGG", "lab") for k in range(700)]
    count = 700 * 60
    seconds = array("q", [T0 + HOUR - 30 + k // 700 for k in range(count)])
    batch = ReadingColumns(
        series=series, which=array("I", [k % 700 for k in range(count)]),
        seconds=seconds, counts=array("q", [k % 97 for k in range(count)]),
    )  # fmt: skip
    store.commit(Batch(readings=[batch]))
    compact(store)
    found = readings(drain(store, store.follow("out", [Kind.READINGS])))
    assert found == {(series[k % 700], seconds[k]): k % 97 for k in range(count)}
