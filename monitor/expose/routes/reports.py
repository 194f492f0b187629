"""`/reports/usage`: measured usage over a time, as evidence for a true-up."""

import difflib
from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from monitor.domain.rum_ledger import RumLedger
from monitor.domain.state import FleetSnapshot
from monitor.errors import OperationError
from monitor.expose.archive import Archive
from monitor.expose.problem import Problem, describe
from monitor.expose.report.material import Material
from monitor.expose.report.page import as_page, zone_of
from monitor.expose.report.table import as_csv, as_table
from monitor.expose.report.usage import Asked, TooMuchError, usage_report
from monitor.expose.routes.asking import Name, second
from monitor.expose.routes.devices import find_device
from monitor.expose.views.report import UsageReportView
from monitor.expose.views.view import written

_Moment = Annotated[
    str, Query(max_length=64, description="RFC 3339 with its zone, or seconds since 1970 UTC.")
]
_NEAREST: Final = 3
_MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "table": "text/plain; charset=utf-8",
}


class Format(StrEnum):
    """Ways to write a report."""

    JSON = "json"
    CSV = "csv"
    HTML = "html"
    TABLE = "table"


def as_text(report: UsageReportView, form: Format) -> str:
    """The report in one of its forms."""
    match form:
        case Format.JSON:
            return report.model_dump_json() + "\n"
        case Format.CSV:
            return as_csv(report)
        case Format.HTML:
            return as_page(report)
        case Format.TABLE:
            return as_table(report)


class Reports:
    """Answers from archive, snapshot and the ledgers of usage reports."""

    def __init__(
        self,
        archive: Archive,
        ledger: Callable[[str], RumLedger],
        snapshot: Callable[[], FleetSnapshot],
    ) -> None:
        self._archive = archive
        self._ledger = ledger
        self._snapshot = snapshot

    def router(self) -> APIRouter:
        """Its route."""
        router = APIRouter(tags=["usage"])
        content: dict[str, dict[str, object]] = {
            media.partition(";")[0]: {} for media in _MEDIA.values()
        }
        router.add_api_route(
            "/reports/usage",
            self.usage,
            response_model=UsageReportView,
            summary="Measured usage over a time",
            responses={
                200: {"content": content},
                **describe(
                    HTTPStatus.BAD_REQUEST,
                    HTTPStatus.NOT_FOUND,
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                ),
            },
        )
        return router

    def usage(  # noqa: PLR0913 - one for each parameter
        self,
        *,
        start: Annotated[_Moment, Query(alias="from")],
        end: Annotated[_Moment | None, Query(alias="to", description="Now, unless given.")] = None,
        device: Name = None,
        account: Name = None,
        zone: Annotated[str, Query(max_length=100, description="IANA name.")] = "UTC",
        by: Annotated[str, Query(max_length=100, description="Who asks, for the page.")] = "",
        format: Format = Format.JSON,  # noqa: A002 - the parameter's name
    ) -> Response:
        """Measurements whose end lies in `(from, to]`, gaps, requests, what CSSM acknowledged."""
        fleet = self._snapshot()
        asked = Asked(
            start=second(start, "from") or 0,
            end=int(fleet.now) if end is None else second(end, "to") or 0,
            device=None if device is None else _device(fleet, device),
            account=None if account is None else _account(fleet, account),
            zone=zone,
            by=by,
        )
        try:
            zone_of(zone)
            material = fleet_material(self._archive, self._ledger, fleet)
            report = usage_report(asked, material, fleet.now)
            text = "" if format is Format.JSON else as_text(report, format)
        except TooMuchError as error:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error)) from error
        except OperationError as error:
            raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from error
        return Response(text, media_type=_MEDIA[format]) if text else written(report)


def _device(fleet: FleetSnapshot, name: str) -> str:
    if name in {one.id for one in fleet.retired}:
        return name
    return find_device(fleet, name).device.id


def _account(fleet: FleetSnapshot, name: str) -> str:
    known = {one.account.name for one in fleet.accounts}
    if name in known or name in {one.virtual_account for one in fleet.devices}:
        return name
    near = difflib.get_close_matches(name, known, n=_NEAREST)
    raise Problem(HTTPStatus.NOT_FOUND, f"no account is called {name!r}", nearest=near)


def fleet_material(
    archive: Archive, ledger: Callable[[str], RumLedger], fleet: FleetSnapshot
) -> Material:
    """The parts of a report as a running monitor has them: accounts by its newest judgement."""
    return Material(
        records=archive,
        accounts={one.device.id: one.virtual_account for one in fleet.devices},
        bought={
            (state.account.name, each.tag): each.purchased
            for state in fleet.accounts
            for each in state.balances
        },
        told=lambda device: ledger(device).told,
    )
