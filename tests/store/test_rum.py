"""Usage reports in the store: folded like in memory, files byte for byte, over restarts."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.domain.records import Batch
from monitor.domain.rum import (
    RISING,
    RumFile,
    RumKey,
    RumListing,
    RumMeasurement,
    RumNote,
    RumPiece,
    RumRecords,
    RumSource,
    fold,
)
from monitor.errors import StoreError
from monitor.store.embedded import EmbeddedStore

Opener = Callable[..., EmbeddedStore]

MEASURED = RumMeasurement(start=1, end=2, samples=3, value=4, close_reason="x", clock_change=-5)
NOTES = st.builds(
    RumNote,
    subject=st.sampled_from(["cube-1", "PID:x,SN:\udcff"]),
    report_id=st.integers(1, 3),
    source=st.sampled_from(RumSource),
    state=st.sampled_from(RISING),
    seen=st.floats(0, 5),
    first=st.floats(0, 5),
    feature=st.sampled_from(["", "CUBE_T_STD"]),
    start=st.none() | st.floats(1, 5),
    previous=st.none() | st.integers(1, 2**62),
    measurements=st.sampled_from([(), (MEASURED, RumMeasurement())]),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(NOTES, max_size=4), max_size=4))
def test_notes_fold_as_in_memory(opened: Opener, batches: list[list[RumNote]]) -> None:
    store = opened()
    sheet: dict[RumKey, RumNote] = {one.filed: one for one in store.rum_notes()}
    for notes in batches:
        kept = [note for note in notes if note.subject.isascii()]
        store.commit(Batch(rum=[RumRecords(notes=tuple(kept))]))
        fold(sheet, kept)
    assert {one.filed: one for one in store.rum_notes()} == sheet
    store.close()


def piece(data: bytes) -> RumPiece:
    return RumPiece(digest=sha256(data).hexdigest(), data=data)


def file(*data: bytes, **more: Any) -> tuple[RumFile, tuple[RumPiece, ...]]:
    pieces = tuple(piece(one) for one in data)
    whole = b"".join(data)
    said: dict[str, Any] = {"name": "usage.xml", "received": 5.0, "reports": 1, "refused": 0} | more
    digests = tuple(one.digest for one in pieces)
    return RumFile(
        digest=sha256(whole).hexdigest(), size=len(whole), pieces=digests, **said
    ), pieces


def test_files_come_back_byte_for_byte_after_a_restart(opened: Opener) -> None:
    store = opened()
    first, pieces = file(b"a\x00\xff", b"\r\n", b"a\x00\xff", b"")
    second, more = file(b"a\x00\xff", b"b", name="later.xml", received=6.0)
    listing = RumListing(subject="cube-1", first=1, first_highest=7, last=3, count=2)
    store.commit(Batch(rum=[RumRecords(files=(first,), pieces=pieces, listings=(listing,))]))
    store.commit(Batch(rum=[RumRecords(files=(second, first), pieces=(*more, *pieces))]))
    store.close()
    store = opened()
    assert store.rum_file(first.digest) == b"a\x00\xff\r\na\x00\xff"
    assert store.rum_file(second.digest) == b"a\x00\xffb"
    assert store.rum_file("0" * 64) is None
    assert store.rum_piece(more[1].digest) == more[1]
    assert store.rum_piece("0" * 64) is None
    assert [(one.name, one.size) for one in store.rum_files()] == [
        ("usage.xml", 8),
        ("later.xml", 4),
    ]
    assert store.rum_listings() == [listing]


def test_a_file_whose_pieces_are_not_there_is_damaged_not_shortened(store: EmbeddedStore) -> None:
    one, pieces = file(b"a", b"b")
    store.commit(Batch(rum=[RumRecords(files=(one,), pieces=pieces[:1])]))
    with pytest.raises(StoreError, match="damaged"):
        store.rum_file(one.digest)
