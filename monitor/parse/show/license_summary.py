"""`show license summary`: account and the table of licences in use.

Long tags are cut by the device and end in dots: `(C9300-48 Network Advan...)`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.parse.show import license_facts
from monitor.parse.show.license_data import Account, Authorization, Entitlement, Registration
from monitor.parse.show.license_sheet import NOTHING_IN_USE, SUMMARY_HEADER, Sheet, walk
from monitor.parse.show.license_status import status
from monitor.parse.show.license_usage import STATUSES, warn_about_tags
from monitor.parse.show.output import Command, Told
from monitor.parse.show.page import ALL_READ, Page, Unparsed

_CUT = re.compile(r".*\.{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table; `tag` ends in dots where the device has cut it."""

    name: str
    tag: str
    count: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseSummary:
    """`entitlements` is empty where the device says that no licence is in use."""

    entitlements: tuple[Row, ...] | None = None
    account: Account | None = None
    registration: Registration | None = None
    authorization: Authorization | None = None
    unparsed: Unparsed = ALL_READ


def read(page: Page) -> LicenseSummary:
    """The output's values."""
    sheet = walk(page)
    sections = status(page, sheet)
    rows = _rows(page, sheet)
    warn_about_tags(page, _entitlements(rows))
    return LicenseSummary(
        entitlements=rows,
        account=sections.account,
        registration=sections.registration,
        authorization=sections.authorization,
        unparsed=page.unparsed,
    )


def _rows(page: Page, sheet: Sheet) -> tuple[Row, ...] | None:
    # One row printed twice is one row: a device lists a tag once.
    rows = dict.fromkeys(sheet.rows)
    for *_, state in rows:
        if state.lower() not in STATUSES:
            page.unclear("Status", state, "a known state of a licence")
    found = tuple(
        Row(name=name, tag=tag, count=number, status=state) for name, tag, number, state in rows
    )
    return found or (() if sheet.nothing_in_use or sheet.table else None)


def _entitlements(rows: tuple[Row, ...] | None) -> tuple[Entitlement, ...]:
    return tuple(
        Entitlement(name=row.name, tag=row.tag, count=row.count, status=row.status)
        for row in rows or ()
        if not _CUT.fullmatch(row.tag)
    )


def tell(data: LicenseSummary) -> Iterator[Told]:
    """Facts."""
    yield from license_facts.account(data.account)
    yield from license_facts.registration(data.registration)
    yield from license_facts.authorization(data.authorization)
    # No rows may be a table that was cut off.
    yield from license_facts.entitlements(_entitlements(data.entitlements) or None)


COMMAND: Final = Command(
    name="show license summary",
    marks=frozenset(
        {"last renewal attempt", "export-controlled functionality", "next communication attempt"}
    ),
    titles=frozenset({"registration", "license authorization"}),
    patterns=(SUMMARY_HEADER, NOTHING_IN_USE),
    read=read,
    tell=tell,
)
