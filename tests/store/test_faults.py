"""Disks that are full, fail or are read only, garbled files: nothing accepted is lost."""

import contextlib
import logging
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from monitor.domain.cursors import Kind
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.errors import StoreError
from monitor.instrument import Instruments
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig, upkeep

Opener = Callable[..., EmbeddedStore]
Build = Callable[..., ReadingColumns]
HOUR, DAY = 3_600, 86_400
T0 = 1_700_000_000 // HOUR * HOUR
A = Series("cube-a", "AGG", "lab")

SHORT_WRITE = 778
"""SQLITE_IOERR_WRITE"""


@dataclass
class Fault:
    """Fails one call on a writing connection; the calls are those that may touch the disk."""

    left: int = 0
    """0: no fault; n: the n-th call from now on."""
    code: int = sqlite3.SQLITE_IOERR
    after: bool = False
    """Fail after the call has done its work, so that nobody knows."""
    calls: int = 0

    def hit(self) -> bool:
        self.calls += 1
        self.left -= 1
        return self.left == 0


FAULT = Fault()


class Failing(sqlite3.Connection):
    """A connection whose statements fail when it is their turn."""

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        writes = sql.lstrip().upper().startswith(_WRITING)
        fails = writes and FAULT.left > 0 and FAULT.hit()
        if fails and not FAULT.after:
            raise failure()
        cursor = super().execute(sql, *values)
        if fails:
            raise failure()
        return cursor


_WRITING = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE", "COMMIT", "PRAGMA INCREMENTAL")


def failure() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(f"injected {FAULT.code}")
    error.sqlite_errorcode = FAULT.code
    return error


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fault]:
    plain = sqlite3.connect

    def connect(*words: Any, **named: Any) -> sqlite3.Connection:
        return plain(*words, factory=Failing, **named)

    monkeypatch.setattr(sqlite3, "connect", connect)
    FAULT.left, FAULT.calls, FAULT.after = 0, 0, False
    yield FAULT
    FAULT.left = 0


def batch(columns: Build, number: int) -> Batch:
    second = T0 + number * 600
    fact = Fact(
        subject=f"cube-{number}", name=FactName.POLLED, source="cli", value=number,
        kind=FactKind.EXACT, received=float(second), effective=float(second),
    )  # fmt: skip
    return Batch(readings=[columns([(A, second, number)])], facts=[fact])


def kept(store: EmbeddedStore) -> list[int]:
    """Numbers of all commits, as readings and minutes say; facts must agree."""
    found = {
        second: count
        for part in store.readings()
        for second, count in zip(part.seconds, part.counts, strict=True)
    }
    (minutes, *_) = [*store.minutes("cube-a", T0, 200).values(), None]
    numbers = sorted(found.values())
    if minutes is not None:
        numbers += (minutes.values[minutes.values >= 0] // 6).tolist()
    assert sorted(fact.value for fact in store.facts()) == sorted(numbers)  # type: ignore[type-var]
    return sorted(numbers)


def committed_at_last(store: EmbeddedStore, one: Batch) -> int:
    for tries in range(10):
        try:
            store.commit(one)
        except StoreError:
            continue
        return tries
    raise AssertionError("never taken")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "code",
    [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, SHORT_WRITE],
    ids=["EIO", "ENOSPC", "EROFS", "short"],
)
def test_any_call_may_fail_once_and_everything_is_kept_once(
    opened: Opener, columns: Build, fault: Fault, code: int, *, after: bool
) -> None:
    store = opened()
    refused = number = 0
    fault.code, fault.after = code, after
    for nth in range(1, 31):
        number += 1
        fault.left = nth
        refused += committed_at_last(store, batch(columns, number))
        with contextlib.suppress(StoreError):
            store.compact(float(T0 + number * 600 + 8 * DAY))
        fault.left = 0
        if number % 5 == 0:
            committed_at_last(store, Batch(worked=store.touched()))
            while store.compact(float(T0 + number * 600 + 8 * DAY)):
                pass
    assert refused >= 5
    assert kept(store) == list(range(1, number + 1))
    assert store.corrupt is None
    store.close()
    assert upkeep.verify(store.directory / "cubemon.db") == []
    assert kept(opened()) == list(range(1, number + 1))


