import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from monitor.errors import StoreError
from monitor.expose.intake import BLOCK, LONGEST_LINE, Blocks
from monitor.expose.routes import upload
from monitor.wire import ReadingLines, Receipt, Refusal

LINE = b'{"device":"berlin","tag":"CUBE_T_STD","source":"lab","time":1,"count":2}\n'
PATH = "/api/v1/readings"


def post(face: Any, content: Any, **headers: str) -> Any:
    return face.ask("POST", PATH, content=content, headers=headers)


def test_readings_are_answered_after_they_are_taken(face: Any) -> None:
    answered = post(face, LINE * 2, **{"content-type": "application/x-ndjson"})
    assert answered.status_code == 200
    assert answered.json() == {"accepted": 2, "refused": 0, "refusals": []}
    (batch,) = face.batches
    assert (batch.payload, batch.first_line, batch.origin) == (LINE * 2, 1, "127.0.0.1")
    assert batch.received > 1_600_000_000


def test_a_partly_refused_upload_is_200_with_the_lines_that_were_refused(face: Any) -> None:
    answered = post(face, LINE + b"nonsense\n" + LINE)
    assert answered.status_code == 200
    assert answered.json() == {
        "accepted": 2,
        "refused": 1,
        "refusals": [{"line": 2, "reason": "no JSON"}],
    }


def test_a_wholly_refused_upload_is_422_with_the_same_counts(face: Any) -> None:
    answered = post(face, b"nonsense\n" * 30)
    assert answered.status_code == 422
    assert answered.headers["content-type"] == "application/problem+json"
    body = answered.json()
    assert (body["accepted"], body["refused"], len(body["refusals"])) == (0, 30, 20)


def test_an_empty_upload_changes_nothing(face: Any) -> None:
    assert post(face, b"").json() == {"accepted": 0, "refused": 0, "refusals": []}
    assert face.batches == []


def test_a_large_upload_is_handed_on_in_blocks_of_whole_lines(face: Any) -> None:
    lines = 3 * BLOCK // len(LINE)
    assert post(face, LINE * lines).json()["accepted"] == lines
    assert len(face.batches) >= 3
    assert all(batch.payload.endswith(b"\n") for batch in face.batches)
    assert max(len(batch.payload) for batch in face.batches) < 2 * BLOCK
    taken = 1
    for batch in face.batches:
        assert batch.first_line == taken
        taken += batch.payload.count(b"\n")


def test_one_endless_line_is_refused_by_number_and_the_rest_goes_on(face: Any) -> None:
    body = post(face, LINE + b"x" * (3 * BLOCK) + b"\n" + LINE).json()
    assert body["accepted"] == 2
    assert body["refusals"] == [{"line": 2, "reason": f"line longer than {LONGEST_LINE:,} bytes"}]
    assert face.batches[-1].first_line == 3


def test_a_declared_size_above_the_cap_is_refused_unread(face: Any) -> None:
    answered = post(face, LINE, **{"content-length": str(upload.LARGEST_UPLOAD + 1)})
    assert answered.status_code == 413
    assert answered.json()["accepted"] == 0
    assert face.batches == []


class Instead:
    """An ingest that fails after some blocks."""

    def __init__(self, good: int) -> None:
        self.good = good

    def __call__(self, lines: ReadingLines) -> Receipt:
        if not self.good:
            raise StoreError("disk full")
        self.good -= 1
        return Receipt(accepted=lines.payload.count(b"\n"))


def test_a_store_that_refuses_is_503_and_says_what_was_taken_before(face: Any) -> None:
    face.ingest = Instead(1)
    answered = post(face, LINE * (2 * BLOCK // len(LINE)))
    assert answered.status_code == 503
    assert answered.headers["retry-after"] == "5"
    assert answered.json()["accepted"] > 0
    assert answered.json()["detail"] == "disk full"


def test_reasons_are_bounded(face: Any) -> None:
    refusals = [Refusal(line=1, reason="x" * 10_000)]
    face.ingest = lambda _: Receipt(accepted=1, refused=1, refusals=refusals)
    assert len(post(face, LINE).json()["refusals"][0]["reason"]) == 200


@pytest.mark.parametrize(
    "headers", [{"content-type": "multipart/form-data; boundary=x"}, {"content-encoding": "gzip"}]
)
def test_forms_and_compressed_bodies_are_refused(face: Any, headers: dict[str, str]) -> None:
    assert post(face, LINE, **headers).status_code == 415
    assert face.batches == []


class Pieces:
    """A request whose body comes in given pieces and then, perhaps, never ends."""

    client = None

    def __init__(self, pieces: list[bytes], *, ends: bool, leaves: bool = False) -> None:
        self.headers: dict[str, str] = {}
        self._pieces = pieces
        self._ends = ends
        self._leaves = leaves

    async def stream(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        if self._leaves:
            raise ClientDisconnect
        if not self._ends:
            await asyncio.Event().wait()


def take(request: Pieces, largest: int = 1_000) -> Any:
    async def ingest(lines: ReadingLines) -> Receipt:
        return Receipt(accepted=lines.payload.count(b"\n"))

    resource = upload.Upload(ingest, largest)
    return asyncio.run(resource.take(request))  # type: ignore[arg-type]  # what it needs of one


def test_an_undeclared_size_above_the_cap_is_cut_off() -> None:
    assert take(Pieces([LINE] * 20, ends=True)).status_code == 413
    assert take(Pieces([LINE] * 2, ends=True)).status_code == 200


def test_an_upload_that_stands_still_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "_IDLE_SECONDS", 0.0)
    assert take(Pieces([], ends=False)).status_code == 408


def test_what_a_sender_brought_before_it_went_away_stays() -> None:
    lines = BLOCK // len(LINE) + 1
    answered = take(Pieces([LINE * lines], ends=True, leaves=True), 10 * BLOCK)
    assert answered.status_code == 400
    assert json.loads(answered.body)["accepted"] > 0


def test_more_uploads_than_the_cap_are_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MOST_AT_ONCE", 0)
    answered = take(Pieces([LINE], ends=True))
    assert answered.status_code == 503
    assert answered.headers["retry-after"] == "5"


def pieces_of(payload: bytes, cuts: list[int]) -> Iterator[bytes]:
    at = 0
    for cut in [*cuts, len(payload)]:
        yield payload[at : at + cut]
        at += cut


@settings(deadline=None)
@given(
    st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"")), max_size=30),
    st.lists(st.integers(1, 40), max_size=20),
)
def test_blocks_keep_every_line_and_its_number_however_it_is_cut(
    lines: list[bytes], cuts: list[int]
) -> None:
    payload = b"\n".join(lines)
    blocks = Blocks()
    found = [block for piece in pieces_of(payload, cuts) for block in blocks.feed(piece)]
    found += blocks.end()
    assert b"".join(block.payload for block in found) == payload
    assert [block.first_line for block in found] == ([1] if payload else [])


def test_a_long_line_with_its_end_in_a_later_piece_is_left_out_once() -> None:
    blocks = Blocks()
    fed = [b"a\nb", b"x" * (LONGEST_LINE + 1), b"yy", b"z\nlast", b"\nrest"]
    found = [block for piece in fed for block in blocks.feed(piece)] + list(blocks.end())
    assert [(each.first_line, each.payload, each.too_long) for each in found] == [
        (1, b"a\n", False),
        (2, b"", True),
        (3, b"last\nrest", False),
    ]
