"""The whole HTTP face as one ASGI application."""

from collections.abc import Callable
from typing import Final, Protocol

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry

from monitor import __version__
from monitor.domain.rum_ledger import RumLedger
from monitor.domain.state import FleetSnapshot
from monitor.expose import problem
from monitor.expose.archive import Archive
from monitor.expose.description import describe_whole
from monitor.expose.documents import STYLES as DOCUMENT_STYLES
from monitor.expose.documents import documents
from monitor.expose.guard import Doorkeeper, Guard
from monitor.expose.metrics import MetricsPage
from monitor.expose.overview_style import STYLES
from monitor.expose.report.style import STYLES as REPORT_STYLES
from monitor.expose.routes.accounts import Accounts
from monitor.expose.routes.audit import Audit, ReadAudit
from monitor.expose.routes.devices import Devices
from monitor.expose.routes.doctor import Diagnose, Doctor
from monitor.expose.routes.documents import Documents
from monitor.expose.routes.drift import Drifts
from monitor.expose.routes.findings import Findings
from monitor.expose.routes.history import History
from monitor.expose.routes.inventories import Inventories, TakeInventories
from monitor.expose.routes.operations import Operate, Operations
from monitor.expose.routes.own import Own
from monitor.expose.routes.pages import Outbox, Pages, Tells
from monitor.expose.routes.pairs import Pairs
from monitor.expose.routes.quieting import Causes, Quieting, Quiets
from monitor.expose.routes.readings import Readings
from monitor.expose.routes.recompute import Again, Recompute
from monitor.expose.routes.reload import Reloads
from monitor.expose.routes.reload import Take as Reload
from monitor.expose.routes.reports import Reports
from monitor.expose.routes.rum import Book, Rum, Shelf
from monitor.expose.routes.shipping import Shipping, Ships
from monitor.expose.routes.show import ShowUpload, Take
from monitor.expose.routes.upload import Ingest, Upload

_ABOUT: Final = """
Cisco CUBE Smart Licensing: acknowledgement deadlines, usage and findings.

Moments are RFC 3339 in UTC; parameters take them so, or as seconds since 1970. What is unknown is
null, never zero. Errors are problem details (RFC 9457).
"""


class Telling(Tells, Quiets, Protocol):
    """The notifier, with what keeps it quiet."""


def build_api(
    *,
    snapshot: Callable[[], FleetSnapshot],
    archive: Archive,
    ingest: Ingest,
    ready: Callable[[], str | None],
    registry: CollectorRegistry,
    door: Doorkeeper | None = None,
) -> FastAPI:
    """Join the resources.

    `snapshot` is called in worker threads, once an answer. `registry` holds the service's own
    counters only: /metrics writes the fleet after them. `ready` says why not, or None. `door` lets
    callers in; without one, whoever reaches loopback.
    """
    app = FastAPI(
        title="cube-license-monitor",
        version=__version__,
        description=_ABOUT,
        openapi_url="/api/v1/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        # A redirect would name the Host that the caller named.
        redirect_slashes=False,
    )
    problem.register(app)
    describe_whole(app)
    app.include_router(
        Own(snapshot=snapshot, ready=ready, page=MetricsPage(registry, snapshot)).router()
    )
    app.include_router(Documents(documents()).router())
    app.include_router(_version_1(snapshot, archive, ingest), prefix="/api/v1")
    styles = f"{STYLES} {REPORT_STYLES} {DOCUMENT_STYLES}"
    app.add_middleware(Guard, door=door or Doorkeeper(), styles=styles)
    return app


def accept_captures(app: FastAPI, take: Take) -> None:
    """Let captured output of routers in."""
    app.include_router(ShowUpload(take).router(), prefix="/api/v1")


def accept_inventories(app: FastAPI, take: TakeInventories) -> None:
    """Let inventories of CSSM in."""
    app.include_router(Inventories(take).router(), prefix="/api/v1")


def accept_operations(
    app: FastAPI, operate: Operate, snapshot: Callable[[], FleetSnapshot]
) -> None:
    """Let operators decide about devices."""
    app.include_router(Operations(operate, snapshot).router(), prefix="/api/v1")


def accept_recompute(app: FastAPI, again: Again, snapshot: Callable[[], FleetSnapshot]) -> None:
    """Let measurements be worked out again."""
    app.include_router(Recompute(again, snapshot).router(), prefix="/api/v1")


def accept_diagnosis(
    app: FastAPI, diagnose: Diagnose, snapshot: Callable[[], FleetSnapshot]
) -> None:
    """Let the doctor be asked."""
    app.include_router(Doctor(diagnose, snapshot).router(), prefix="/api/v1")


def show_shipping(app: FastAPI, ships: Ships) -> None:
    """Show how it stands with the databases outside."""
    app.include_router(Shipping(ships).router(), prefix="/api/v1")


def show_reports(
    app: FastAPI,
    archive: Archive,
    ledger: Callable[[str], RumLedger],
    snapshot: Callable[[], FleetSnapshot],
) -> None:
    """Show measured usage over a time."""
    app.include_router(Reports(archive, ledger, snapshot).router(), prefix="/api/v1")


def show_rum(app: FastAPI, book: Book, shelf: Shelf, snapshot: Callable[[], FleetSnapshot]) -> None:
    """Show usage reports of routers, and let files of them in."""
    before = len(app.router.routes)
    app.include_router(Rum(book, shelf, snapshot).router(), prefix="/api/v1")
    # `/devices/{name:path}` would take `/devices/.../rum` for itself: ours are looked at first.
    routes = app.router.routes
    routes[:] = [*routes[before:], *routes[:before]]


def show_pages(
    app: FastAPI,
    outbox: Outbox,
    tells: Telling,
    snapshot: Callable[[], FleetSnapshot],
    causes: Causes,
) -> None:
    """Show what people are told, and let them answer, silence and announce maintenance."""
    app.include_router(Pages(outbox, tells, snapshot).router(), prefix="/api/v1")
    app.include_router(Quieting(tells, snapshot, causes).router(), prefix="/api/v1")


def show_audit(app: FastAPI, read: ReadAudit) -> None:
    """Show who changed what."""
    app.include_router(Audit(read).router(), prefix="/api/v1")


def accept_reloads(app: FastAPI, take: Reload) -> None:
    """Let the configuration file be taken into use again."""
    app.include_router(Reloads(take).router())


def _version_1(
    snapshot: Callable[[], FleetSnapshot], archive: Archive, ingest: Ingest
) -> APIRouter:
    router = APIRouter()
    for resource in (
        Devices(snapshot),
        Findings(snapshot),
        Accounts(snapshot),
        Drifts(snapshot),
        Pairs(snapshot),
        History(archive),
        Readings(archive),
        Upload(ingest),
    ):
        router.include_router(resource.router())
    return router
