"""One writer, readers beside it, unclean shutdowns, other schemas, broken files, full disks."""

import contextlib
import itertools
import logging
import sqlite3
import threading
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.errors import ConfigError, StoreError
from monitor.instrument import Instruments
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig, schema
from monitor.store.embedded.packing import DamageError, decode, unpack

Opener = Callable[..., EmbeddedStore]
Build = Callable[..., ReadingColumns]
HOUR = 3_600
T0 = 1_700_000_000 // HOUR * HOUR
A = Series("cube-a", "AGG", "lab")


def test_the_directory_is_made_for_its_owner_alone(store: EmbeddedStore) -> None:
    assert store.directory.stat().st_mode & 0o777 == 0o700
    assert (store.directory / "cubemon.db").stat().st_mode & 0o777 == 0o600


def test_a_second_writer_is_refused_and_told_why(store: EmbeddedStore, opened: Opener) -> None:
    with pytest.raises(ConfigError, match=r"data is in use by another cubemon \(process \d+\)"):
        opened()
    store.close()
    store.close()

    opened().commit(Batch())


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="file/data cannot be used"):
        EmbeddedStoreConfig(directory=tmp_path / "file" / "data").build()


def test_settings_are_strict(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        EmbeddedStoreConfig(directory=tmp_path, max_bytes=10)
    with pytest.raises(ValidationError):
        EmbeddedStoreConfig.model_validate({"kind": "embedded", "folder": "x"})


def test_an_unclean_shutdown_is_noticed_counted_and_the_next_start_is_clean(
    tmp_path: Path,
) -> None:
    config = EmbeddedStoreConfig(directory=tmp_path)
    instruments = Instruments(registry := CollectorRegistry())
    first = config.build(instruments)
    first.commit(Batch())
    assert not first.unclean
    assert registry.get_sample_value("cube_monitor_store_bytes") > 0  # type: ignore[operator]
    # What a killed process leaves behind: the file as it is, and nobody who holds the lock.
    first.engine.connection.close()
    assert first._lock is not None
    first._lock.close()

    second = config.build(instruments)
    assert second.unclean
    assert registry.get_sample_value("cube_monitor_unclean_starts_total") == 1
    second.close()

    third = config.build(instruments)
    assert not third.unclean
    assert third.statistics().unclean_shutdowns == 1
    assert third.statistics().number == 1
    third.close()


def test_a_reader_sees_each_commit_while_the_service_writes(
    store: EmbeddedStore, columns: Build
) -> None:
    with contextlib.closing(EmbeddedStore.open_reader(store.directory)) as reader:
        for count in range(3):
            other = A._replace(device=f"cube-{count}")
            store.commit(Batch(readings=[columns([(other, T0 + count, count)])]))
            assert reader.latest_readings()[other] == (T0 + count, count)
            assert len(reader.series()) == count + 1
            assert reader.dense(other.device, T0, 1)[other][0, count] == count
        assert not hasattr(reader, "commit")
        store.close()
        assert len(list(reader.readings())) == 1


def test_a_reader_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot read"):
        EmbeddedStore.open_reader(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []


def test_readers_in_many_threads_see_whole_commits(store: EmbeddedStore) -> None:
    """Every commit raises the counts of two seconds together: no reader may see one of them."""
    torn: list[tuple[int, int]] = []
    running = threading.Event()
    running.set()

    def watch() -> None:
        while running.is_set():
            facts = {fact.subject: fact.value for fact in store.facts()}
            if facts.get("a") != facts.get("b"):
                torn.append((0, 0))

    threads = [threading.Thread(target=watch) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(100):
        store.commit(Batch(facts=[_fact(subject, number) for subject in "ab"]))
        store.compact(T0)
    running.clear()
    for thread in threads:
        thread.join()

    assert torn == []
    assert {fact.value for fact in store.facts()} == {99}


def _fact(subject: str, value: int) -> Fact:
    return Fact(
        subject=subject,
        name=FactName.POLLED,
        source="cli",
        value=value,
        kind=FactKind.EXACT,
        received=float(value),
        effective=float(value),
    )


def test_a_closed_store_says_so(store: EmbeddedStore) -> None:
    store.close()

    with pytest.raises(StoreError, match="closed"):
        store.facts()
    with pytest.raises(StoreError, match="cannot write"):
        store.commit(Batch())


# Another schema


def test_a_file_of_the_first_schema_is_brought_up_to_date(tmp_path: Path, opened: Opener) -> None:
    _first_schema(tmp_path / "data" / "cubemon.db")

    with pytest.raises(ConfigError, match="schema 1 is older"):
        EmbeddedStore.open_reader(tmp_path / "data")
    store = opened()
    assert store.statistics().schema_version == schema.VERSION
    assert store.statistics().number == 7
    assert store.latest_readings() == {A: (T0 + 2, 258)}
    assert store.dense("cube-a", T0, 1)[A][0, :4].tolist() == [256, 257, 258, -1]
    assert store.touched() == [("cube-a", T0)]
    assert store.commit(Batch()).number == 8
    store.compact(T0 + 10**6)
    assert store.latest_readings() == {A: (T0 + 2, 258)}


def _first_schema(path: Path) -> None:
    """What the first version wrote: three readings of one series in one packed row."""
    path.parent.mkdir()
    ramp = b"\x00%s%s"
    columns = [(1, 0), (T0, 1), (256, 1)]
    packed = b"".join(
        ramp % (base.to_bytes(8, "little"), step.to_bytes(8, "little")) for base, step in columns
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(schema.MIGRATIONS[0])
        connection.execute("PRAGMA application_id = 1129660997")
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO meta VALUES ('number', 7)")
        connection.execute("INSERT INTO series VALUES (1, 'cube-a', 'AGG', 'lab')")
        connection.execute("INSERT INTO touched VALUES ('cube-a', ?)", (T0 // HOUR,))
        connection.execute("INSERT INTO batches VALUES (7, ?, ?, 3, ?)", (T0, T0 + 2, packed))
        connection.commit()


def test_a_newer_schema_is_refused_and_left_alone(store: EmbeddedStore, opened: Opener) -> None:
    store.engine.connection.execute("PRAGMA user_version = 99")
    store.close()
    before = (store.directory / "cubemon.db").read_bytes()

    with pytest.raises(ConfigError, match=r"newer cubemon \(schema 99"):
        opened()
    with pytest.raises(ConfigError, match="newer"):
        EmbeddedStore.open_reader(store.directory)
    assert (store.directory / "cubemon.db").read_bytes() == before


def test_the_database_of_another_program_is_refused(tmp_path: Path, opened: Opener) -> None:
    (tmp_path / "data").mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "cubemon.db")) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")

    with pytest.raises(ConfigError, match="another program"):
        opened()


# Broken files


@pytest.mark.parametrize("damage", ["head", "body", "row"])
def test_a_broken_file_is_set_aside_whole_and_the_service_starts(
    store: EmbeddedStore,
    opened: Opener,
    columns: Build,
    caplog: pytest.LogCaptureFixture,
    damage: str,
) -> None:
    store.commit(Batch(readings=[columns([(A, T0 + k, k * k) for k in range(2_000)])]))
    if damage == "row":
        store.engine.connection.execute("UPDATE batches SET data = x'05'")
    store.close()
    path = store.directory / "cubemon.db"
    content = bytearray(path.read_bytes())
    spoilt = {"head": range(100), "body": range(4_096, len(content)), "row": range(0)}[damage]
    for at in spoilt:
        content[at] = 0x55
    path.write_bytes(content)

    with caplog.at_level(logging.ERROR):
        store = opened()

    assert store.corrupt is not None
    assert store.corrupt.name.startswith("cubemon.db.corrupt-")
    if damage != "row":
        assert store.corrupt.read_bytes() == content
    assert "beginning another one" in caplog.text
    assert store.statistics().series == (damage == "row"), "what can be read is taken over"
    store.commit(Batch(readings=[columns([(A, T0, 1)])]))
    store.close()
    assert opened().corrupt is None


def test_stored_bytes_of_another_shape_are_damage() -> None:
    for codec, data in ((1, b"short"), (17, b"no zlib"), (99, bytes(3_600))):
        with pytest.raises(DamageError):
            decode(codec, data)
    for data in (b"", b"\x03" + bytes(16), b"\x01" + bytes(20)):
        with pytest.raises(DamageError):
            unpack(data, 100)


# Refused commits


def test_a_full_disk_refuses_a_batch_whole_and_takes_it_later(
    store: EmbeddedStore, opened: Opener, columns: Build
) -> None:
    connection = store.engine.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 8}")
    taken = _commit_until_refused(store, columns)
    refused = _large(columns, taken)

    assert taken > 0
    assert _seen(store) == taken
    assert store.statistics().number == taken
    with pytest.raises(StoreError, match="full"):
        store.commit(refused)
    assert _seen(store) == taken

    connection.execute("PRAGMA max_page_count = 1000000")
    assert store.commit(refused).number == taken + 1
    assert _seen(store) == taken + 1
    store.close()
    assert _seen(opened()) == taken + 1


def _commit_until_refused(store: EmbeddedStore, columns: Build) -> int:
    taken = itertools.count()
    with pytest.raises(StoreError, match="full"):
        _commit_for_ever(store, columns, taken)
    return next(taken) - 1


def _commit_for_ever(store: EmbeddedStore, columns: Build, taken: Iterator[int]) -> None:
    for number in taken:
        store.commit(_large(columns, number))


def _large(columns: Build, number: int) -> Batch:
    series = A._replace(device=f"cube-{number}")
    rows = [(series, T0 + second, second * 7_919 % 10_007) for second in range(1_000)]
    return Batch(readings=[columns(rows)], facts=[_fact(series.device, number)])


def _seen(store: EmbeddedStore) -> int:
    """The number of devices, if every part of the store agrees on it."""
    devices = {series.device for series in store.series()}
    assert {fact.subject for fact in store.facts()} == devices
    assert {device for device, _ in store.touched()} == devices
    assert {series.device for series in store.dense_many(sorted(devices), T0, 1)} == devices
    assert sum(map(len, store.readings())) == 1_000 * len(devices)
    return len(devices)


def test_a_locked_file_refuses_and_the_same_batch_is_taken_later(
    store: EmbeddedStore, columns: Build
) -> None:
    store.engine.connection.execute("PRAGMA busy_timeout = 1")
    batch = Batch(readings=[columns([(A, T0, 1)])])
    store.commit(batch)
    with contextlib.closing(
        sqlite3.connect(store.directory / "cubemon.db", isolation_level=None)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            store.commit(batch)
        with pytest.raises(StoreError, match="cannot compact"):
            store.compact(T0 + 10**6)
        other.execute("ROLLBACK")
    assert [len(part) for part in store.readings()] == [1]

    assert store.commit(batch).number == 2
    while store.compact(T0 + 10**6):
        pass
    assert store.statistics().batches == 0


# The disk cap


def test_over_the_cap_the_oldest_seconds_go_and_nothing_else(
    opened: Opener, columns: Build
) -> None:
    store = opened(max_bytes=600_000)
    for hour in range(60):
        rows = [(A, T0 + hour * HOUR + k, k * 7_919 % 60_000) for k in range(HOUR)]
        store.commit(Batch(readings=[columns(rows)], facts=[_fact(f"cube-{hour}", hour)]))
        while store.compact(T0 + hour * HOUR):
            pass

    statistics = store.statistics()
    assert statistics.used <= 600_000
    assert len(list(store.facts())) == 60
    seconds = sorted(second for part in store.readings() for second in part.seconds)
    assert seconds == list(range(seconds[0], T0 + 60 * HOUR)), "only the oldest are gone"
    assert statistics.dropped_readings == 60 * HOUR - len(seconds) > 0


def test_over_the_cap_rows_that_are_not_compacted_go_too(opened: Opener, columns: Build) -> None:
    store = opened(max_bytes=500_000, compact_after_seconds=10**9)
    for hour in range(60):
        rows = [(A, T0 + hour * HOUR + k, k * 7_919 % 60_000) for k in range(HOUR)]
        store.commit(Batch(readings=[columns(rows)]))
        while store.compact(T0 + hour * HOUR):
            pass

    assert store.statistics().used <= 500_000
    seconds = sorted(second for part in store.readings() for second in part.seconds)
    assert seconds == list(range(seconds[0], T0 + 60 * HOUR))
    assert store.statistics().dropped_readings == 60 * HOUR - len(seconds) > 0
    assert not store.dense("cube-a", T0, 1), "not from memory either"
    assert A in store.dense("cube-a", T0 + 59 * HOUR, 1)


def test_where_no_seconds_are_left_the_cap_takes_nothing(opened: Opener) -> None:
    store = opened(max_bytes=1)
    store.commit(Batch(facts=[_fact("cube-a", 1)]))

    assert store.compact(T0) == 0
    assert len(list(store.facts())) == 1


def test_columns_that_fit_no_ramp_and_no_narrow_width_are_kept(
    store: EmbeddedStore, columns: Build, opened: Opener
) -> None:
    """A count no device can have must not keep its batch from being written."""
    rows = [(A, T0, 2**40), (A, T0 + 1, 5), (A, T0 + 5, 2**31 - 2)]
    store.commit(Batch(readings=[columns(rows)]))
    store.close()

    store = opened()
    assert store.dense("cube-a", T0, 1)[A][0, [0, 1, 5]].tolist() == [2**31 - 2, 5, 2**31 - 2]


def test_columns_of_nothing_are_nothing(store: EmbeddedStore) -> None:
    nothing = ReadingColumns(series=[A], which=array("I"))

    assert store.commit(Batch(readings=[nothing])).readings == 0
    assert store.compact(T0) == 0
    assert store.series() == []
