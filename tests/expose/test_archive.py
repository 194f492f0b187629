from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.instants import HOUR
from monitor.domain.measurement import Chain
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch, EventRecord, Origin
from monitor.expose.archive import Archive
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

STD = Series("berlin", "CUBE_T_STD", "lab")


@pytest.fixture
def store(tmp_path: Path, face: Any) -> Iterator[Archive]:
    (measurement,) = face.fleet.measurements
    start = measurement.start
    readings = ReadingColumns(
        series=[STD],
        which=array("I", [0, 0, 0]),
        seconds=array("q", [start + 2, start, start + 2]),
        counts=array("q", [3, 70_000, 2]),
    )
    event = EventRecord(
        device="berlin", source="syslog", received=float(start), device_time=None,
        effective=float(start), clock="unknown", counter=7, facility="CUBE", severity=5,
        mnemonic="CUBE-5-LICENSE_INFO", text="Requested for 3", raw=b"x",
    )  # fmt: skip
    chain = Chain(device="berlin", tag=STD.tag, start=start, version=1, measurements=(measurement,))
    kept = EmbeddedStore(EmbeddedStoreConfig(directory=tmp_path / "data"))
    kept.commit(
        Batch(
            readings=[readings],
            origins=[Origin(device="berlin", tag=STD.tag, start=start // HOUR * HOUR)],
            chains=[chain],
            events=[event],
        )
    )
    yield kept
    kept.close()


def test_what_the_embedded_store_kept_is_shown(store: Archive, face: Any) -> None:
    behind = type(face)(shelf=store)
    (measurement,) = behind.json("/api/v1/measurements", device="berlin")["measurements"]
    assert (measurement["start"], measurement["count"]) == ("2023-11-15T00:00:00Z", 7)
    (event,) = behind.json("/api/v1/events", device="berlin", since="0")["events"]
    assert event["text"] == "Requested for 3"
    (series,) = behind.json(
        "/api/v1/readings", device="berlin", start="2023-11-15T00:00:00Z", end="1700007000"
    )["series"]
    assert series["seconds"] == [1_700_006_400, 1_700_006_402]
    assert series["counts"] == [70_000, 3]


def test_of_a_device_that_never_spoke_nothing_is_kept(store: Archive, face: Any) -> None:
    behind = type(face)(shelf=store)
    for path in ("measurements", "events", "readings?start=0&end=9"):
        join = "&" if "?" in path else "?"
        (first, *_) = behind.json(f"/api/v1/{path}{join}device=nobody").values()
        assert first in ([], False)
