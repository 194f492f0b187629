"""`/rum`: usage (RUM) reports of routers, what is missing of them, and files of them."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Final, Protocol

from fastapi import APIRouter, Path, Query, Request, Response

from monitor.domain.rum import RumFile, RumPiece, RumRecords
from monitor.domain.rum_ledger import RumLedger
from monitor.domain.state import FleetSnapshot
from monitor.errors import ParseError
from monitor.expose.problem import Problem, describe
from monitor.expose.routes.asking import Limit, Offset
from monitor.expose.routes.body import PROBLEMS, body
from monitor.expose.routes.devices import find_device
from monitor.expose.views.rum import (
    RumFilesView,
    RumLedgerView,
    RumReceiptView,
    RumRefusalView,
    RumRoutersView,
    file_view,
    ledger_view,
    router_view,
)
from monitor.expose.views.view import written

LARGEST: Final = 32 << 20
MOST_AT_ONCE: Final = 2
_SECONDS: Final = 60.0
_BYTES: Final = "application/octet-stream"
_TAGS: Final = ["rum"]

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256, hexadecimal.")]


class Brought(Protocol):
    """What came of bringing a file."""

    @property
    def records(self) -> RumRecords: ...
    @property
    def reports(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def refusals(self) -> Sequence[tuple[int, str]]:
        """(byte at which a report begins, why it was not taken)."""
        ...


class Book(Protocol):
    """Who knows the reports of routers."""

    async def bring(self, payload: bytes, name: str) -> Brought:
        """Take a file; ParseError where it holds no report."""
        ...

    def subjects(self) -> Sequence[str]:
        """Routers by name, or by UDI where nobody knows them."""
        ...

    def owner(self, subject: str) -> str:
        """The device of a UDI; any other subject as it is."""
        ...

    def known(self, subject: str) -> bool:
        """Whether a subject is a known device."""
        ...

    def ledger(self, subject: str) -> RumLedger:
        """What is known of one router's reports."""
        ...


class Shelf(Protocol):
    """Where the files are kept."""

    def rum_files(self) -> Sequence[RumFile]: ...
    def rum_file(self, digest: str) -> bytes | None: ...
    def rum_piece(self, digest: str) -> RumPiece | None: ...


class Rum:
    """Answers from the book and the shelf."""

    def __init__(self, book: Book, shelf: Shelf, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._book = book
        self._shelf = shelf
        self._snapshot = snapshot
        self._running = 0

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=list(_TAGS))
        absent = describe(HTTPStatus.NOT_FOUND)
        router.add_api_route(
            "/rum", self.all, response_model=RumRoutersView, summary="Usage reports by router"
        )
        self._add_bringing(router)
        router.add_api_route(
            "/rum/files", self.files, response_model=RumFilesView, summary="Files brought"
        )
        for path, call in (("files", self.file), ("pieces", self.piece)):
            router.add_api_route(
                f"/rum/{path}/{{digest}}",
                call,
                summary="A file as it was brought" if path == "files" else "One report's bytes",
                response_class=Response,
                responses={200: {"content": {_BYTES: {}}}, **absent},
            )
        for path in ("/rum/routers/{name:path}", "/devices/{name:path}/rum"):
            router.add_api_route(
                path,
                self.one,
                response_model=RumLedgerView,
                summary="Usage reports of one router",
                responses=absent,
            )
        return router

    def _add_bringing(self, router: APIRouter) -> None:
        router.add_api_route(
            "/rum",
            self.bring,
            methods=["POST"],
            summary="Bring a file of usage reports or an acknowledgement",
            response_model=RumReceiptView,
            openapi_extra={"requestBody": {"required": True, "content": {_BYTES: {}}}},
            responses=describe(
                *PROBLEMS,
                HTTPStatus.UNPROCESSABLE_ENTITY,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        )

    def all(self, limit: Limit = 1_000, offset: Offset = 0) -> Response:
        """Routers with reports: how many are in which state, and what CSSM can know."""
        subjects = self._book.subjects()
        views = [
            router_view(self._book.ledger(one), attributed=self._book.known(one))
            for one in subjects[offset : offset + limit]
        ]
        return written(RumRoutersView(total=len(subjects), offset=offset, rum=views))

    def one(
        self,
        name: Annotated[str, Path(max_length=255, description="A device, or a router's UDI.")],
    ) -> Response:
        """All reports of one router, gaps between them, and what CSSM can know."""
        subject = self._book.owner(name)
        if subject not in self._book.subjects():
            subject = find_device(self._snapshot(), name).device.id
        return written(
            ledger_view(self._book.ledger(subject), attributed=self._book.known(subject))
        )

    def files(self) -> Response:
        """Files that were brought, oldest first."""
        return written(RumFilesView(files=[file_view(one) for one in self._shelf.rum_files()]))

    def file(self, digest: Digest) -> Response:
        """The very bytes that were brought."""
        data = self._shelf.rum_file(digest)
        if data is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"no file with the digest {digest} was brought")
        return Response(data, media_type=_BYTES)

    def piece(self, digest: Digest) -> Response:
        """The very bytes of one report."""
        found = self._shelf.rum_piece(digest)
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"no report with the digest {digest} was brought")
        return Response(found.data, media_type=_BYTES)

    async def bring(
        self,
        request: Request,
        name: Annotated[str, Query(max_length=200, description="Of the file, for people.")] = "",
    ) -> Response:
        """Take a file; answered after its commit. Bad reports are refused one by one.

        A file without any report or acknowledgement is answered with 422.
        """
        if self._running >= MOST_AT_ONCE:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_AT_ONCE} files are being taken already"
            )
        self._running += 1
        try:
            brought = await self._book.bring(
                await body(request, largest=LARGEST, seconds=_SECONDS), name
            )
        except ParseError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, error.reason) from error
        finally:
            self._running -= 1
        return written(_receipt(brought))


def _receipt(brought: Brought) -> RumReceiptView:
    return RumReceiptView(
        digest=brought.records.files[0].digest,
        reports=brought.reports,
        refused=brought.refused,
        refusals=[
            RumRefusalView(position=position, reason=reason)
            for position, reason in brought.refusals
        ],
        routers=sorted({note.subject for note in brought.records.notes}),
    )