def test_a_file_that_may_not_grow_has_its_last_write_cut_and_recovers(
    store: EmbeddedStore, columns: Build
) -> None:
    """RLIMIT_FSIZE: the kernel itself cuts a write short at a byte and refuses the next."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = Path(f"{store.directory / 'cubemon.db'}-wal")
    number = refused = 0
    for more in (1, 500, 4_096, 8_192, 8_216, 20_000, 33_000):
        number += 1
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + more, hard))
            try:
                store.commit(batch(columns, number))
            except StoreError:
                refused += 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        committed_at_last(store, batch(columns, number))
    assert refused >= 4
    assert kept(store) == list(range(1, number + 1))
    store.close()
    assert upkeep.verify(store.directory / "cubemon.db") == []


@contextlib.contextmanager
def mounted(place: Path, size: str) -> Iterator[Path]:
    """A small file system of its own, where we may mount one."""
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("no mount")
    words = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("may not mount a file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_refuses_says_why_and_takes_everything_once_there_is_room(
    tmp_path: Path, columns: Build
) -> None:
    with mounted(tmp_path / "disk", "4m") as disk:
        instruments = Instruments(registry := CollectorRegistry())
        store = EmbeddedStoreConfig(directory=disk / "data").build(instruments)
        store.commit(batch(columns, 1))
        filler = disk / "filler"
        with filler.open("wb") as file, contextlib.suppress(OSError):
            while file.write(bytes(65_536)):
                file.flush()
        for _ in range(3):
            with pytest.raises(StoreError, match=r"full|disk I/O") as refused:
                commit_many(store, columns)
            assert refused.value.reason in {"full", "io"}
        (number,) = [store.statistics().number]
        assert kept(store) == list(range(1, number + 1))
        filler.unlink()
        assert committed_at_last(store, batch(columns, number + 1)) == 0
        assert kept(store) == list(range(1, number + 2))
        store.close()
        assert upkeep.verify(disk / "data" / "cubemon.db") == []
        assert registry.get_sample_value("cube_monitor_store_bytes") is not None


def commit_many(store: EmbeddedStore, columns: Build) -> None:
    for number in range(2, 400):
        store.commit(batch(columns, number))


def test_a_disk_that_is_read_only_at_the_start_is_no_reason_not_to_start(
    tmp_path: Path, columns: Build, caplog: pytest.LogCaptureFixture
) -> None:
    with mounted(tmp_path / "disk", "8m") as disk:
        config = EmbeddedStoreConfig(directory=disk / "data")
        with config.build() as store:
            store.commit(batch(columns, 1))
        remount(disk, "ro")
        instruments = Instruments(registry := CollectorRegistry())
        with caplog.at_level(logging.ERROR):
            store = config.build(instruments)
        assert "starting without it" in caplog.text
        assert faulty(registry, "read_only") == 1
        assert [fact.value for fact in store.facts()] == [1], "what it knew is known"
        assert store.series() == [A]
        follower = store.follow("influx", set(Kind))
        with pytest.raises(StoreError, match="Read-only"):
            store.commit(batch(columns, 2))
        with pytest.raises(StoreError):
            store.compact(float(T0))

        remount(disk, "rw")
        assert committed_at_last(store, batch(columns, 2)) == 0
        assert kept(store) == [1, 2]
        assert faulty(registry, "read_only") == 0
        assert follower.next() is not None, "registered once it could be"
        store.close()


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def faulty(registry: CollectorRegistry, reason: str) -> float | None:
    return registry.get_sample_value("cube_monitor_store_faulty", {"reason": reason})


def test_damage_found_while_running_sets_the_file_aside_and_goes_on(
    opened: Opener, columns: Build, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened()
    instruments = Instruments(registry := CollectorRegistry())
    store.faults_to(lambda reason, on: instruments.store_faulty.labels(reason).set(on))
    follower = store.follow("influx", [Kind.READINGS])
    for number in range(1, 11):
        store.commit(batch(columns, number))
    fault.code, fault.left = sqlite3.SQLITE_CORRUPT, 2
    with pytest.raises(StoreError) as refused:
        store.commit(batch(columns, 11))
    assert refused.value.reason == "damaged"
    with caplog.at_level(logging.ERROR):
        assert store.commit(batch(columns, 11)).number == 11 + 1, "behind all before"
    assert store.corrupt is not None
    assert store.corrupt.exists()
    assert "taken over from" in caplog.text
    assert faulty(registry, "lost") == 1
    assert kept(store) == list(range(1, 12))
    piece = follower.next()
    assert piece is not None
    assert sum(map(len, piece.readings)) == 11
    store.close()
    assert upkeep.verify(store.directory / "cubemon.db") == []


@pytest.mark.parametrize("damage", ["cut", "garbled", "gone"])
def test_a_log_that_is_cut_or_garbled_costs_only_what_stood_behind_it(
    tmp_path: Path, store: EmbeddedStore, columns: Build, damage: str
) -> None:
    for number in range(1, 41):
        store.commit(batch(columns, number))
    copy = as_after_a_kill(store.directory, tmp_path / "copy")
    wal = copy / "cubemon.db-wal"
    content = wal.read_bytes()
    half = len(content) // 2 + 1_000
    wal.write_bytes(
        {"cut": content[:half], "garbled": content[:half] + b"\x55" * 9_000, "gone": b""}[damage]
    )
    with EmbeddedStoreConfig(directory=copy).build() as again:
        found = kept(again)
        assert found == list(range(1, len(found) + 1)), "whole commits, none in between missing"
        assert (len(found) > 0) == (damage != "gone")
        assert len(found) < 40
        assert committed_at_last(again, batch(columns, 40)) == 0
    assert upkeep.verify(copy / "cubemon.db") == []


def as_after_a_kill(directory: Path, copy: Path) -> Path:
    copy.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(directory / f"cubemon.db{suffix}", copy)
    return copy


@pytest.mark.parametrize("damage", ["cut", "garbled"])
def test_a_garbled_end_of_the_file_costs_what_was_there_and_no_more(
    opened: Opener, columns: Build, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened()
    for number in range(1, 201):
        store.commit(batch(columns, number))
    store.close()
    path = store.directory / "cubemon.db"
    content = path.read_bytes()
    keep = len(content) - 8_192 * 2
    path.write_bytes(content[:keep] + (b"\x55" * 8_192 * 2 if damage == "garbled" else b""))

    with caplog.at_level(logging.ERROR):
        store = opened()
        with contextlib.suppress(StoreError):
            store.commit(batch(columns, 201))
        committed_at_last(store, batch(columns, 201))
    assert {fact.value for fact in store.facts()} >= {201}
    if store.corrupt is not None:
        assert "taken over from" in caplog.text
        assert store.corrupt.exists()
    assert store.statistics().number >= 201
    while store.compact(float(T0 + 10 * DAY)):
        pass
    store.close()
    assert upkeep.verify(path) == []
