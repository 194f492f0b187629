"""`/rum`: what is refused, and how."""

from collections.abc import Callable
from typing import Any

import pytest

from monitor.domain.rum import RumFile, RumNote, RumPiece, RumRecords, RumSource, RumState
from monitor.domain.rum_ledger import RumLedger, ledger
from monitor.errors import ParseError
from monitor.expose.api import show_rum
from monitor.expose.routes import rum
from monitor.parse.rum import RumParsed, RumRefusal

UDI = "PID:C8300,SN:FDO1"
DIGEST = "ab" * 32


class Book:
    """Two routers; files that begin with `bad` hold nothing."""

    def __init__(self) -> None:
        self.brought: list[tuple[bytes, str]] = []

    async def bring(self, payload: bytes, name: str) -> RumParsed:
        if payload.startswith(b"bad"):
            raise ParseError("no RUM report in it")
        self.brought.append((payload, name))
        file = RumFile(digest=DIGEST, name=name, received=5, size=3, reports=1, refused=1)
        return RumParsed(
            records=RumRecords(notes=(note(UDI),), files=(file,)),
            reports=1,
            refused=1,
            refusals=(RumRefusal(7, "not JSON"),),
        )

    def subjects(self) -> list[str]:
        return [UDI, "berlin"]

    def owner(self, subject: str) -> str:
        return subject

    def known(self, subject: str) -> bool:
        return subject != UDI

    def ledger(self, subject: str) -> RumLedger:
        return ledger(subject, [note(subject)] if subject in self.subjects() else [])


def note(subject: str) -> RumNote:
    return RumNote(
        subject=subject, report_id=5, source=RumSource.FILE, state=RumState.SENT, seen=5, first=5
    )


class Shelf:
    """One file, one piece."""

    def rum_files(self) -> list[RumFile]:
        return [RumFile(digest=DIGEST, name="a", received=5, size=3, reports=1, refused=0)]

    def rum_file(self, digest: str) -> bytes | None:
        return b"a\x00b" if digest == DIGEST else None

    def rum_piece(self, digest: str) -> RumPiece | None:
        return RumPiece(digest=digest, data=b"\x00") if digest == DIGEST else None


@pytest.fixture
def book(face: Any) -> Book:
    book = Book()
    show_rum(face.app, book, Shelf(), lambda: face.fleet)
    return book


@pytest.mark.usefixtures("book")
def test_routers_by_name_alias_and_udi(face: Any) -> None:
    told = face.json("/api/v1/rum", limit=1, offset=1)
    assert (told["total"], [one["router"] for one in told["rum"]]) == (2, ["berlin"])
    by_alias = face.json("/api/v1/devices/SBC-Berlin/rum")
    assert by_alias["counts"]["sent"] == 1
    assert face.json(f"/api/v1/rum/routers/{UDI}")["attributed"] is False
    # A known device without any report has an empty ledger; the device's own page is still there.
    assert face.json("/api/v1/devices/oslo/rum")["reports"] == []
    assert face.json("/api/v1/devices/oslo")["id"] == "oslo"


@pytest.mark.usefixtures("book")
def test_bytes_come_as_they_are(face: Any) -> None:
    assert face.get(f"/api/v1/rum/files/{DIGEST}").content == b"a\x00b"
    assert face.get(f"/api/v1/rum/pieces/{DIGEST}").content == b"\x00"
    assert face.json("/api/v1/rum/files")["files"][0]["digest"] == DIGEST


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"rum/files/{'cd' * 32}", 404),
        (f"rum/pieces/{'cd' * 32}", 404),
        ("rum/files/nonsense", 400),
        ("rum/routers/nobody", 404),
        ("devices/nobody/rum", 404),
    ],
)
def test_what_is_not_there_is_a_problem(face: Any, path: str, status: int) -> None:
    answered = face.get(f"/api/v1/{path}")
    assert answered.status_code == status
    assert answered.headers["content-type"] == "application/problem+json"


def test_a_file_is_taken_or_refused(face: Any, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    send: Callable[..., Any] = face.ask
    taken = send("POST", "/api/v1/rum", params={"name": "usage.xml"}, content=b"\x00data")
    assert taken.json() == {
        "digest": DIGEST,
        "reports": 1,
        "refused": 1,
        "refusals": [{"position": 7, "reason": "not JSON"}],
        "routers": [UDI],
    }
    assert book.brought == [(b"\x00data", "usage.xml")]
    assert send("POST", "/api/v1/rum", content=b"bad").status_code == 422
    monkeypatch.setattr(rum, "LARGEST", 3)
    assert send("POST", "/api/v1/rum", content=b"four").status_code == 413
    monkeypatch.setattr(rum, "MOST_AT_ONCE", 0)
    assert send("POST", "/api/v1/rum", content=b"one").status_code == 503
