"""CSV exports of the licences of CSSM or SSM On-Prem, summary and detail level.

The header's words are matched without regard to case, order and punctuation; columns that are not
known are left alone, missing ones are unknown. Titles above the header are skipped, but a virtual
account that they name is taken.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.domain.instants import DAY
from monitor.errors import ParseError, ReadingError
from monitor.parse.cssm.inventory import (
    MOST_ROWS,
    Counts,
    Inventory,
    Line,
    Refusals,
    Shape,
    at_least_0,
    moment,
    status_word,
    whole,
    word,
    worse_status,
)

_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("license", "licence", "licensename", "licencename", "licensetitle", "entitlement",
             "entitlementname", "displayname", "licenses", "licensedisplayname"),
    "tag": ("tag", "entitlementtag", "licensetag"),
    "account": ("virtualaccount", "virtualaccountname", "localvirtualaccount", "account",
                "accountname", "va"),
    "smart": ("smartaccount", "smartaccountname", "smartaccountdomain"),
    "purchased": ("purchased", "purchasedquantity", "quantitypurchased", "prepaidentitled",
                  "entitled", "totalpurchased"),
    "quantity": ("quantity", "qty", "licensequantity"),
    "in_use": ("inuse", "used", "usage", "inuseqty", "inusequantity", "quantityinuse",
               "prepaidinuse", "consumed"),
    "available": ("available", "availabletouse", "availablequantity", "availabletouselicenses"),
    "reserved": ("reserved", "reservedquantity", "prepaidreserved"),
    "pending": ("pending", "pendingquantity"),
    "balance": ("balance", "surplusshortage", "surplus"),
    "status": ("status", "compliancestatus", "licensestatus", "compliance"),
    "sku": ("sku", "licensesku", "productsku"),
    "ends": ("expiration", "expirationdate", "expires", "expirydate", "enddate",
             "subscriptionenddate", "licenseexpirationdate"),
}  # fmt: skip
_FIELDS: Final = {title: field for field, titles in _HEADERS.items() for title in titles}
_NUMBERS: Final = frozenset({"purchased", "quantity", "in_use", "available", "balance"})
_DELIMITERS: Final = ",;\t|"
_HEADER_WITHIN: Final = 30
_MOST_CELLS: Final = 200
_LONGEST_CELL: Final = 4096
_ACCOUNT: Final = re.compile(r"virtual account(?: name)?\s*[:=,;\t|]\s*(\S.*)", re.IGNORECASE)
_DAY: Final = re.compile(r"(\d{4})-(\d{2}|[A-Za-z]{3})-(\d{1,2})")
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec"

Cells = Mapping[str, str]


@dataclass(slots=True)
class _Licence:
    """One licence of one account while its rows are read."""

    row: int
    summary: Counts | None = None
    status: str = ""
    quantities: list[int] = field(default_factory=list)
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Reader:
    account: str
    now: float
    refusals: Refusals
    licences: dict[tuple[str, str], _Licence]


def read_export(text: str, *, account: str, now: float) -> Inventory:
    """The inventory of a CSV text. `account`: where no column names one; empty: none is known.

    `now`: seconds since 1970 UTC, for terms that have ended. Raises ParseError for what is no such
    export.
    """
    rows = _rows(text)
    header, columns, told = _header(rows)
    if header is None:
        raise ParseError("no_header_of_licences")
    reader = _Reader(account or told, now, Refusals(), {})
    smart, before = "", ""
    for count, (row, cells) in enumerate(rows):
        if count >= MOST_ROWS:
            raise ParseError("too_many_rows")
        said = _said(columns, cells)
        if said:
            smart = smart or word(said.get("smart", ""))
            before = _take(reader, row, said, before)
    return _inventory(reader, smart)


def _rows(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    try:
        for cells in reader:
            yield reader.line_num, cells[:_MOST_CELLS]
    except csv.Error as error:
        raise ParseError("broken_csv") from error


def _delimiter(text: str) -> str:
    for line in text.splitlines()[:_HEADER_WITHIN]:
        for delimiter in sorted(_DELIMITERS, key=line.count, reverse=True):
            known = {_FIELDS.get(_folded(cell)) for cell in line.split(delimiter)}
            if line.count(delimiter) and known & {"name", "tag"} and known & _NUMBERS:
                return delimiter
    return ","


def _folded(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title[:_LONGEST_CELL].casefold())


def _header(
    rows: Iterator[tuple[int, Sequence[str]]],
) -> tuple[int | None, Mapping[int, str], str]:
    told = ""
    for row, cells in rows:
        fields = [_FIELDS.get(_folded(cell)) for cell in cells]
        if {"name", "tag"} & set(fields) and _NUMBERS & set(fields):
            return row, _first_of_each(fields), told
        named = _ACCOUNT.match(",".join(cells)[:_LONGEST_CELL].strip())
        told = word(named[1].rstrip(", ")) if named else told
        if row > _HEADER_WITHIN:
            break
    return None, {}, told


def _first_of_each(fields: Sequence[str | None]) -> Mapping[int, str]:
    places: dict[str, int] = {}
    for place, known in enumerate(fields):
        if known is not None:
            places.setdefault(known, place)
    return {place: known for known, place in places.items()}


def _said(columns: Mapping[int, str], cells: Sequence[str]) -> Cells:
    said = {known: cells[at].strip() for at, known in columns.items() if at < len(cells)}
    return said if any(said.values()) else {}


def _take(reader: _Reader, row: int, said: Cells, before: str) -> str:
    """Take one row; the licence it is about comes back, for rows of its terms below it."""
    tag, title = word(said.get("tag", "")), word(said.get("name", ""))
    term = bool(said.get("sku")) and not said.get("in_use")
    name = tag or title or (before if term else "")
    try:
        _taken(reader, row, said, name=name, title=title if tag else "", term=term)
    except ReadingError as error:
        reader.refusals.add(row, f"{name or 'row'}: {error}" if name else str(error))
    return name


def _taken(reader: _Reader, row: int, said: Cells, *, name: str, title: str, term: bool) -> None:
    account = word(said.get("account", "")) or reader.account
    if not name:
        raise ReadingError("License: the cell is empty")
    if not account:
        raise ReadingError("Virtual Account: no column names it; say which account it is of")
    counts = _counts(said)
    licence = reader.licences.setdefault((account, name), _Licence(row))
    if term:
        if not _ended(said, reader.now):
            quantity = at_least_0(said.get("quantity") or said.get("purchased"), "Quantity")
            licence.quantities += [] if quantity is None else [quantity]
        return
    if counts == Counts():
        raise ReadingError("no number of licences in it")
    licence.summary = counts if licence.summary is None else licence.summary.plus(counts)
    licence.status = worse_status(licence.status, status_word(said.get("status", "")))
    licence.title = licence.title or title


def _counts(said: Cells) -> Counts:
    purchased = said.get("purchased") or said.get("quantity")
    return Counts(
        purchased=at_least_0(purchased, "Purchased"),
        in_use=at_least_0(said.get("in_use"), "In Use"),
        available=whole(said.get("available"), "Available"),
        reserved=whole(said.get("reserved"), "Reserved"),
        pending=whole(said.get("pending"), "Pending"),
        balance=whole(said.get("balance"), "Balance"),
    )


def _ended(said: Cells, now: float) -> bool:
    ends = _end(said.get("ends", ""))
    expired = status_word(said.get("status", "")) in {"expired", "terminated"}
    return expired or (ends is not None and ends <= now)


def _end(text: str) -> float | None:
    """The end of a term: a moment, or the end of a day (`2026-11-30`, `2026-Nov-30`) in UTC."""
    found = _DAY.fullmatch(text)
    if found is None:
        return moment(text)
    month = found[2].casefold()
    number = f"{_MONTHS.index(month) // 4 + 1:02d}" if month in _MONTHS else month
    start = moment(f"{found[1]}-{number}-{found[3]:0>2}T00:00:00Z")
    return None if start is None else start + DAY


def _inventory(reader: _Reader, smart: str) -> Inventory:
    lines = []
    for (account, name), licence in reader.licences.items():
        counts = licence.summary
        if counts is None and licence.quantities:
            counts = Counts(purchased=sum(licence.quantities))
        if counts is not None:
            lines.append(
                Line(
                    account=account,
                    name=name,
                    counts=counts,
                    status=licence.status,
                    title=licence.title,
                )
            )
    return Inventory(
        shape=Shape.CSV,
        lines=tuple(lines),
        refused=tuple(reader.refusals.kept),
        refused_rows=reader.refusals.count,
        smart_account=smart,
    )
