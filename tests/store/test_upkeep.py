"""`cubemon store`: status, verify, compact, backup and restore, beside a store in use or not."""

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main
from monitor.domain.cursors import Kind
from monitor.domain.measurement import Chain, Measurement, Reason
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.errors import ConfigError, StoreError
from monitor.store.embedded import EmbeddedStore, upkeep

Opener = Callable[..., EmbeddedStore]
Build = Callable[..., ReadingColumns]
HOUR, DAY = 3_600, 86_400
T0 = 1_700_000_000 // HOUR * HOUR
A = Series("cube-a", "AGG", "lab")


def fill(store: EmbeddedStore, columns: Build) -> None:
    rows = [(A, T0 + k, k % 50) for k in range(0, 3 * HOUR, 60)]
    store.commit(Batch(readings=[columns(rows)]))
    store.commit(Batch(worked=store.touched(), chains=[chain(1, T0, T0 + 8 * HOUR)]))
    while store.compact(T0 + 8 * DAY + 2 * HOUR):
        pass


def chain(version: int, *edges: int) -> Chain:
    measurements = tuple(
        Measurement(
            device="cube-a", tag="AGG", start=start, end=end, units=36, count=1, coverage=1.0,
            minute_coverage=1.0, reason=Reason.PERIODIC, changed=False, version=version,
        )
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    )  # fmt: skip
    return Chain(
        device="cube-a", tag="AGG", start=edges[0], version=version, measurements=measurements
    )


def test_status_tells_levels_readers_and_budget_beside_a_running_store(
    store: EmbeddedStore, columns: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    store.follow("influx", set(Kind))
    fill(store, columns)
    store.commit(Batch(readings=[columns([(A, T0 + 9 * DAY, 1)])]))
    assert main(["store", "status", "--data", str(store.directory), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    levels = {one["level"]: one for one in told["levels"]}
    assert levels["seconds, not compacted"]["rows"] == 2
    assert levels["measurements"]["start"] == "2023-11-14T22:00:00Z"
    assert told["readers"][0]["name"] == "influx"
    assert told["readers"][0]["behind"] > 0
    assert told["running"] > 0
    assert told["budget"] == 10 * 1024**3
    assert told["retention"]["seconds_days"] == 8

    assert main(["store", "status", "--data", str(store.directory)]) == 0
    shown = capsys.readouterr().out
    assert "influx" in shown
    assert "measurements" in shown
    store.close()
    assert upkeep.status(store.directory).running is None


def test_who_may_not_read_is_told_so_and_not_that_nobody_has_it(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["store", "status", "--data", str(store.directory)]
    lock, opened = store.directory / "lock", Path.open

    def closed(path: Path, *given: Any, **named: Any) -> Any:
        if path == lock:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *given, **named)

    # Root may read everything, so the refusals are made here.
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", closed)
        assert main(words) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert "open or not, nobody can tell" in told
        assert "lock cannot be read: Permission denied" in told
    with monkeypatch.context() as patch:
        patch.setattr("monitor.store.embedded.upkeep.os.access", lambda *_: False)
        assert main(words) == 2
        assert "run this as the user of the monitor" in capsys.readouterr().err
    stat = Path.stat

    def shut(path: Path, **named: Any) -> Any:
        if path.parent == store.directory:
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", shut)
        patch.setattr("monitor.store.embedded.upkeep.os.geteuid", lambda: 4_294_967_290)
        assert main(words) == 2
        assert "may not be read by user 4294967290" in capsys.readouterr().err


def test_status_of_levels(store: EmbeddedStore, columns: Build) -> None:
    fill(store, columns)
    levels = {one.level: one for one in upkeep.status(store.directory).levels}
    assert (levels["seconds"].start, levels["seconds"].end) == (T0 + 2 * HOUR, T0 + 3 * HOUR)
    assert (levels["minutes"].start, levels["minutes"].end) == (T0, T0 + 2 * HOUR)
    assert levels["minutes"].rows == 2
    assert levels["minutes"].bytes > 0
    assert levels["events"].start is None


def test_a_sound_store_is_said_to_be_sound(
    store: EmbeddedStore, columns: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    store.follow("influx", set(Kind))
    fill(store, columns)
    assert main(["store", "verify", "--data", str(store.directory)]) == 0
    assert "sound" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE chunks SET data = x'00'", "a stored hour has 0 seconds"),
        ("UPDATE minutes SET data = x'00'", "stored minutes cannot be read"),
        ("UPDATE minutes SET same = 99", "stand for line 99"),
        ("UPDATE chunks SET series = 99", "no such series"),
        ("UPDATE minutes SET line = 99 WHERE rowid = 1", "no such line"),
        ("INSERT INTO cursors VALUES ('x', 999)", "reader x stands at commit 999"),
        ("INSERT INTO positions VALUES ('x', 'facts', 999)", "reader x stands at facts 999"),
        ("UPDATE measurements SET version = 9", "newer than its chain"),
        ("UPDATE measurements SET end = 0", "ends before it begins"),
        ("INSERT INTO batches VALUES (99, 0, 0, 1, x'00')", "batch 99 is newer"),
        ("INSERT INTO origins VALUES ('cube-a', 'AGG', 1800000000)", "before the origin"),
    ],
)
def test_what_is_not_sound_is_told(
    store: EmbeddedStore,
    columns: Build,
    damage: str,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fill(store, columns)
    store.engine.connection.execute(damage)
    assert main(["store", "verify", "--data", str(store.directory), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["sound"]
    assert any(told in one for one in found["findings"]), found


def test_measurements_that_overlap_are_told(store: EmbeddedStore, columns: Build) -> None:
    fill(store, columns)
    store.commit(Batch(chains=[chain(1, T0 + HOUR, T0 + 3 * HOUR)]))
    assert upkeep.verify(store.directory / "cubemon.db") == [
        f"measurements of cube-a AGG overlap at {T0 + HOUR}"
    ]


def test_broken_pages_are_told(store: EmbeddedStore, columns: Build) -> None:
    fill(store, columns)
    store.close()
    path = store.directory / "cubemon.db"
    content = bytearray(path.read_bytes())
    content[-8_192 * 4 :] = b"\x55" * 8_192 * 4
    path.write_bytes(content)
    with contextlib.suppress(StoreError):
        assert upkeep.verify(path)


def test_a_backup_of_a_store_in_use_is_whole_and_of_one_moment(
    store: EmbeddedStore, columns: Build, tmp_path: Path
) -> None:
    fill(store, columns)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            store.commit(Batch(readings=[columns([(A, T0 + 9 * DAY + number, number)])]))

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[int] = []
    try:
        size = upkeep.backup(
            store.directory, tmp_path / "copy.db", progress=lambda done, of: seen.append(done)
        )
    finally:
        stop.set()
        writer.join()
    assert size == (tmp_path / "copy.db").stat().st_size
    assert seen
    assert upkeep.verify(tmp_path / "copy.db") == []
    assert [one.name for one in tmp_path.glob("copy*")] == ["copy.db"]
    with pytest.raises(ConfigError, match="already"):
        upkeep.backup(store.directory, tmp_path / "copy.db")
    upkeep.backup(store.directory, tmp_path / "copy.db", force=True)


def test_a_backup_never_takes_the_place_of_a_store(
    store: EmbeddedStore, opened: Opener, tmp_path: Path
) -> None:
    own = store.directory / "cubemon.db"
    before = own.stat().st_ino
    (tmp_path / "link.db").symlink_to(own)
    with pytest.raises(ConfigError, match="a store itself"):
        upkeep.backup(store.directory, own, force=True)
    other = opened(directory=tmp_path / "other").directory / "cubemon.db"
    with pytest.raises(ConfigError, match="a store itself"):
        upkeep.backup(store.directory, other, force=True)
    with pytest.raises(ConfigError, match="a store itself"):
        upkeep.backup(store.directory, tmp_path / "link.db", force=True)
    assert own.stat().st_ino == before


def test_a_backup_that_cannot_be_written_leaves_nothing(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="cannot write"):
        upkeep.backup(store.directory, tmp_path / "absent" / "copy.db")
    assert not (tmp_path / "absent").exists()


def test_a_restored_store_is_as_it_was(
    store: EmbeddedStore,
    columns: Build,
    opened: Opener,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fill(store, columns)
    copy = str(tmp_path / "copy.db")
    data = str(store.directory)
    assert main(["store", "backup", copy, "--data", data]) == 0
    before = (list(store.measurements()), store.statistics().number)
    store.commit(Batch(readings=[columns([(A, T0 + 9 * DAY, 7)])]))
    assert main(["store", "restore", copy, "--data", data]) == 2, "in use"
    assert "in use" in capsys.readouterr().err
    store.close()
    assert main(["store", "restore", copy, "--data", data]) == 2, "there already"
    assert "--force" in capsys.readouterr().err
    assert main(["store", "restore", copy, "--data", data, "--force", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["aside"]).exists()

    store = opened()
    assert not store.unclean
    assert (list(store.measurements()), store.statistics().number) == before
    assert upkeep.status(store.directory).aside == (Path(told["aside"]).name,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root restores for somebody else")
def test_what_root_restores_belongs_to_whoever_has_the_folder(
    store: EmbeddedStore, columns: Build, tmp_path: Path
) -> None:
    fill(store, columns)
    upkeep.backup(store.directory, tmp_path / "copy.db")
    store.close()
    os.chown(store.directory, 61_184, 61_184)
    upkeep.restore(tmp_path / "copy.db", store.directory, force=True)
    found = (store.directory / "cubemon.db").stat()
    assert (found.st_uid, found.st_gid) == (61_184, 61_184)


def test_a_backup_that_is_not_sound_is_not_restored(
    store: EmbeddedStore, columns: Build, tmp_path: Path
) -> None:
    fill(store, columns)
    upkeep.backup(store.directory, tmp_path / "copy.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        copy.execute("UPDATE chunks SET data = x'00'")
        copy.commit()
    with pytest.raises(ConfigError, match="not sound, nothing was changed"):
        upkeep.restore(tmp_path / "copy.db", tmp_path / "new")
    assert not (tmp_path / "new" / "cubemon.db").exists()


def test_compact_gives_room_back_and_needs_the_store_closed(
    store: EmbeddedStore, columns: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(store, columns)
    data = str(store.directory)
    assert main(["store", "compact", "--data", data]) == 2
    assert "in use" in capsys.readouterr().err
    store.engine.connection.execute("DELETE FROM chunks")
    store.close()
    assert main(["store", "compact", "--data", data, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bytes_after"] <= told["bytes_before"]
    assert upkeep.verify(store.directory / "cubemon.db") == []


def test_free_room_goes_back_to_the_disk_while_the_store_runs(
    store: EmbeddedStore, columns: Build
) -> None:
    store.commit(Batch(readings=[columns([(A, T0, 1)])]))
    (pages,) = store.engine.connection.execute("PRAGMA page_count").fetchone()
    with contextlib.closing(sqlite3.connect(store.directory / "cubemon.db")) as other:
        other.execute("CREATE TABLE filler (data BLOB)")
        other.execute("INSERT INTO filler VALUES (zeroblob(11000000))")
        other.execute("DROP TABLE filler")
        other.commit()
    while store.compact(T0):
        pass
    (free,) = store.engine.connection.execute("PRAGMA freelist_count").fetchone()
    (after,) = store.engine.connection.execute("PRAGMA page_count").fetchone()
    assert free <= 1_024
    assert after < pages + 2_000


def test_what_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["status"], ["verify"], ["compact"], ["backup", "x"], ["restore", "x"]):
        assert main(["store", *words, "--data", str(tmp_path / "none")]) == 2
        assert "is not there" in capsys.readouterr().err
    for word in ("status", "compact"):
        assert main(["store", word, "nightly.db", "--data", str(tmp_path)]) == 2
        assert "takes no FILE" in capsys.readouterr().err
    assert main(["store", "backup", "--data", str(tmp_path)]) == 2
    assert "needs a FILE" in capsys.readouterr().err
